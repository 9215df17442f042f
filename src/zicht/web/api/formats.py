"""Formats of answers: which one is wanted, and the bytes of it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pyarrow as pa

from zicht.publish.export import table_bytes
from zicht.web.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Format = Literal["json", "csv", "arrow", "md", "vega", "svg", "png", "atom"]

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "md": "text/markdown; charset=utf-8",
    "vega": "application/vnd.vegalite.v6+json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "atom": "application/atom+xml; charset=utf-8",
}
"""What each format is called in ``Accept`` and ``Content-Type``."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for one


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation answers, in none of the formats yet.

    Attributes:
        data: the answer as a struct, for JSON.
        table: makes the same as rows, each with licence, citation and whether it is simulated.
        bodies: makes its other formats.
        after: the cursor of the next page, or ``None`` on the last one.
    """

    data: Any
    table: Callable[[], pa.Table] | None = None
    bodies: dict[Format, Callable[[], bytes]] | None = None
    after: str | None = None


def choose_format(formats: Sequence[Format], asked: str | None, accept: str | None) -> Format:
    """The format that is wanted: ``format=``, else the best of ``Accept``, else the first.

    Raises:
        ProblemError: it is none of those that there are.
    """
    if asked is not None:
        for one in formats:
            if one == asked:
                return one
        raise _not_acceptable(formats)
    if not accept:
        return formats[0]
    ranges = _ranges(accept)
    best = max(formats, key=lambda one: _wish(ranges, _plain(one)))  # the first of equal ones
    if _wish(ranges, _plain(best)) <= 0:
        raise _not_acceptable(formats)
    return best


def _plain(one: Format) -> str:
    return MEDIA_TYPES[one].partition(";")[0]


def _ranges(accept: str) -> list[tuple[str, float]]:
    """The media ranges of ``Accept`` with their weights (RFC 9110, section 12.5.1)."""
    ranges = []
    for part in accept.split(",")[:50]:
        kind, *more = [word.strip() for word in part.split(";")]
        weight = 1.0
        for word in more:
            if word.startswith("q="):
                try:
                    weight = float(word[2:])
                except ValueError:
                    weight = 0.0
        ranges.append((kind.lower(), weight if 0 <= weight <= 1 else 0.0))
    return ranges


def _wish(ranges: list[tuple[str, float]], kind: str) -> float:
    """How much a media type is wanted; the most specific range that it matches tells."""
    for pattern in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        found = [weight for one, weight in ranges if one == pattern]
        if found:
            return max(found)
    return 0.0


def _not_acceptable(formats: Sequence[Format]) -> ProblemError:
    named = ", ".join(f"{_plain(one)} (format={one})" for one in formats)
    return ProblemError(
        "not-acceptable", "This is not to be had in the format that is asked for.", f"Ask: {named}."
    )


def body_of(answer: Answer, wanted: Format) -> bytes:
    """The bytes of an answer."""
    if answer.bodies and wanted in answer.bodies:
        return answer.bodies[wanted]()
    if wanted == "json" or answer.table is None:
        return msgspec.json.encode(answer.data)
    table = answer.table()
    return table_bytes(_without_formulas(table), "csv") if wanted == "csv" else arrow_stream(table)


def arrow_stream(table: pa.Table) -> bytes:
    """A table as a stream of Arrow's inter-process format."""
    sink = BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def _without_formulas(table: pa.Table) -> pa.Table:
    """Texts that a spreadsheet would run get an apostrophe before them."""
    for number, field in enumerate(table.schema):
        if not pa.types.is_string(field.type):
            continue
        words = table[number].to_pylist() if _may_run(table[number]) else None
        if words is not None:
            safe = [f"'{one}" if one and one.startswith(_FORMULA) else one for one in words]
            table = table.set_column(number, field.name, pa.array(safe, pa.string()))
    return table


def _may_run(column: pa.ChunkedArray) -> bool:
    return any(text and text.startswith(_FORMULA) for text in column.unique().to_pylist())
