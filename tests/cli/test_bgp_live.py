from __future__ import annotations

import json

import numpy as np
import pytest

from zicht.cli import run
from zicht.cli.bgp_live import writer
from zicht.errors import UsageError
from zicht.observe.watch_settings import listening_address
from zicht.sources.bgp.follow import Watch
from zicht.sources.bgp.series import Bin

WATCH = Watch((12, 0), (6, 0), 14, 1, 0, 1, 0)
ENTITIES = ("country/KZ", "asn/9198", "asn/1136")


def a_bin(*, known: bool = True) -> Bin:
    values = np.array([[160, 0, 0], [150, 0, 0], [240, 0, 0]])
    is_known = np.zeros((3, 3), dtype=np.bool_)
    is_known[:, 0] = known
    return Bin(1_727_740_800_000_000, ENTITIES, values, is_known, (12, 0), np.zeros(3, np.int64))


def test_a_bin_is_written_at_once_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    show = writer("csv", all_of_them=True)
    show(a_bin(), WATCH)
    head, *rows = capsys.readouterr().out.splitlines()
    assert head == (
        "time,entity,visible24,visible6,visible48,voters4,voters6,peers,silent,down,stale,waiting"
    )
    assert rows[0] == "2024-10-01T00:00:00Z,country/KZ,160,,,12,0,14,1,0,1,0"
    assert [row.split(",")[1] for row in rows] == list(ENTITIES)
    show(a_bin(), WATCH)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_operators_are_written_only_where_they_are_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    writer("jsonl", all_of_them=False)(a_bin(), WATCH)
    [row] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["entity"], row["visible24"], row["visible6"]) == ("country/KZ", 160, None)


@pytest.mark.parametrize("output_format", ["table", "csv", "jsonl"])
def test_a_bin_of_which_nothing_is_known_says_so(
    output_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    writer(output_format, all_of_them=True)(a_bin(known=False), WATCH)
    last = capsys.readouterr().out.splitlines()[-1]
    assert "2024-10-01T00:00:00Z" in last
    assert "country" not in last
    assert "160" not in last


def test_addresses_to_listen_on() -> None:
    assert listening_address("127.0.0.1:11019") == ("127.0.0.1", 11019)
    assert listening_address("[::1]:0") == ("::1", 0)
    for wrong in ("11019", ":11019", "localhost", "localhost:bmp", "localhost:65536"):
        with pytest.raises(UsageError, match="no address"):
            listening_address(wrong)


def test_json_in_one_piece_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bgp", "live", "--ris", "rrc00", "--format", "json"]) == 2
    assert "jsonl" in capsys.readouterr().err
