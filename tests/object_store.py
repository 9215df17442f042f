"""An object store on the loopback: moto's S3, in a process of its own, that can fail on demand.

moto looks whether a name is there and makes it in two steps; a lock around its answers makes that
one, as it is in real object stores.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

KEY, SECRET = "zicht-test-key", "zicht-test-secret"
_REFUSAL = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code><Message>The AWS'
    b" Access Key Id you provided does not exist in our records.</Message></Error>"
)


@dataclass(frozen=True)
class ObjectStore:
    """A running object store.

    Attributes:
        port: where it listens.
        process: what runs it.
    """

    port: int
    process: subprocess.Popen[str]

    @property
    def environment(self) -> dict[str, str]:
        """What a user of it sets."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def bucket(self, name: str) -> str:
        """Make a bucket; gives the address of a store in it."""
        own = f"Credential={KEY}/20260101/us-east-1/s3/aws4_request"
        answer = httpx2.put(
            f"http://127.0.0.1:{self.port}/{name}",
            headers={"Authorization": f"AWS4-HMAC-SHA256 {own}, SignedHeaders=host, Signature=0"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        return f"s3://{name}/lake"

    def order(self, word: str) -> int:
        """Have it do something (``down``, ``up``, ``delay SECONDS``, ``count``).

        Returns:
            how many requests it has had.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Run an object store."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    ) as process:
        assert process.stdout is not None
        try:
            yield ObjectStore(int(process.stdout.readline()), process)
        finally:
            process.kill()


class _Front:
    """What stands before moto: it counts, waits, refuses, and answers one at a time."""

    def __init__(self) -> None:
        # In the process of its own alone, and slow to import.
        from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
            DomainDispatcherApplication,
            create_backend_app,
        )

        self._app: Any = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self.delay = 0.0
        self.down = False
        self.count = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.count += 1
        if self.down:
            start("503 Service Unavailable", [("Connection", "close")])
            return [b""]
        if f"Credential={KEY}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [_REFUSAL]
        time.sleep(self.delay)
        with self._lock:
            return list(self._app(environ, start))


def _serve() -> None:
    from werkzeug.serving import ThreadedWSGIServer  # noqa: PLC0415

    front = _Front()

    class Server(ThreadedWSGIServer):
        def verify_request(self, *_: object) -> bool:
            return not front.down  # else the connection is closed without an answer

    server = Server("127.0.0.1", 0, front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(server.port)
    for line in sys.stdin:
        word, *rest = line.split()
        front.down = word == "down" or (word != "up" and front.down)
        if word == "delay":
            front.delay = float(rest[0])
        _say(front.count)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve()
