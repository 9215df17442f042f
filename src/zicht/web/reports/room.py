"""The process in which reports of readers are read: apart from the pages, and ended if it is slow.

What a text does to whoever reads it, it does here: pages are served on meanwhile.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import InputError, StoreError, UsageError, ZichtError
from zicht.model.time import format_time
from zicht.observe.workers import settle
from zicht.publish.language import language
from zicht.reports.corrections import read_corrections, says_anything, skeleton
from zicht.reports.reading import publication
from zicht.store import open_store
from zicht.web.addresses import chart_page, with_parameters
from zicht.web.reports.questions import Fault, File, Question, Reply
from zicht.web.tracing import place_of

if TYPE_CHECKING:
    from datetime import datetime
    from multiprocessing.connection import Connection

    from zicht.model.claim import Published
    from zicht.observe.checking import Checking
    from zicht.store import Store

READY = b"ready"

IDLE = 600.0
"""Seconds without a question after which the process ends; it is started again when needed."""

_NICE = 5  # pages go before
_SIDE = "side.toml"


def serve(line: Connection, store_address: str) -> None:
    """Answer questions that come on a line until it is closed, or none has come for long."""
    settle()
    with suppress(OSError):
        os.nice(_NICE)
    store = open_store(store_address)
    _warm(store)
    line.send_bytes(READY)
    with suppress(EOFError, OSError):
        while line.poll(IDLE):
            question = msgspec.msgpack.decode(line.recv_bytes(), type=Question)
            line.send_bytes(msgspec.msgpack.encode(answer(store, question)))


def _warm(store: Store) -> None:
    """Load what is slow to load, by a text of our own on a place that is measured."""
    codes = sorted(
        entity.removeprefix("country/")
        for _, entity in store.keys()  # noqa: SIM118 - a store is no dict
        if entity.startswith("country/")
    )
    name = language("en").country(codes[0]) if codes else "Kazakhstan"
    text = f"The internet was cut in {name} on Monday."
    answer(store, Question(of="check", files=(File(name="", data=text.encode()),), language="en"))


def answer(store: Store, question: Question) -> Reply:
    """The answer to a question; whatever is wrong is told in it."""
    try:
        return _ledger(store, question) if question.of == "ledger" else _check(store, question)
    except ZichtError as error:
        return Reply(fault=_fault(error), message=error.message, hint=error.hint or "")
    except Exception as error:  # noqa: BLE001 - a text may bring to light any mistake of ours
        return Reply(fault="ours", message=f"{type(error).__name__} at {place_of(error)}")


def _fault(error: ZichtError) -> Fault:
    if isinstance(error, StoreError):
        return "store"
    if isinstance(error, InputError):
        return "input"
    return "usage" if isinstance(error, UsageError) else "ours"


def _published(question: Question) -> Published | None:
    return publication(question.published) if question.published else None


def _check(store: Store, question: Question) -> Reply:
    from zicht.observe.checking import hold_report  # noqa: PLC0415 - loads Numba

    [file] = question.files
    side = read_corrections(question.side.encode(), _SIDE) if question.side else None
    is_blank = side is None or not says_anything(side)
    checking = hold_report(
        store,
        file.data,
        name=file.name,
        kind=file.kind,
        published=_published(question),
        language=question.language or None,
        corrections=side,
        as_of=question.as_of,
    )
    checked = checking.checked
    return Reply(
        body=_checked_as(question, checking),
        simulated=checked.simulated,
        found=len(checked.claims),
        side=skeleton(checked.sha256, checked.claims) if is_blank else question.side,
    )


def _checked_as(question: Question, checking: Checking) -> bytes:
    from zicht.observe.check_page import checked_body  # noqa: PLC0415 - likewise
    from zicht.publish.checked_text import card, card_picture  # noqa: PLC0415 - loads the renderer
    from zicht.publish.render import render_png  # noqa: PLC0415 - loads the renderer

    checked, words = checking.checked, language(question.words)
    match question.wanted:
        case "json":
            return msgspec.json.encode(checked)
        case "toml":
            return skeleton(checked.sha256, checked.claims).encode()
        case "md":
            return card(words, checked, question.claim).encode()
        case "png":
            return render_png(card_picture(words, checked, question.claim))
        case _:
            return checked_body(checking, words, partial(_chart_address, question)).encode()


def _chart_address(question: Question, entity: str, start: datetime, until: datetime) -> str:
    known = {"as_of": format_time(question.as_of)} if question.as_of else {}
    stretch = {"from": format_time(start), "until": format_time(until)}
    return with_parameters(f"{question.prefix}{chart_page(entity)}", known | stretch)


def _ledger(store: Store, question: Question) -> Reply:
    from zicht.observe.ledger_page import ledger_body  # noqa: PLC0415 - needed for ledgers alone
    from zicht.observe.ledgers import ledger  # noqa: PLC0415 - loads Numba

    rows = ledger(
        store,
        [(one.data, one.name) for one in question.files],
        kinds=[one.kind for one in question.files],
        published=_published(question),
        language=question.language or None,
        as_of=question.as_of,
    )
    simulated = any(one.simulated for one in store.events(as_of=question.as_of))
    if question.wanted == "json":
        return Reply(body=msgspec.json.encode(rows), simulated=simulated, found=len(rows))
    body = ledger_body(rows, language(question.words)).encode()
    return Reply(body=body, simulated=simulated, found=len(rows))
