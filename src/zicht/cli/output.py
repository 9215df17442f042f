"""Records to standard output, as a table for people or as JSON, JSON lines or CSV for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


# Between these a float is a count that people read better in full.
_MANY, _TOO_MANY = 1e4, 1e15

Record = msgspec.Struct | Mapping[str, Any]


def write_records(records: Sequence[Record], output_format: str, columns: Sequence[str]) -> None:
    """Write records to standard output.

    ``columns`` names what a table shows; the other formats write every field.
    """
    plain = [msgspec.to_builtins(record, builtin_types=()) for record in records]
    if output_format == "json":
        _write_line(msgspec.json.format(msgspec.json.encode(records), indent=2))
    elif output_format == "jsonl":
        for record in records:
            _write_line(msgspec.json.encode(record))
    elif output_format == "csv":
        _write_csv(plain, records)
    else:
        _write_table(plain, columns)


def write_record(record: Record, output_format: str, columns: Sequence[str]) -> None:
    """Write one record to standard output; JSON gives the object itself, not a list of one."""
    if output_format == "json":
        _write_line(msgspec.json.format(msgspec.json.encode(record), indent=2))
    else:
        write_records([record], output_format, columns)


def _write_line(line: bytes) -> None:
    sys.stdout.write(line.decode() + "\n")


def _write_csv(plain: list[dict[str, Any]], records: Sequence[Record]) -> None:
    if not records:
        return
    writer = csv.DictWriter(sys.stdout, list(plain[0]), lineterminator="\n")
    writer.writeheader()
    for row in plain:
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list | tuple):
        return msgspec.json.encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(value: Any) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.0f}" if _MANY <= abs(value) < _TOO_MANY else f"{value:.4g}"
        case [int() | float() as low, int() | float() as high]:
            return f"{low:.4g} to {high:.4g}"
        case [str(first), str(last)] if _is_time(first) and _is_time(last):
            return _interval(first, last)
        case str() if _is_time(value):
            return _short(value)
        case list() | tuple() | dict():
            return str(len(value))
        case _:
            return str(value)


def _is_time(text: str) -> bool:
    return len(text) >= 20 and text[10] == "T" and text.endswith("Z")  # noqa: PLR2004 - as encoded


def _short(time: str) -> str:
    return time[:16].replace("T", " ") + "Z"


def _interval(first: str, last: str) -> str:
    """``2019-11-16 14:25-14:30Z``: the day is said once where it is the same."""
    if first[:10] == last[:10]:
        return f"{_short(first)[:-1]}-{last[11:16]}Z"
    return f"{_short(first)[:-1]} - {_short(last)}"


def _write_table(plain: list[dict[str, Any]], columns: Sequence[str]) -> None:
    print_table(columns, [[_text(row.get(column)) for column in columns] for row in plain])


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table for people; where nobody looks at a screen it is 200 characters wide."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from zicht.publish.letters import visible

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))  # what others wrote steers nothing
    width = None if sys.stdout.isatty() else 200
    Console(width=width).print(table)
