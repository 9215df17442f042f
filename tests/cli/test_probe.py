from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from zicht.cli import run
from zicht.observe.probing import Request, probe_once

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "probe"))
from own_network import in_own_network


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


def test_the_command_writes_every_count(capsys: pytest.CaptureFixture[str]) -> None:
    how = ["--contact", "a@b.c", "--allow-private", "--timeout", "0.2", "--per-block", "6000"]
    code = in_own_network(lambda: run(["--format", "json", "probe", "once", "127.0.0.1", *how]))
    written = capsys.readouterr()
    assert code == 0
    assert json.loads(written.out)["addresses"] == ["127.0.0.1"]
    assert "Answered: 1, late: 0, duplicate: 0, forged: 0" in written.err
