"""Files of routing data, written out element by element, and the routers that they are of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from zicht.errors import UsageError
from zicht.observe.files import STANDARD_INPUT
from zicht.publish.files import check_writable, writing_whole
from zicht.sources.bgp.feeds import Feed, count_feeds
from zicht.sources.bgp.fetch.files import MrtFile, read_mrt
from zicht.sources.bgp.json_lines import to_json_lines
from zicht.sources.bgp.text import to_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

Form = Literal["lines", "jsonl", "parquet"]

_ROWS = 1 << 17  # of a row group of Parquet


def dump_routes(
    files: Sequence[str],
    output: BinaryIO | Path,
    *,
    form: Form = "lines",
    collector: str = "",
    strict: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Write the elements of MRT files, one a line or row, in the order of the files.

    Args:
        files: their paths; they may be compressed, and ``-`` is standard input.
        output: a stream of bytes, or the path of a file, which is written whole or not at all.
        form: ``lines`` as ``bgpdump -m`` writes them, ``jsonl`` with all that is said of a route
            (``sources.bgp.json_lines``), or ``parquet`` with the same fields as columns.
        collector: the name of the collector that the files are of.
        strict: whether to stop at the first damage.
        tell: told what was damaged or passed over.

    Raises:
        InputError: a file cannot be read or holds something else; or it is damaged and reading is
            strict; or the output cannot be written.
        UsageError: Parquet is to be written to a stream.
    """
    opened = _open_each(files, collector=collector, strict=strict, tell=tell)
    if not isinstance(output, Path):
        if form == "parquet":
            raise UsageError("Parquet needs a file to be written to.", "Name it with --output.")
        _write(opened, output, form)
        return
    check_writable(output, force=True)
    with writing_whole(output) as file:
        _write(opened, file, form)


def list_feeds(
    files: Sequence[str],
    *,
    collector: str = "",
    strict: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Feed]:
    """List the routers that MRT files are of, each file by itself.

    Args:
        files: their paths; they may be compressed, and ``-`` is standard input.
        collector: the name of the collector that the files are of.
        strict: whether to stop at the first damage.
        tell: told what was damaged or passed over.

    Raises:
        InputError: a file cannot be read or holds something else; or it is damaged and reading is
            strict.
    """
    feeds: list[Feed] = []
    for file in _open_each(files, collector=collector, strict=strict, tell=tell):
        feeds += count_feeds(file, file.peers)
    return feeds


def _open_each(
    files: Sequence[str], *, collector: str, strict: bool, tell: Callable[[str], None]
) -> Iterator[MrtFile]:
    """Give each file to be read; when the next is asked for, tell what was wrong with it."""
    for name in files:
        source = sys.stdin.buffer if name == STANDARD_INPUT else name
        file = read_mrt(source, collector=collector, strict=strict)
        yield file
        _tell_problems(name, file, tell)


def _tell_problems(name: str, file: MrtFile, tell: Callable[[str], None]) -> None:
    for kind, count in file.problems.counts.items():
        first = next((one for one in file.problems.first if one.kind == kind), None)
        place = f", the first at byte {first.offset:,}" if first is not None else ""
        tell(f"{name}: {count:,} × {kind.text}{place}.")


def _write(files: Iterator[MrtFile], output: BinaryIO, form: Form) -> None:
    if form == "parquet":
        _write_parquet(files, output)
        return
    to_text = to_lines if form == "lines" else to_json_lines
    for file in files:
        output.writelines(to_text(file, file.peers))


def _write_parquet(files: Iterator[MrtFile], output: BinaryIO) -> None:
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only needed here
    import pyarrow.json as pj  # noqa: PLC0415 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    schema = _schema()
    parse = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    with pq.ParquetWriter(output, schema, compression="zstd") as writer:
        held: list[pa.Table] = []
        for view in (view for file in files for view in to_json_lines(file, file.peers)):
            read = pj.ReadOptions(block_size=len(view))
            held.append(pj.read_json(pa.BufferReader(pa.py_buffer(view)), read, parse))
            if sum(map(len, held)) >= _ROWS:
                writer.write_table(pa.concat_tables(held))
                held.clear()
        if held:
            writer.write_table(pa.concat_tables(held))


def _schema() -> pa.Schema:
    """The columns, named and meant as in ``sources.bgp.json_lines``."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    texts = pa.list_(pa.string())
    columns = {
        "time": pa.timestamp("us", "UTC"),
        "kind": pa.string(),
        "collector": pa.string(),
        "peer": pa.string(),
        "peer_asn": pa.uint32(),
        "local": pa.bool_(),
        "prefix": pa.string(),
        "multicast": pa.bool_(),
        "path_id": pa.uint32(),
        "path": pa.string(),
        "path_length": pa.uint16(),
        "origin_asn": pa.uint32(),
        "origin": pa.string(),
        "next_hop": pa.string(),
        "med": pa.uint32(),
        "local_pref": pa.uint32(),
        "communities": texts,
        "large_communities": texts,
        "extended_communities": texts,
        "atomic_aggregate": pa.bool_(),
        "aggregator_asn": pa.uint32(),
        "aggregator": pa.string(),
        "old_state": pa.uint16(),
        "new_state": pa.uint8(),
        "family": pa.uint8(),
    }
    return pa.schema(columns.items())
