"""A time-stamping authority of openssl's, in a folder of its own and on loopback."""

from __future__ import annotations

import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def openssl(arguments: str, folder: Path) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    subprocess.run([program, *arguments.split()], check=True, capture_output=True, cwd=folder)


def make_authority(folder: Path) -> None:
    """Make the keys and certificates: of the authority, of its root, and of a stranger."""
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = tsa1\n[tsa1]\nserial = serial\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1\nordering = no\n"
        "ess_cert_id_alg = sha256\n"
        "[ext]\nextendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"
        "[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n"
        "[req]\ndistinguished_name = dn\n[dn]\n"
    )
    (folder / "serial").write_text("01\n")
    for name in ("root", "stranger"):
        openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 30 -config tsa.cnf -extensions ca"
            f" -subj /CN={name} -keyout {name}.key -out {name}.pem",
            folder,
        )
    openssl(
        "req -new -newkey rsa:2048 -nodes -config tsa.cnf -subj /CN=stamps"
        " -keyout tsa.key -out tsa.csr",
        folder,
    )
    openssl(
        "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 7 -days 30"
        " -extfile tsa.cnf -extensions ext -out tsa.pem",
        folder,
    )


def stamped(folder: Path, request: bytes) -> bytes:
    """What the authority answers to a request."""
    (folder / "request.tsq").write_bytes(request)
    openssl(
        "ts -reply -config tsa.cnf -queryfile request.tsq -signer tsa.pem -inkey tsa.key"
        " -out answer.tsr",
        folder,
    )
    return (folder / "answer.tsr").read_bytes()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the authority of a folder on loopback; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = stamped(folder, self.rfile.read(int(self.headers["Content-Length"])))
            asked = self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(200 if asked else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
