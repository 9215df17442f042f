from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from own_network import in_own_network

from zicht.cli import run
from zicht.observe.probing import Request, probe_once

if TYPE_CHECKING:
    from pathlib import Path


def test_loopback_answers_and_the_counts_say_so() -> None:
    request = Request(
        targets=["127.0.0.0/29", "::1"],
        contact="noc@example.org",
        allow_private=True,
        per_minute=6000,
        timeout=0.3,
    )
    probed = in_own_network(lambda: probe_once(request))
    assert (probed.targets, probed.sent, probed.answered) == (9, 9, 9)
    assert [block.block for block in probed.blocks] == ["127.0.0.0/24", "::/48"]
    assert set(probed.sockets) == {"ipv4", "ipv6"}


def test_a_dry_run_sends_nothing_and_says_what_it_would(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "exclude"
    listed.write_text("127.0.0.4/30\n", encoding="utf-8")
    request = Request(
        targets=["127.0.0.0/29"],
        contact="noc@example.org",
        allow_private=True,
        dry_run=True,
        exclude=listed,
    )
    probed = probe_once(request)
    assert (probed.dry_run, probed.sent, probed.excluded, probed.sockets) == (True, 4, 4, {})
    assert probed.text.endswith("noc@example.org")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["10.0.0.0/24", "--contact", "a@b.c"], "private or reserved"),
        (["nowhere", "--contact", "a@b.c"], "neither an address nor a network"),
        (["--contact", "a@b.c"], "nobody to probe"),
        (["127.0.0.1"], "--contact"),
    ],
)
def test_what_must_not_be_probed_is_refused(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ZICHT_CONTACT", raising=False)
    assert run(["probe", "once", "--dry-run", *arguments]) == 2
    assert said in capsys.readouterr().err


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, whose every thread must give up its rights."""
    how = ["--contact", "a@b.c", "--allow-private", "--timeout", "0.2", "--per-block", "6000"]
    whole = [sys.executable, "-m", "zicht", "--format", "json", "probe", "once", *arguments, *how]
    return in_own_network(
        lambda: subprocess.run(whole, capture_output=True, text=True, check=False, timeout=120),
        seconds=150,
    )


def test_the_command_writes_every_count() -> None:
    done = command("127.0.0.1")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["addresses"] == ["127.0.0.1"]
    assert "Answered: 1, late: 0, duplicate: 0, forged: 0" in done.stderr


def test_the_command_asks_by_tcp_too() -> None:
    done = command("127.0.0.1", "::1", "--kind", "tcp", "--port", "8443")
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert written["addresses"] == ["127.0.0.1", "::1"]
    assert (written["text"], written["sockets"]) == ("", {"ipv4": "raw", "ipv6": "raw"})
