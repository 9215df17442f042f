"""Record tables: structs with revisions, kept as columns and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from zicht.store.schemas import TableSpec

RecordT = TypeVar("RecordT", bound=msgspec.Struct)


@dataclass(frozen=True)
class Stored(Generic[RecordT]):
    """A record as it is stored.

    Attributes:
        id: what it is a revision of.
        revision: 1 for the first.
        retracted: it was taken back.
        known_at: when it was known.
        record: the struct.
    """

    id: str
    revision: int
    retracted: bool
    known_at: datetime
    record: RecordT


@dataclass(frozen=True)
class RecordKind(Generic[RecordT]):
    """How structs of one type are stored.

    Attributes:
        table: the table.
        type: the struct's type.
        id_of: the id of a struct.
        columns_of: the values of the columns that are not fields of the struct.
        unimportant: fields that are no reason for a new revision when they alone differ.
    """

    table: TableSpec
    type: type[RecordT]
    id_of: Callable[[RecordT], str]
    columns_of: Callable[[RecordT], dict[str, Any]] = lambda _: {}
    unimportant: tuple[str, ...] = ()

    def differs(self, one: RecordT, other: RecordT) -> bool:
        """Whether the two say different things."""
        return self._essence(one) != self._essence(other)

    def _essence(self, record: RecordT) -> dict[str, Any]:
        fields = msgspec.structs.asdict(record)
        return {name: value for name, value in fields.items() if name not in self.unimportant}

    def to_table(self, stored: Iterable[Stored[RecordT]]) -> pa.Table:
        """Rows with the table's schema."""
        return pa.Table.from_pylist([self._to_row(one) for one in stored], self.table.schema)

    def _to_row(self, stored: Stored[RecordT]) -> dict[str, Any]:
        own = {
            "id": stored.id,
            "revision": stored.revision,
            "retracted": stored.retracted,
            "known_at": stored.known_at,
            "record": msgspec.json.encode(stored.record).decode(),
        }
        return {**msgspec.structs.asdict(stored.record), **self.columns_of(stored.record), **own}

    def from_table(self, rows: pa.Table) -> list[Stored[RecordT]]:
        """Read rows of the table, or those of its columns that make a ``Stored``."""
        decode = msgspec.json.Decoder(self.type).decode
        return [
            Stored(
                row["id"],
                row["revision"],
                row["retracted"],
                row["known_at"],
                decode(row["record"]),
            )
            for row in rows.to_pylist()
        ]


def newest_of(
    stored: Iterable[Stored[RecordT]], as_of: datetime | None = None
) -> dict[str, Stored[RecordT]]:
    """The newest revision of each id that was known at ``as_of``, sorted by id."""
    found: dict[str, Stored[RecordT]] = {}
    for one in stored:
        if as_of is not None and one.known_at > as_of:
            continue
        before = found.get(one.id)
        if before is None or (one.revision, one.known_at) >= (before.revision, before.known_at):
            found[one.id] = one
    return dict(sorted(found.items()))
