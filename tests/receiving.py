"""A server on loopback that takes what is posted to it, or refuses."""

from __future__ import annotations

import contextlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Request:
    """What was posted."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Taken:
    """What came in; ``code`` may be changed while it runs.

    While ``answering`` is not set nobody is answered.
    """

    code: int
    address: str = ""
    requests: list[Request] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiver(code: int = 204, *, hanging: bool = False) -> Iterator[Taken]:
    """Answer each POST with a code, and remember it; not while it is ``hanging``."""
    taken = Taken(code)
    if not hanging:
        taken.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.requests.append(
                Request({name.lower(): value for name, value in self.headers.items()}, body)
            )
            taken.answering.wait(600)  # a guard; whoever asks gives up before
            self.send_response(taken.code)
            if taken.code == 302:
                self.send_header("Location", "https://example.org/")
            self.send_header("Content-Length", "0")
            with contextlib.suppress(OSError):  # who asked may have been killed
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken.address = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        taken.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()
