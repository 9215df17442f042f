"""The archives of a world's collectors over HTTP, laid out as RIS and RouteViews lay theirs out.

Pure: what is answered depends on the request and the world's time alone. Listings are Apache's; a
file that the world's time has not reached is not there.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from zicht.lab.routes.files import HABITS, files_of, packed, records_of, root_of
from zicht.lab.serve.faults import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.lab.routes.collectors import Station
    from zicht.lab.routes.files import LabFile
    from zicht.lab.serve.http import Request

_HTML = ("Content-Type", "text/html;charset=UTF-8")
_TYPES = {"gz": "application/x-gzip", "bz2": "application/x-bzip2"}
_NAME = re.compile(r"(?:bview|rib|updates)\.(\d{8}\.\d{4})\.(gz|bz2)")
_MONTH = re.compile(r"(\d{4})\.(\d\d)/")
_KEPT = 256 << 20  # bytes of packed files, those that were asked for last


@dataclass
class Archive:
    """The archives of some collectors at one address.

    Attributes:
        stations: the collectors.
        begin: the oldest file's time.
        end: there are no files of this time and after.
    """

    stations: Sequence[Station]
    begin: datetime
    end: datetime
    _bodies: OrderedDict[str, bytes] = field(default_factory=OrderedDict, repr=False)

    def answer(self, request: Request, now: datetime) -> Answer:
        """Answer a request at a time of the world: a file, a listing, or 404."""
        file = self._find(request.path, now)
        if file is not None:
            return self._send(*file, request, now)
        rows = self._list(request.path, now) if request.path.endswith("/") else None
        if rows is None:
            return Answer(HTTPStatus.NOT_FOUND, b"<html><h1>Not Found</h1></html>\n", (_HTML,))
        return Answer(HTTPStatus.OK, _page(request.path, rows).encode(), (_HTML,))

    def _find(self, path: str, now: datetime) -> tuple[Station, LabFile] | None:
        """The file of a path, if it is there already."""
        match = _NAME.fullmatch(path.rpartition("/")[2])
        if match is None:
            return None
        try:
            time = datetime.strptime(match[1], "%Y%m%d.%H%M").replace(tzinfo=UTC)
        except ValueError:
            return None
        minute = timedelta(minutes=1)
        for station in self.stations:
            if path.startswith(f"/{root_of(station)}/") and self.begin <= time < self.end:
                for file in files_of(station, time, time + minute):
                    if file.path == path and file.published <= now:
                        return station, file
        return None

    def _send(self, station: Station, file: LabFile, request: Request, now: datetime) -> Answer:
        is_half = file.corrected is not None and now < file.corrected
        changed = _changed(file, now)
        ending = file.path.rpartition(".")[2]
        headers = (
            ("Last-Modified", format_datetime(changed.replace(microsecond=0), usegmt=True)),
            ("Content-Type", _TYPES[ending]),
        )
        if _has_it(request.header("if-modified-since"), changed):
            return Answer(HTTPStatus.NOT_MODIFIED, b"", headers)
        body = self._body(station, file, ending)
        return Answer(HTTPStatus.OK, body[: len(body) // 2] if is_half else body, headers)

    def _body(self, station: Station, file: LabFile, ending: str) -> bytes:
        body = self._bodies.pop(file.path, None)
        if body is None:
            body = b"".join(packed(records_of(station, file), ending))
        self._bodies[file.path] = body
        while len(self._bodies) > 1 and sum(map(len, self._bodies.values())) > _KEPT:
            self._bodies.popitem(last=False)
        return body

    def _list(self, path: str, now: datetime) -> list[tuple[str, datetime]] | None:
        """Names and times in a folder; ``None`` where there is no such folder."""
        roots = [root_of(station) for station in self.stations]
        if path == "/":
            return [(f"{root}/", self.begin) for root in roots]
        for station, root in zip(self.stations, roots, strict=True):
            if path.startswith(f"/{root}/"):
                return self._list_in(station, path.removeprefix(f"/{root}/"), now)
        return None

    def _list_in(
        self, station: Station, below: str, now: datetime
    ) -> list[tuple[str, datetime]] | None:
        if not below:
            return [(f"{month:%Y.%m}/", month) for month in self._months(now)]
        match = _MONTH.match(below)
        month = match and next(
            (one for one in self._months(now) if f"{one:%Y.%m}/" == match[0]), None
        )
        if not match or not month:
            return None
        folders = HABITS[station.collector.project].folder
        rest = below.removeprefix(match[0])
        if not rest and all(folders.values()):
            return [(folder, month) for folder in folders.values()]
        if rest not in folders.values():
            return None
        begin = max(month, self.begin)
        end = min((month + timedelta(days=31)).replace(day=1), self.end, now)
        return [
            (file.path.rpartition("/")[2], _changed(file, now))
            for file in files_of(station, begin, max(begin, end))
            if folders[file.kind] == rest and file.published <= now
        ]

    def _months(self, now: datetime) -> list[datetime]:
        month = self.begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        found = []
        while month < min(self.end, now):
            found.append(month)
            month = (month + timedelta(days=31)).replace(day=1)
        return found


def _changed(file: LabFile, now: datetime) -> datetime:
    """When a file last changed."""
    if file.corrected is not None and file.corrected <= now:
        return file.corrected
    return file.published


def _has_it(since: str | None, changed: datetime) -> bool:
    """Whether nothing changed since a time that a client names (RFC 9110, section 13.1.3)."""
    try:
        return since is not None and changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except ValueError:
        return False


def _page(path: str, rows: Iterable[tuple[str, datetime]]) -> str:
    """A listing as Apache's mod_autoindex writes it."""
    lines = "".join(
        f'<tr><td valign="top"><img src="/icons/unknown.gif" alt="[   ]"></td>'
        f'<td><a href="{name}">{name}</a></td>'
        f'<td align="right">{time:%Y-%m-%d %H:%M}  </td><td align="right"> - </td></tr>\n'
        for name, time in rows
    )
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n'
        f"<html><head><title>Index of {path}</title></head><body><h1>Index of {path}</h1>\n"
        "<table><tr><th>Name</th><th>Last modified</th><th>Size</th></tr>\n"
        '<tr><td><a href="../">Parent Directory</a></td></tr>\n'
        f"{lines}</table></body></html>\n"
    )
