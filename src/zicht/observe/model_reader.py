"""A language model asked to read a report: an own machine's, or anybody's with the same interface.

Off unless asked for. The report's sentences leave this machine for the address that is named.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError
from zicht.http import host_of, post
from zicht.reports.extraction import read_answer, request_of

if TYPE_CHECKING:
    from zicht.reports.extraction import Extracted
    from zicht.reports.reading import Report

KEY = "ZICHT_MODEL_KEY"
"""The environment's variable with the key of the interface; it is never shown."""

_LARGEST = 4 << 20  # bytes of an answer


def ask_model(report: Report, *, model: str, address: str) -> Extracted:
    """The claims of a report as the rules and a model read them.

    Args:
        report: the report.
        model: the model's name.
        address: of the interface, up to and with its version, such as http://127.0.0.1:8000/v1.

    Raises:
        InputError: the answer is not what was asked for.
        SourceUnreachableError: nobody answers there.
        UsageError: the address is none.
    """
    host_of(address)
    key = os.environ.get(KEY, "").strip()
    if not key.isascii() or not key.isprintable():
        raise UsageError(f"{KEY} holds what no key can be.")
    answer = post(
        f"{address.rstrip('/')}/chat/completions",
        msgspec.json.encode(request_of(report, model)),
        sends="application/json",
        accept="application/json",
        headers={"Authorization": f"Bearer {key}"} if key else None,
        largest=_LARGEST,
    )
    return read_answer(report, answer)
