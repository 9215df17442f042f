"""Files into a real store."""

from __future__ import annotations

import bz2
import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from zicht.errors import BadRowError, InputError, UsageError
from zicht.model.entity import EntityFact
from zicht.observe.files import unpack
from zicht.observe.ingest import Skipped, import_files
from zicht.sources.table import TableSpec
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

TOR = "date,country,users\n2021-01-01,ir,10\n2021-01-02,ir,\n2021-01-03,ir,12\n"


def _zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def tor(tmp_path: Path) -> Path:
    path = tmp_path / "tor.csv"
    path.write_text(TOR)
    return path


def stored(store: Store) -> list[float | None]:
    series = store.read("tor.users", "country/IR")
    return [None if np.isnan(value) else value for value in series.values]


def test_a_file_is_stored_and_described(store: Store, tor: Path) -> None:
    (record,) = import_files(store, "tor", [tor])
    assert (record.rows, record.gaps, record.new, record.revised) == (3, 1, 2, 0)
    assert record.signals == ("tor.users",)
    assert record.entities == ("country/IR",)
    assert record.start == datetime(2021, 1, 1, tzinfo=UTC)
    assert record.until == datetime(2021, 1, 3, tzinfo=UTC)
    assert stored(store) == [10, None, 12]


def test_importing_twice_changes_nothing(store: Store, tor: Path) -> None:
    import_files(store, "tor", [tor])
    (record,) = import_files(store, "tor", [tor])
    assert (record.new, record.revised, record.unchanged) == (0, 0, 3)
    assert stored(store) == [10, None, 12]


def test_a_corrected_file_is_a_revision(store: Store, tor: Path) -> None:
    import_files(store, "tor", [tor], known_at=datetime(2021, 1, 4, tzinfo=UTC))
    tor.write_text(TOR.replace("12", "13"))
    (record,) = import_files(store, "tor", [tor], known_at=datetime(2021, 1, 5, tzinfo=UTC))
    assert (record.new, record.revised, record.unchanged) == (0, 1, 2)
    assert stored(store) == [10, None, 13]
    then = store.read("tor.users", "country/IR", as_of=datetime(2021, 1, 4, 12, tzinfo=UTC))
    assert then.values[-1] == 12


def test_a_bad_row_stores_nothing_of_its_file(store: Store, tor: Path) -> None:
    tor.write_text(TOR + "2021-01-04,ir,many\n")
    with pytest.raises(BadRowError) as raised:
        import_files(store, "tor", [tor])
    error = raised.value
    assert (error.file, error.line, error.column, error.value) == (str(tor), 5, "users", "many")
    assert store.keys() == []


def test_bad_rows_can_be_skipped_and_are_counted_by_kind(store: Store, tor: Path) -> None:
    tor.write_text(TOR + "2021-01-04,ir,many\n2021-01-05,ir,-1\n2021-01-06,ir\n")
    (record,) = import_files(store, "tor", [tor], on_bad="skip")
    assert record.skipped == 3
    expected = "a number of 0 or more, or blank for a gap"
    assert record.skipped_kinds[0] == Skipped(column="users", expected=expected, rows=2, line=5)
    assert stored(store) == [10, None, 12]


def test_a_file_of_bad_rows_alone_is_refused_even_then(store: Store, tor: Path) -> None:
    tor.write_text("date,country,users\nnever,ir,1\n")
    with pytest.raises(InputError, match="None of the rows"):
        import_files(store, "tor", [tor], on_bad="skip")


def test_each_file_is_stored_by_itself_and_said(store: Store, tor: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("date,country,users\nnever,ir,1\n")
    with pytest.raises(BadRowError, match=r"Stored before it: .*tor\.csv \(3 rows\)"):
        import_files(store, "tor", [tor, bad, tmp_path / "never-reached.csv"])
    assert stored(store) == [10, None, 12]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, _zstd])
def test_compressed_files_are_unpacked(store: Store, tor: Path, pack: object) -> None:
    tor.write_bytes(pack(TOR.encode()))  # type: ignore[operator]  # the parameters are functions
    import_files(store, "tor", [tor])
    assert stored(store) == [10, None, 12]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, _zstd])
def test_what_is_cut_off_is_refused(pack: object) -> None:
    packed = pack(bytes(range(256)) * 100)  # type: ignore[operator]  # the parameters are functions
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(packed[: len(packed) // 2], name="cut.gz")


def test_a_missing_file_and_an_unknown_source_are_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        import_files(store, "tor", [tmp_path / "none.csv"])
    with pytest.raises(InputError, match="directory"):
        import_files(store, "tor", [tmp_path])
    with pytest.raises(UsageError, match="ioda"):
        import_files(store, "netblocks", [])


def test_licence_citation_and_simulation_travel_with_the_data(store: Store, tor: Path) -> None:
    import_files(store, "tor", [tor], licence="CC BY 4.0", citation="Me", simulated=True)
    series = store.read("tor.users", "country/IR")
    assert series.simulated
    (origin,) = series.origins
    assert (origin.licence, origin.citation, origin.name) == ("CC BY 4.0", "Me", "tor.csv")
    assert len(origin.sha256) == 64


def test_a_known_signal_keeps_what_a_table_does_not_say(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("t,v\n2021-01-01,1\n2021-01-02,2\n")
    own = {"signal": "own.x", "time": "t", "value": "v", "entity": "IR"}
    import_files(store, "table", [path], spec=TableSpec(**own, unit="hosts", scale="count"))  # type: ignore[arg-type]  # all are words
    path.write_text("t,v\n2021-01-03,3\n")
    import_files(store, "table", [path], spec=TableSpec(**own))  # type: ignore[arg-type]  # all are words
    signal = store.signals()["own.x"]
    assert (signal.unit, signal.scale, signal.step) == ("hosts", "count", 86_400)


def test_operators_get_what_the_table_of_operators_knows(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "ioda.csv"
    path.write_text("bgp,4896,44244,IranCell,2019-11-14 08:10Z\nbgp,5,64500,,2019-11-14 08:10Z\n")
    import_files(store, "ioda", [path])
    facts = store.entities()
    assert facts["asn/44244"] == EntityFact(
        entity="asn/44244", name="IranCell", country="IR", kind="mobile"
    )
    assert "asn/64500" not in facts or facts["asn/64500"].kind == "unknown"


def test_progress_is_told(store: Store, tor: Path) -> None:
    told: list[str] = []
    import_files(store, "tor", [tor], progress=lambda what, _done, _total: told.append(what))
    assert [text.split()[0] for text in told] == ["reading", "taking", "storing"]
