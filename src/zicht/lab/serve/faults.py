"""Faults on demand: what a server of the lab does wrong, on which paths and when.

A fault is chosen by the service, the path, the world's time and how often that path was asked for,
so that the same requests meet the same faults. They are written in TOML:

    [[fault]]
    service = "ioda"               # shell pattern; all of them when not given
    path = "/v2/signals/*"         # shell pattern of the path without its query
    kind = "unavailable"
    begin = 2022-01-05T10:00:00Z   # of the world; from the first on when not given
    end = 2022-01-05T12:00:00Z
    first = 3                      # only the first three requests for each path
    share = 0.5                    # only so many of them, drawn by the seed
    seconds = 30
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from zicht.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal[
    "error",
    "unavailable",
    "too-many",
    "slow",
    "trickle",
    "cut",
    "reset",
    "malformed",
    "html",
    "length",
    "redirect",
    "empty",
    "stale",
]
"""What is done wrong.

error: 500, or ``code``. unavailable: 503 with Retry-After. too-many: 429 with Retry-After. slow:
the answer begins ``seconds`` late. trickle: the body takes ``seconds``. cut: the connection ends
after ``bytes`` of the body. reset: it ends before anything is said. malformed: the middle of the
body is overwritten. html: a log-in page with 200 instead. length: Content-Length says ``bytes``
too many, or too few. redirect: to ``location``. empty: 200 with no body. stale: the answer of
``seconds`` before, or since ``begin`` the very same one.
"""

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Log in</title></head>\n<body><h1>Welcome</h1>"
    b'<form action="/login"><input name="user"></form></body></html>\n'
)


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault, as the module's text describes it.

    Attributes:
        kind: what is done wrong.
        service: shell pattern of the service's name.
        path: shell pattern of the path.
        begin: from this time of the world on.
        end: before this time of the world.
        first: only the first so many requests for a path.
        share: only so many of the requests, from 0 to 1.
        code: the status of ``error`` and of ``redirect``.
        seconds: of ``unavailable`` and ``too-many`` what Retry-After asks for; of ``slow``,
            ``trickle`` and ``stale`` how long.
        bytes: of ``cut`` after how many, of ``length`` by how many it is wrong.
        location: where ``redirect`` leads.
    """

    kind: Kind
    service: str = "*"
    path: str = "*"
    begin: datetime | None = None
    end: datetime | None = None
    first: int | None = None
    share: float = 1.0
    code: int | None = None
    seconds: float | None = None
    bytes: int = 1
    location: str = "https://login.invalid/"


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Faults in order: the first that applies to a request is the one that it meets."""

    fault: tuple[Fault, ...] = ()
    seed: int = 0


class Answer(NamedTuple):
    """What a service answers.

    Attributes:
        code: of HTTP.
        body: all of it.
        headers: beside Content-Length, Date and Connection, which the server gives.
    """

    code: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Spoken(NamedTuple):
    """What goes over the wire for an answer, right or wrong.

    Attributes:
        answer: code, headers and the body's bytes.
        length: what Content-Length says.
        before: real seconds before the first byte.
        during: real seconds that the body takes.
        sent: how many bytes of the body are sent before the connection ends; all if ``None``.
        silent: whether the connection ends before anything is said.
    """

    answer: Answer
    length: int
    before: float = 0.0
    during: float = 0.0
    sent: int | None = None
    silent: bool = False


def read_faults(data: bytes, *, name: str) -> Faults:
    """Read faults from TOML.

    Raises:
        InputError: it is no such file; the text says where and what was expected.
    """
    try:
        faults = msgspec.toml.decode(data, type=Faults)
    except msgspec.MsgspecError as error:
        raise InputError(f"{name} holds no faults that are known: {error}.", _HELP) from None
    for fault in faults.fault:
        for time in (fault.begin, fault.end):
            if time is not None and time.utcoffset() is None:
                raise InputError(f"{name}: {time} has no zone.", "Write 2022-01-05T10:45:00Z.")
        if not 0 <= fault.share <= 1:
            raise InputError(f"{name}: a share of {fault.share} is not from 0 to 1.", _HELP)
    return faults


_HELP = "docs/lab-services.md tells how faults are written."


def met(faults: Faults, service: str, path: str, now: datetime, before: int) -> Fault | None:
    """The fault that a request meets, if any.

    Args:
        faults: all there are.
        service: the service's name.
        path: what is asked for, without its query.
        now: the world's time.
        before: how often this path of this service was asked for before.
    """
    for fault in faults.fault:
        if (
            fnmatchcase(service, fault.service)
            and fnmatchcase(path, fault.path)
            and (fault.begin is None or now >= fault.begin)
            and (fault.end is None or now < fault.end)
            and (fault.first is None or before < fault.first)
            and _drawn(faults.seed, service, path, before) < fault.share
        ):
            return fault
    return None


def _drawn(seed: int, service: str, path: str, before: int) -> float:
    """A number from 0 to below 1 that only these determine."""
    text = f"{seed} {service} {path} {before}".encode()
    return int.from_bytes(blake2b(text, digest_size=6).digest(), "big") / 2**48


def told_at(fault: Fault | None, now: datetime) -> datetime:
    """As of which time of the world a service answers: ``now``, but for what is stale."""
    if fault is None or fault.kind != "stale":
        return now
    if fault.seconds is not None:
        return now - timedelta(seconds=fault.seconds)
    return now if fault.begin is None else fault.begin


def spoken(answer: Answer, fault: Fault | None) -> Spoken:
    """What goes over the wire, of the right answer and a fault."""
    if fault is None:
        return Spoken(answer, len(answer.body))
    if fault.kind in _INSTEAD:
        return _INSTEAD[fault.kind](fault)
    return _SPOILT[fault.kind](Spoken(answer, len(answer.body)), fault)


def _instead(code: int, text: bytes, *headers: tuple[str, str]) -> Spoken:
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return Spoken(Answer(code, text, (kind, *headers)), len(text))


def _with_body(said: Spoken, body: bytes) -> Spoken:
    return Spoken(said.answer._replace(body=body), len(body))


def _broken(body: bytes) -> bytes:
    """With a NUL and a stray quote in its middle, which no format allows."""
    middle = len(body) // 2
    return body[:middle] + b'\0"]' + body[middle + 3 :]


def _seconds(fault: Fault) -> float:
    return 10.0 if fault.seconds is None else fault.seconds


def _retry_after(fault: Fault) -> tuple[str, str]:
    return "Retry-After", f"{_seconds(fault):.0f}"


_INSTEAD: dict[str, Callable[[Fault], Spoken]] = {
    "error": lambda fault: _instead(fault.code or 500, b"Internal Server Error\n"),
    "unavailable": lambda fault: _instead(503, b"Service Unavailable\n", _retry_after(fault)),
    "too-many": lambda fault: _instead(429, b"Too Many Requests\n", _retry_after(fault)),
    "redirect": lambda fault: _instead(fault.code or 302, b"", ("Location", fault.location)),
    "html": lambda _: Spoken(
        Answer(200, _PAGE, (("Content-Type", "text/html; charset=utf-8"),)), len(_PAGE)
    ),
}
"""What is said instead of the answer."""

_SPOILT: dict[str, Callable[[Spoken, Fault], Spoken]] = {
    "empty": lambda said, _: _with_body(said, b""),
    "malformed": lambda said, _: _with_body(said, _broken(said.answer.body)),
    "slow": lambda said, fault: said._replace(before=_seconds(fault)),
    "trickle": lambda said, fault: said._replace(during=_seconds(fault)),
    "cut": lambda said, fault: said._replace(sent=max(0, min(fault.bytes, said.length - 1))),
    "length": lambda said, fault: said._replace(length=max(0, said.length + fault.bytes)),
    "reset": lambda said, _: said._replace(silent=True),
    "stale": lambda said, _: said,  # what it is of was chosen before it was made
}
"""What becomes of the answer."""
