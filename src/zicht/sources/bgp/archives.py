"""Archives of collectors: which files there are, and which of them a stretch of time needs.

Names are read off directory listings and never made up, since cadences changed over the years: RIS
wrote updates every 15 minutes at odd minutes before it took 5, a collector that was restarted began
its intervals anew, and files are missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import InputError
from zicht.sources.bgp.collectors import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OLDEST_RIB = timedelta(days=7)
"""How much older than the first bin a RIB may be: a week of updates has to be gone through then."""

_NAME = re.compile(r"(bview|rib|updates)\.(\d{8})\.(\d{4})\.(?:gz|bz2|zst)")
_KINDS: dict[str, Kind] = {"bview": "rib", "rib": "rib", "updates": "updates"}

# What follows a name: Apache and nginx write the time of change and the size in two forms each.
_CHANGED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)|(\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# A RIS file of 1999 is named by Amsterdam's local time (updates.19990903.1041.gz holds 08:41 to
# 08:51 UTC); by December 2001 RIS dated its files in UTC. When it changed is not known.
_LOCAL_NAMES_UNTIL = datetime(2002, 1, 1, tzinfo=UTC)
_LOCAL_AHEAD = timedelta(hours=2)

_NEIGHBOURS = 6  # distances on either side from which the usual distance of updates is taken
_LATE = 1.5  # a distance of so many usual ones is a gap


class ArchiveFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a collector's archive.

    Attributes:
        collector: the collector's name.
        kind: a RIB, or the updates of a few minutes.
        name: its name.
        address: where it is.
        time: the time in its name, UTC unless it is of RIS before 2002: of the RIB, or the begin of
            the updates.
        changed: when the listing says that it last changed, to the minute, or ``None``.
    """

    collector: str
    kind: Kind
    name: str
    address: str
    time: datetime
    changed: datetime | None = None

    @property
    def earliest(self) -> datetime:
        """The earliest that ``time`` can mean: names before 2002 may be up to two hours ahead."""
        if self.name.startswith("rib.") or self.time >= _LOCAL_NAMES_UNTIL:
            return self.time
        return self.time - _LOCAL_AHEAD


def parse_listing(html: bytes, *, address: str, collector: str) -> list[ArchiveFile]:
    """The MRT files that a directory listing of Apache or nginx names, sorted by time.

    What is no MRT file (other folders, ``latest-bview.gz``, check sums) is passed over.

    Args:
        html: the page.
        address: the folder's address, with a slash at its end.
        collector: the collector's name.

    Raises:
        InputError: the page has no links, so that it is no listing.
    """
    parser = _Links()
    parser.feed(html.decode("utf-8", errors="replace"))
    parser.close()
    if not parser.links:
        raise InputError(
            f"What {address} answers is no listing of files.",
            "Open it in a browser: is there a page of an error or a log-in?",
        )
    found: dict[tuple[Kind, datetime], ArchiveFile] = {}
    for link, text in parser.links:
        name = link.partition("?")[0].rpartition("/")[2]
        match = _NAME.fullmatch(name)
        time = _time(match[2] + match[3]) if match else None
        if match is None or time is None:
            continue
        file = ArchiveFile(
            collector=collector,
            kind=_KINDS[match[1]],
            name=name,
            address=address + name,
            time=time,
            changed=_changed(text),
        )
        found.setdefault((file.kind, file.time), file)  # the same is there as .gz and .bz2
    return sorted(found.values(), key=lambda file: (file.time, file.kind))


class _Links(HTMLParser):
    """Links of a page, each with the text between it and the next."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []

    def parse_marked_section(
        self,
        i: int,
        report: bool = True,  # noqa: FBT001, FBT002 - as the library has it
    ) -> int:
        """Pass over ``<![`` that begins no section; the standard library asserts there."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return i + len("<![")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.links.append((target, ""))

    def handle_data(self, data: str) -> None:
        if self.links:
            link, text = self.links[-1]
            self.links[-1] = (link, f"{text} {data}")


def _time(digits: str) -> datetime | None:
    try:
        return datetime(
            int(digits[:4]),
            int(digits[4:6]),
            int(digits[6:8]),
            int(digits[8:10]),
            int(digits[10:]),
            tzinfo=UTC,
        )
    except ValueError:
        return None


def _changed(text: str) -> datetime | None:
    match = _CHANGED.search(text)
    if match is None:
        return None
    if match[1]:
        return _time(re.sub(r"\D", "", match[1]))
    day, month, rest = match[2].split("-")
    if month not in _MONTHS:
        return None
    year, clock = rest.split()
    return _time(f"{year}{_MONTHS.index(month) + 1:02}{day}{clock.replace(':', '')}")


def months_of(start: datetime, end: datetime) -> list[datetime]:
    """The first instants of the months that ``[start, end)`` touches."""
    month = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = [month]
    while (month := _month_after(month)) < end:
        months.append(month)
    return months


def _month_after(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def ribs_for(files: Iterable[ArchiveFile], start: datetime, end: datetime) -> list[ArchiveFile]:
    """The RIBs from which ``[start, end)`` can begin, the best first.

    They are the newest at or before ``start`` and those before it, up to a week; then, for a
    collector that was not there yet, those after ``start``, the earliest first.
    """
    ribs = sorted((file for file in files if file.kind == "rib"), key=lambda file: file.time)
    before = [file for file in ribs if start - OLDEST_RIB <= file.time <= start]
    after = [file for file in ribs if start < file.time < end]
    return [*reversed(before), *after]


def updates_for(files: Iterable[ArchiveFile], start: datetime, end: datetime) -> list[ArchiveFile]:
    """The files of updates that overlap ``[start, end)``, sorted by time.

    The one that begins before ``start`` overlaps where the next one begins after it.
    """
    updates = sorted((file for file in files if file.kind == "updates"), key=lambda one: one.time)
    first = max((file.time for file in updates if file.time <= start), default=start)
    return [file for file in updates if file.time >= first and file.earliest < end]


@dataclass(frozen=True)
class Gap:
    """A stretch in which an archive tells nothing of a collector.

    Attributes:
        collector: the collector's name.
        start: its begin.
        end: its end: of a RIB from which the collector's tables are known again, or of all.
        reason: why, for people.
    """

    collector: str
    start: datetime
    end: datetime
    reason: str


def lengths_of(updates: Sequence[ArchiveFile], usual: int) -> list[timedelta]:
    """How long each file of updates lasts: until the next, but no longer than those around it do.

    Args:
        updates: files of one collector, sorted by time.
        usual: seconds that a file lasts where there are none around it.
    """
    distances = [(later.time - one.time).total_seconds() for one, later in pairwise(updates)]
    lengths = []
    for position in range(len(updates)):
        before = distances[max(0, position - _NEIGHBOURS) : position]
        after = distances[position + 1 : position + 1 + _NEIGHBOURS]
        around = [median(side) for side in (before, after) if side]
        length = max(around, default=float(usual))  # the longer where the cadence changed
        if position < len(distances) and distances[position] <= _LATE * length:
            length = distances[position]
        lengths.append(timedelta(seconds=length))
    return lengths


Step = ArchiveFile | Gap


def steps_of(
    files: Sequence[ArchiveFile], rib: ArchiveFile, end: datetime, usual: int
) -> list[Step]:
    """What has to be gone through of one collector from a RIB on, in the order of time.

    After a gap in the updates nothing is known of the collector until its next RIB: the gap lasts
    until then, and that RIB is gone through, too.

    Args:
        files: the collector's files.
        rib: the RIB to begin from.
        end: the end of what is wanted.
        usual: seconds that a file of updates lasts where no others say so.
    """
    ribs = sorted((file for file in files if file.kind == "rib"), key=lambda file: file.time)
    steps: list[Step] = []
    while True:
        unbroken, known, again = _unbroken(files, rib, end, usual)
        steps += [rib, *unbroken]
        if known >= end:
            return steps
        fresh = next((one for one in ribs if again is not None and again <= one.time < end), None)
        reason = "files of updates are missing" if again else "there are no more files of updates"
        steps.append(Gap(rib.collector, known, fresh.time if fresh else end, reason))
        if fresh is None:
            return steps
        rib = fresh


def _unbroken(
    files: Sequence[ArchiveFile], rib: ArchiveFile, end: datetime, usual: int
) -> tuple[list[ArchiveFile], datetime, datetime | None]:
    """The updates from a RIB to the first gap, until when they tell, and when there are more."""
    updates = updates_for(files, rib.time, end)
    late = rib.time + timedelta(seconds=usual)  # the first may begin a little after the RIB
    known = rib.time
    for count, (file, length) in enumerate(zip(updates, lengths_of(updates, usual), strict=True)):
        if file.time > (known if count else late):
            return updates[:count], known, file.time
        known = max(known, file.time + length)
    return updates, known, None
