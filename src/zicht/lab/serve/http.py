"""A small server of HTTP/1.1 on the loopback that can also do wrong, as ``faults`` says.

No server of a library would send a wrong Content-Length or cut itself off, so this one writes the
bytes itself. Right answers carry an ETag, and a request may ask for what changed (If-None-Match,
RFC 9110, section 13) or for a range (section 14).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from email.utils import format_datetime
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from zicht.http import LAB
from zicht.lab.serve.faults import Answer, Faults, Spoken, met, spoken, told_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from zicht.lab.clock import LabClock

LOOPBACK = "127.0.0.1"
_LONGEST_HEAD = 32768  # bytes
_PIECE = 65536  # bytes written at once
_TRICKLES = 20  # pieces of a body that trickles


class Request(NamedTuple):
    """What a client asks for.

    Attributes:
        method: GET, HEAD ...
        path: without the query, decoded.
        query: names and values in order.
        headers: their names in small letters; of several with one name the last.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def asked(self, name: str) -> str | None:
        """The last value of a name in the query."""
        return dict(self.query).get(name)

    def header(self, name: str) -> str | None:
        """The value of a header, its name in small letters."""
        return dict(self.headers).get(name)


class Service(NamedTuple):
    """A service that answers requests.

    Attributes:
        name: what faults call it.
        answer: gives the answer to a request at a time of the world; pure.
    """

    name: str
    answer: Callable[[Request, datetime], Answer]


@asynccontextmanager
async def serving(
    service: Service, clock: LabClock, faults: Faults, port: int = 0
) -> AsyncIterator[str]:
    """Serve on the loopback; yields the address, such as ``http://127.0.0.1:8000``.

    Args:
        service: who answers.
        clock: the world's time.
        faults: what goes wrong.
        port: where to listen; any free one if 0.

    Raises:
        OSError: the port is taken.
    """
    before: Counter[str] = Counter()
    turn = asyncio.Lock()  # one answer at a time, in a thread, so that other servers go on

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                now = clock.now()
                fault = met(faults, service.name, request.path, now, before[request.path])
                before[request.path] += 1
                async with turn:
                    as_of = told_at(fault, now)
                    answer = await asyncio.to_thread(_answer, service, request, as_of)
                if not await _write(writer, request, spoken(answer, fault), now):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away, or talks nonsense
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    talks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(talk(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(begin, LOOPBACK, port, limit=_LONGEST_HEAD)
    try:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        open_talks = tuple(talks)
        for task in open_talks:
            task.cancel()
        await asyncio.gather(*open_talks, return_exceptions=True)
        await server.wait_closed()


def _answer(service: Service, request: Request, now: datetime) -> Answer:
    if request.method not in {"GET", "HEAD"}:
        return Answer(HTTPStatus.METHOD_NOT_ALLOWED, b"", (("Allow", "GET, HEAD"),))
    answer = service.answer(request, now)
    return conditional(request, answer) if answer.code == HTTPStatus.OK else answer


def conditional(request: Request, answer: Answer) -> Answer:
    """The answer with its ETag; 304 where the client has it, 206 where it asks for a part."""
    etag = f'"{blake2b(answer.body, digest_size=8).hexdigest()}"'
    tagged = answer._replace(headers=(*answer.headers, ("ETag", etag), ("Accept-Ranges", "bytes")))
    if request.header("if-none-match") == etag:
        return tagged._replace(code=HTTPStatus.NOT_MODIFIED, body=b"")
    asked = request.header("range")
    if asked is None or request.header("if-range") not in {None, etag}:
        return tagged
    first, last = _range(asked, len(answer.body))
    if first is None:
        return tagged
    length = len(answer.body)
    if first >= length or first > last:
        stated = ("Content-Range", f"bytes */{length}")
        return Answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", (stated,))
    stated = ("Content-Range", f"bytes {first}-{last}/{length}")
    part = answer.body[first : last + 1]
    return Answer(HTTPStatus.PARTIAL_CONTENT, part, (*tagged.headers, stated))


def _range(text: str, length: int) -> tuple[int | None, int]:
    """First and last byte of ``bytes=first-[last]``; ``None`` for forms that are not served."""
    unit, _, bounds = text.partition("=")
    first, _, last = bounds.partition("-")
    if unit != "bytes" or not first.isdecimal() or not (last.isdecimal() or not last):
        return None, 0
    return int(first), min(int(last), length - 1) if last else length - 1


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; ``None`` at its end, or where it makes no sense."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:  # noqa: PLR2004 - method, target, version
        return None
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    length = dict(headers).get("content-length", "0")
    await reader.readexactly(int(length) if length.isdecimal() else 0)
    target = urlsplit(words[1])
    query = tuple(parse_qsl(target.query, keep_blank_values=True))
    return Request(words[0], unquote(target.path), query, headers)


async def _write(
    writer: asyncio.StreamWriter, request: Request, said: Spoken, now: datetime
) -> bool:
    """Say it; whether the connection may go on."""
    if said.silent:
        return False
    if said.before:
        await asyncio.sleep(said.before)
    answer = said.answer
    code = HTTPStatus(answer.code)
    closing = (
        said.sent is not None
        or said.length != len(answer.body)
        or request.header("connection") == "close"
    )
    headers = [
        *answer.headers,
        ("Server", LAB),
        ("Date", format_datetime(now.replace(microsecond=0), usegmt=True)),
        ("Connection", "close" if closing else "keep-alive"),
    ]
    if code != HTTPStatus.NOT_MODIFIED:
        headers.append(("Content-Length", str(said.length)))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    writer.write(f"HTTP/1.1 {code.value} {code.phrase}\r\n{head}\r\n".encode("latin-1"))
    body = b"" if request.method == "HEAD" else answer.body[: said.sent]
    size = _PIECE if not said.during else max(1, -(-len(body) // _TRICKLES))
    for at in range(0, len(body), size):
        writer.write(body[at : at + size])
        await writer.drain()
        if said.during:
            await asyncio.sleep(said.during / _TRICKLES)
    await writer.drain()
    return not closing
