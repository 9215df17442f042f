"""Answers of Cloudflare Radar's API, after its public documentation.

https://developers.cloudflare.com/api/resources/radar/: an envelope with ``success``, ``errors`` and
``result``; a series is ``result.serie_0`` with ``timestamps`` and a list of values for each name,
numbers written as words. ``result.meta`` tells the step (``aggInterval``) and how values are
normalised. No recording of a series was at hand.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from zicht.errors import InputError
from zicht.model.time import to_microseconds
from zicht.sources.answers import check_time, decode, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.service import Answer

TITLE = "Cloudflare Radar"
_NOTHING = msgspec.Raw(b"null")
_STEPS = {
    "FIFTEEN_MINUTES": 900,
    "ONE_HOUR": 3600,
    "ONE_DAY": 86_400,
    "ONE_WEEK": 604_800,
}


class _Error(msgspec.Struct):
    message: str = ""
    code: int | None = None


class _Meta(msgspec.Struct, rename="camel"):
    agg_interval: str
    normalization: str | None = None


class _Result(msgspec.Struct):
    serie_0: dict[str, list[Any]]
    meta: _Meta


class _Envelope(msgspec.Struct):
    success: bool
    errors: list[_Error] = []
    result: msgspec.Raw = _NOTHING


def read_result(answer: Answer) -> bytes:
    """What an envelope holds.

    Raises:
        InputError: it is none, or says that something was wrong.
    """
    envelope = decode(answer.data, _Envelope, name=answer.name, service=TITLE)
    if not envelope.success:
        said = "; ".join(one.message for one in envelope.errors) or "nothing of why"
        raise InputError(
            f"Cloudflare Radar refuses {answer.name}; it says: {said[:200]}.",
            "Ask for something else, or look at the token's rights.",
        )
    if envelope.result == _NOTHING:
        raise _changed(f"{answer.name} holds no 'result'.")
    return bytes(envelope.result)


def read_series(
    answer: Answer, column: str, *, normalisation: str | None = None
) -> tuple[int, NDArray[np.int64], NDArray[np.float64]]:
    """A series: its step in seconds, int64[n] times in microseconds, float64[n] values.

    Args:
        answer: what was received.
        column: which of the series' lists.
        normalisation: what the values must be said to be, where that is said.

    Raises:
        InputError: it is no such answer.
    """
    name = answer.name
    result = decode(read_result(answer), _Result, name=name, service=TITLE)
    step = _STEPS.get(result.meta.agg_interval)
    if step is None:
        raise _changed(f"{name} has a step of {result.meta.agg_interval[:40]!r}.")
    stated = result.meta.normalization
    if normalisation and stated not in {None, normalisation}:
        raise _changed(f"{name} is normalised by {stated!r}, not by {normalisation}.")
    for needed in ("timestamps", column):
        if needed not in result.serie_0:
            raise _changed(f"{name}: serie_0 has no {needed!r}.")
    stamps, words = result.serie_0["timestamps"], result.serie_0[column]
    if len(stamps) != len(words):
        raise _changed(f"{name} has {len(stamps)} times and {len(words)} values.")
    times = [_time(stamp, name) for stamp in stamps]
    values = [number(word, name=name, field=column) for word in words]
    return step, np.array(times, dtype=np.int64), np.array(values, dtype=np.float64)


def _time(stamp: Any, name: str) -> int:
    try:
        time = datetime.fromisoformat(stamp)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
        check_time(int(time.timestamp()), name=name, field="timestamps")
        return to_microseconds(time)
    except (TypeError, ValueError, OverflowError):
        raise _changed(f"{name} has {str(stamp)[:40]!r} in timestamps, which is no time.") from None


def _changed(message: str) -> InputError:
    return InputError(message, "The service may have changed.")
