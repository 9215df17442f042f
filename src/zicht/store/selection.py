"""What a reader asks for, and which files can hold it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from zicht.store.files import DataFile

_TRUNCATION = timedelta(milliseconds=1)
"""Other writers may cut the times of their statistics off to milliseconds."""

_LONGEST_LIST = 1000
"""More names than this are asked for by their range first, and sifted after."""


@dataclass(frozen=True)
class Selection:
    """Rows of the series table; ``None`` is no bound.

    Attributes:
        signals: names of signals.
        entities: texts of entities.
        start: bins that begin at or after it.
        end: bins that begin before it.
        as_of: what was known at that time.
    """

    signals: Collection[str] | None = None
    entities: Collection[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether it names no signal or no entity at all."""
        return any(names is not None and not names for names in (self.signals, self.entities))

    def files(self, files: Iterable[DataFile]) -> list[DataFile]:
        """The files that can hold selected rows, by their statistics."""
        named = {
            column: sorted(names)
            for column, names in (("signal", self.signals), ("entity", self.entities))
            if names is not None
        }
        return [
            file
            for file in files
            if all(_may_hold(file, column, names) for column, names in named.items())
            and self._may_be_of_the_time(file)
        ]

    def _may_be_of_the_time(self, file: DataFile) -> bool:
        if self.start and "time" in file.highest:
            highest = datetime.fromisoformat(file.highest["time"]) + _TRUNCATION
            if highest < self.start:
                return False
        if self.end and "time" in file.lowest:
            lowest = datetime.fromisoformat(file.lowest["time"])
            if lowest >= self.end:
                return False
        if self.as_of and "known_at" in file.lowest:
            return datetime.fromisoformat(file.lowest["known_at"]) <= self.as_of
        return True

    def condition(self) -> tuple[str, dict[str, Any]]:
        """The SQL condition with its parameters."""
        parts = ["true"]
        given: dict[str, Any] = {}
        for column, names in (("signal", self.signals), ("entity", self.entities)):
            if names is None:
                continue
            given[f"{column}_first"], given[f"{column}_last"] = min(names), max(names)
            parts.append(f"{column} BETWEEN ${column}_first AND ${column}_last")
            if 1 < len(names) <= _LONGEST_LIST:
                given[f"{column}_names"] = sorted(names)
                parts.append(f"list_contains(${column}_names, {column})")
            elif len(names) > _LONGEST_LIST:
                given[f"{column}_names"] = sorted(names)
                parts.append(f"{column} IN (SELECT unnest(${column}_names))")
        for name, comparison in (
            ("start", "time >="),
            ("end", "time <"),
            ("as_of", "known_at <="),
        ):
            instant = getattr(self, name)
            if instant is not None:
                given[name] = instant.astimezone(UTC).isoformat()
                parts.append(f"{comparison} CAST(${name} AS TIMESTAMPTZ)")
        return " AND ".join(parts), given


def _may_hold(file: DataFile, column: str, names: list[str]) -> bool:
    """Whether one of the sorted names can stand in the column."""
    if column not in file.lowest:
        return True
    position = bisect_left(names, file.lowest[column])
    return position < len(names) and names[position] <= file.highest[column]
