"""The screen's file, and for how long a suspect is one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.detect.batch import new_states
from zicht.detect.feeding import new_tracks
from zicht.errors import StoreError
from zicht.model.health import Sickness
from zicht.model.signal import Signal
from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.observe import watch_screen_file
from zicht.observe.watch_screen import Doubt, Panel, Screen, Taken
from zicht.observe.watch_screen_file import FILE, read_screen, write_screen
from zicht.observe.watch_state import FOLDER
from zicht.observe.watch_suspects import SETTLED, SOON, Suspect, due, excuse, note

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
AT = to_microseconds(NOW)
HOUR = 3600 * MICROSECONDS
SPEC = Signal(
    name="my.routes",
    source="my",
    title="routes",
    unit="",
    step=300,
    plane="control",
    scale="count",
    lag=0,
    licence="CC0",
    citation="made for a test",
)


def screen() -> Screen:
    panel = Panel(SPEC, begun={"asn/2": AT}, seen={AT: (2, 1)})
    panel.rows_of(["country/KZ", "asn/1", "asn/2"])
    random = np.random.default_rng(1)
    panel.states[:] = random.random(panel.states.shape)
    panel.tracks[:] = random.random(panel.tracks.shape)
    return Screen({SPEC.name: panel}, version=7, simulated={"asn/1"})


SUSPECTS = {"asn/1": Suspect(since=AT, last=AT + HOUR, looked=AT, step=300, signals={SPEC.name})}


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    before = screen()
    write_screen(tmp_path, before, SUSPECTS, AT)
    kept = read_screen(tmp_path)
    assert kept is not None
    after, suspects, vanished = kept
    assert (after.version, after.simulated, suspects, vanished) == (7, {"asn/1"}, SUSPECTS, AT)
    one, other = before.panels[SPEC.name], after.panels[SPEC.name]
    assert (one.entities, one.rows, one.begun, one.seen) == (
        other.entities,
        other.rows,
        other.begun,
        other.seen,
    )
    np.testing.assert_array_equal(one.states[:3], other.states)
    np.testing.assert_array_equal(one.tracks[:3], other.tracks)
    other.rows_of(["asn/3"])  # it grows
    np.testing.assert_array_equal(other.states[3], new_states(SPEC, 1)[0])
    np.testing.assert_array_equal(other.tracks[3], new_tracks(1)[0])


def test_what_is_damaged_or_of_other_code_counts_as_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_screen(tmp_path) is None
    write_screen(tmp_path, screen(), SUSPECTS, None)
    file = tmp_path / FOLDER / FILE
    whole = file.read_bytes()
    for cut in (0, 3, 20, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        assert read_screen(tmp_path) is None
    file.write_bytes(whole + b"x")
    assert read_screen(tmp_path) is None
    file.write_bytes(whole)
    assert read_screen(tmp_path) is not None
    monkeypatch.setattr(watch_screen_file, "code_version", lambda: "another")
    assert read_screen(tmp_path) is None


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    write_screen(tmp_path, screen(), SUSPECTS, None)
    (tmp_path / FOLDER / f"{FILE}.new").mkdir()
    with pytest.raises(StoreError):
        write_screen(tmp_path, Screen(), {}, None)
    kept = read_screen(tmp_path)
    assert kept is not None
    assert kept[0].version == 7


def looks(ongoing: bool = False, calm: bool = False, hours: float = 200) -> list[float]:  # noqa: FBT001, FBT002
    """After how many hours a suspect is looked at, where data come every five minutes."""
    suspects = {"asn/1": Suspect(since=AT, last=AT, step=300, signals={SPEC.name})}
    found = []
    open_, quiet = ({"asn/1"} if one else set() for one in (ongoing, calm))
    for bin_ in range(int(hours * 12)):
        as_of = AT + bin_ * HOUR // 12
        if due(suspects, open_, as_of, quiet):
            suspects["asn/1"].looked = as_of
            found.append(bin_ / 12)
    assert ("asn/1" in suspects) == (ongoing or hours * HOUR < SETTLED)
    return found


def test_a_suspect_is_looked_at_each_time_and_then_ever_less_until_it_has_settled() -> None:
    found = looks()
    soon = SOON / HOUR
    assert found[: int(soon * 12)] == [one / 12 for one in range(int(soon * 12))]
    later = [one for one in found if one > soon]
    assert len(later) < 10
    assert later[-1] == SETTLED / HOUR


def test_an_outage_that_goes_on_is_looked_at_hourly_and_for_ever() -> None:
    found = looks(ongoing=True)
    young = [one for one in found if one <= 48]
    assert len(young) == 48 * 12 + 1
    assert len(found) - len(young) < 10  # nothing suspicious any more: it is silent


def test_countries_and_what_is_newest_go_first() -> None:
    suspects = {
        "asn/1": Suspect(since=AT, last=AT),
        "asn/2": Suspect(since=AT, last=AT + HOUR),
        "country/KZ": Suspect(since=AT, last=AT - HOUR),
    }
    assert due(suspects, (), AT + HOUR, ()) == ["country/KZ", "asn/2", "asn/1"]


def taken(**given: object) -> Taken:
    one = Taken()
    for name, value in given.items():
        setattr(one, name, value)
    return one


def test_what_comes_late_is_looked_at_anew_and_what_is_old_is_left() -> None:
    suspects = {"asn/1": Suspect(since=AT, last=AT, looked=AT + HOUR)}
    doubt = Doubt(AT - HOUR, AT - HOUR, 300)
    note(suspects, taken(late={("asn/1", SPEC.name): doubt}), 0, AT + HOUR)
    assert (suspects["asn/1"].since, suspects["asn/1"].late) == (AT - HOUR, True)
    assert due(suspects, (), AT + HOUR, ()) == ["asn/1"]
    note(suspects, taken(suspicious={("asn/2", SPEC.name): doubt}), AT, AT + HOUR)
    assert "asn/2" not in suspects
    note(suspects, taken(unsettled={"asn/1": AT + HOUR, "asn/3": AT}, moved={"asn/1"}), 0, AT)
    assert (suspects["asn/1"].last, suspects["asn/1"].moved) == (AT + HOUR, AT)
    assert "asn/3" not in suspects


def test_who_is_suspicious_by_a_sick_source_alone_is_excused_while_it_is_sick() -> None:
    sickness = Sickness(signal=SPEC.name, start=NOW, end=NOW + timedelta(hours=1), reason="zeros")

    def left(first: int, last: int, before: int, *signals: str) -> bool:
        suspects = {"asn/1": Suspect(since=first, last=last, signals={SPEC.name, *signals})}
        excuse(suspects, [sickness], before, AT + 2 * HOUR)
        return bool(suspects)

    over, lasting = AT + HOUR + 1, AT + HOUR
    assert not left(AT, AT + HOUR // 2, over)
    assert left(AT, AT + HOUR, over)
    assert not left(AT, AT + HOUR, lasting)
    assert left(AT - HOUR, AT + HOUR // 2, over)
    assert left(AT, AT + HOUR // 2, over, "other.visits")
