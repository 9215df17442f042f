"""The server itself, over real sockets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from zicht.errors import UsageError
from zicht.web.serving import address_of, listen, serving

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store

_GUARD = 60


def test_pages_are_served_on_the_loopback_at_a_free_port(store: Store) -> None:
    with serving(store) as address:
        assert address.startswith("http://127.0.0.1:")
        with urlopen(address, timeout=_GUARD) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
            assert b"</html>" in answer.read()


def test_two_servers_do_not_share_a_port() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(UsageError, match="Nothing can be served"):
        listen("127.0.0.1", first.getsockname()[1])


def test_a_host_is_an_address() -> None:
    with pytest.raises(UsageError, match="no address"):
        listen("example.org", 0)


def test_a_server_for_all_addresses_is_asked_on_the_loopback() -> None:
    with listen("0.0.0.0", 0) as listening:  # noqa: S104 - what is tested
        assert address_of(listening).startswith("http://127.0.0.1:")


def test_the_command_serves_until_it_is_told_to_stop(store: Store) -> None:
    command = [sys.executable, "-m", "zicht", "--store", str(store.path), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = next(word for word in line.split() if word.startswith("http://"))
        with urlopen(address, timeout=_GUARD) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(_GUARD) == 0


def test_a_watch_serves_pages_beside_its_work(tmp_path: Path) -> None:
    settings = tmp_path / "zicht.toml"
    settings.write_text('[[source]]\nname = "ioda"\naddress = "http://127.0.0.1:9"\n', "utf-8")
    command = [sys.executable, "-m", "zicht", "--store", str(tmp_path / "store"), "watch", "KZ"]
    command += ["--serve", "0", "--log", "json", "--settings", str(settings)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = (line for line in process.stderr if '"pages"' in line)
        address = json.loads(next(lines))["address"]
        with urlopen(address, timeout=_GUARD) as answer:  # noqa: S310 - our own address
            assert b"Zicht" in answer.read()
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        assert process.wait(_GUARD) == 0
