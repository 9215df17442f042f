"""Tables for people."""

from __future__ import annotations

import pytest

from zicht.cli.output import print_table, write_records


@pytest.mark.parametrize(
    ("value", "text"),
    [(1_114_112.0, "1114112"), (12_345.5, "12346"), (0.123456, "0.1235"), (1e20, "1e+20")],
)
def test_large_counts_are_written_in_full(
    value: float, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_records([{"count": value}], "table", ("count",))
    assert f"│ {text} " in capsys.readouterr().out


def test_a_table_holds_nothing_that_steers_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [["\x1b[31mred\x1b[0m \N{RIGHT-TO-LEFT OVERRIDE}x"]])
    shown = capsys.readouterr().out
    assert "[31mred[0m x" in shown
    assert not {"\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(shown)
