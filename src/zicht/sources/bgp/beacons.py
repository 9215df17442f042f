"""RIS beacons and anchors: prefixes of which it is known when they should be visible.

RIPE's route collectors announce beacons for two hours and withdraw them for two, and announce
anchors always. Where a stream shows them otherwise, it is the stream that is wrong, or the routes
between; with a change every two hours this is a slow second check of whether one can see at all.

Facts from RIPE NCC, RIS documentation, "Routing Beacons" (https://ris.ripe.net/docs/routing-beacons
and the list ris-routing-beacons.json beside it, as of 1 February 2024) and "Historical List of RIS
Routing Beacons". On 2 January 2024 the IPv4 beacons of single collectors ended, but for three; from
1 February on IPv4 has beacons that several collectors of a region announce together. What was
announced between the two days is not stated, and when the IPv6 beacons began is not either. The
page and its list differ in two places: for RRC00's beacon the list is followed, since the page's
prefix is an anchor elsewhere; the beacons that change every ten minutes are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTLING = timedelta(minutes=15)
"""How long a change may take to be seen: a withdrawal took up to 15 minutes to be known everywhere
(Labovitz et al., "Delayed Internet Routing Convergence", SIGCOMM 2000)."""

_CYCLE = 4  # hours: announced for the first half, withdrawn for the second
_CHANGE = date(2024, 2, 1)
_OLD_END = date(2024, 1, 2)

Kind = Literal["beacon", "anchor"]


@dataclass(frozen=True)
class Beacon:
    """A prefix that is announced by a timetable.

    Attributes:
        prefix: the prefix.
        kind: ``beacon`` or ``anchor``.
        collectors: who announces it.
        begin: the day from which it is known to have been announced.
        end: the day on which it ended, ``None`` where it had not by the list's date.
    """

    prefix: str
    kind: Kind
    collectors: tuple[str, ...]
    begin: date
    end: date | None = None


@dataclass(frozen=True)
class Check:
    """How beacons and anchors look, against how they should.

    Attributes:
        right: prefixes that are seen, or not, as they should.
        wrong: prefixes that are not.
        undecided: prefixes that may just be changing, or of which nothing was said.
    """

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    undecided: tuple[str, ...]


def beacons_at(day: date) -> list[Beacon]:
    """The beacons and anchors that were announced on that whole day."""
    return [one for one in BEACONS if one.begin <= day and (one.end is None or day < one.end)]


def is_announced(beacon: Beacon, time: datetime) -> bool | None:
    """Whether a beacon should be visible; ``None`` while a change of it may still spread.

    ``time`` is aware of its zone.
    """
    if beacon.kind == "anchor":
        return True
    time = time.astimezone(UTC)
    into = timedelta(hours=time.hour % 2, minutes=time.minute, seconds=time.second)
    return None if into < SETTLING else time.hour % _CYCLE < _CYCLE // 2


def check(visible: Mapping[str, bool], time: datetime) -> Check:
    """Hold what is visible (prefix → seen or not) against the timetable."""
    sorted_by: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for beacon in beacons_at(time.astimezone(UTC).date()):
        should, does = is_announced(beacon, time), visible.get(beacon.prefix)
        known = should is not None and does is not None
        sorted_by[should == does if known else None].append(beacon.prefix)
    return Check(*(tuple(sorted_by[which]) for which in (True, False, None)))


def _of_collectors() -> Iterator[Beacon]:
    """IPv6 beacons and anchors of single collectors: the last bytes of their prefixes."""
    last = {25: "20", 26: "19"}
    numbers = (0, 1, *range(3, 8), *range(10, 17), *range(18, 27))
    for number in numbers:
        suffix = last.get(number, f"{number:02x}")
        for kind, middle in _KINDS_OF_COLLECTORS:
            yield Beacon(f"2001:7fb:{middle}{suffix}::/48", kind, (_rrc(number),), _CHANGE)
    for number, beacon in {1: 65, 3: 67, 12: 76}.items():
        yield from _pair(f"84.205.{beacon}.0/24", f"84.205.{beacon + 16}.0/24", (number,), _CHANGE)


def _of_regions() -> Iterator[Beacon]:
    """Beacons and anchors that the collectors of a region announce together."""
    for index, (numbers, beacon, anchor) in enumerate(_REGIONS):
        yield from _pair(beacon, anchor, numbers, _CHANGE)
        yield from _pair(
            f"2001:7fb:ee{index:02x}::/48", f"2001:7fb:ef{index:02x}::/48", numbers, _CHANGE
        )


def _of_old() -> Iterator[Beacon]:
    """IPv4 beacons and anchors of single collectors that ended in January 2024."""
    for begin, pairs in _OLD.items():
        for number, (beacon, anchor) in pairs.items():
            yield from _pair(beacon, anchor, (number,), date.fromisoformat(begin), _OLD_END)


def _pair(
    beacon: str, anchor: str, numbers: tuple[int, ...], begin: date, end: date | None = None
) -> Iterator[Beacon]:
    collectors = tuple(map(_rrc, numbers))
    yield Beacon(beacon, "beacon", collectors, begin, end)
    yield Beacon(anchor, "anchor", collectors, begin, end)


def _rrc(number: int) -> str:
    return f"rrc{number:02d}"


def _two(beacon: int, anchor: int, net: str = "84.205") -> tuple[str, str]:
    return f"{net}.{beacon}.0/24", f"{net}.{anchor}.0/24"


_KINDS_OF_COLLECTORS: tuple[tuple[Kind, str], ...] = (("beacon", "fe"), ("anchor", "ff"))

_REGIONS: tuple[tuple[tuple[int, ...], str, str], ...] = (
    ((0, 25), *_two(64, 80)),  # multihop
    ((4, 5, 7, 10, 13, 18, 20, 21, 22, 26), *_two(69, 85)),  # RIPE
    ((6, 23), *_two(70, 86)),  # APNIC
    ((11, 14, 16), *_two(75, 91)),  # ARIN
    ((15, 24), *_two(153, 152, "93.175")),  # LACNIC
    ((19,), *_two(82, 88)),  # AFRINIC
)

_OLD = {
    "2005-02-03": {
        0: _two(64, 80),
        1: _two(65, 81),
        3: _two(67, 83),
        4: _two(68, 84),
        5: _two(69, 85),
        6: _two(70, 86),
        7: _two(71, 87),
        10: _two(74, 90),
        11: _two(75, 91),
        12: _two(76, 92),
        14: _two(78, 94),
    },
    "2005-06-02": {13: _two(77, 93)},
    "2005-12-14": {15: _two(79, 95)},
    "2008-02-01": {16: _two(73, 89)},
    "2015-11-04": {21: _two(149, 148, "93.175")},
    "2016-01-28": {19: _two(82, 88)},
    "2017-12-22": {23: _two(151, 150, "93.175")},
    "2019-02-22": {24: _two(153, 152, "93.175")},
}

BEACONS = (*_of_collectors(), *_of_regions(), *_of_old())
"""All of them, each with its days."""
