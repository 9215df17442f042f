"""An archive of collectors on this machine: listings as Apache writes them, files, and faults."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG_AGO = 1_400_000_000


@dataclass
class Held:
    """A file that the archive holds."""

    body: bytes
    etag: str = '"one"'
    changed: int = LONG_AGO


@dataclass
class Asked:
    """A request that came."""

    path: str
    headers: dict[str, str]


@dataclass
class Archive:
    """What the server holds and does; tests change it while it runs.

    ``faults`` are per path, the first is used up by the next request: ``cut N`` breaks the
    connection after N bytes of the body, ``code N`` answers so, ``html`` sends a page, ``short``
    and ``long`` state a wrong length, ``whole`` knows no ranges, ``chunked`` states no length,
    ``elsewhere`` redirects to another host, ``shifted`` sends another range than was asked for.
    """

    files: dict[str, Held] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    address: str = ""
    before: Callable[[str], None] = lambda _: None

    def hold(self, path: str, body: bytes, **more: Any) -> None:
        self.files[path] = Held(body, **more)

    def asked_for(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]


class Handler(BaseHTTPRequestHandler):
    archive: Archive
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the kernel

    def do_GET(self) -> None:
        archive = self.archive
        archive.asked.append(Asked(self.path, dict(self.headers)))
        archive.before(self.path)
        faults = archive.faults.get(self.path, [])
        fault = faults.pop(0) if faults else ""
        if fault.startswith("code "):
            self.send(int(fault[5:]), b"", {})
        elif fault == "html":
            self.send(200, b"<html><a href='/'>Log in</a></html>", {"Content-Type": "text/html"})
        elif fault == "elsewhere":
            self.send(302, b"", {"Location": "http://login.example/"})
        elif self.path.endswith("/"):
            self.list_folder()
        elif self.path in archive.files:
            self.send_file(archive.files[self.path], fault)
        else:
            self.send(404, b"", {})

    def list_folder(self) -> None:
        held = [path for path in self.archive.files if path.rpartition("/")[0] + "/" == self.path]
        if not held:
            self.send(404, b"", {})
            return
        rows = "".join(
            f'<tr><td><a href="{path.rpartition("/")[2]}">{path.rpartition("/")[2][:12]}..</a></td>'
            f"<td>{listed_time(self.archive.files[path].changed)}  </td><td>1.5M</td></tr>\n"
            for path in held
        )
        page = f'<html><a href="/">Parent Directory</a><table>{rows}</table></html>'
        self.send(200, page.encode(), {"Content-Type": "text/html"})

    def send_file(self, held: Held, fault: str) -> None:
        headers = {"Last-Modified": formatdate(held.changed, usegmt=True)}
        if held.etag:
            headers["ETag"] = held.etag
        if self.headers.get("If-Modified-Since") == headers["Last-Modified"]:
            self.send(304, b"", headers)
            return
        code, body = 200, held.body
        asked = self.headers.get("Range")
        if asked and fault != "whole" and self.headers.get("If-Range") in headers.values():
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
            if first >= len(body):
                self.send(416, b"", {"Content-Range": f"bytes */{len(body)}"})
                return
            first += 1 if fault == "shifted" else 0
            code, body = 206, held.body[first:]
            last, whole = len(held.body) - 1, len(held.body)
            headers["Content-Range"] = f"bytes {first}-{last}/{whole}"
        self.send(code, body, headers, fault)

    def send(self, code: int, body: bytes, headers: dict[str, str], fault: str = "") -> None:
        length = len(body) + {"short": -1, "long": 1}.get(fault, 0)
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if fault == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        elif code != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        cut = int(fault[4:]) if fault.startswith("cut ") else None
        self.wfile.write(body[:cut])
        if cut is not None or fault == "long":
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


def listed_time(seconds: int) -> str:
    date = formatdate(seconds, usegmt=True).split()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{date[3]}-{months.index(date[2]) + 1:02}-{date[1]} {date[4][:5]}"


@contextmanager
def serving() -> Iterator[Archive]:
    """A running archive that holds nothing yet."""
    archive = Archive()
    handler = type("OwnHandler", (Handler,), {"archive": archive})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    archive.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield archive
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
