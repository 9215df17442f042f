from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_bench import START, STEP, a_bench

ENTITIES = ("country/IR", "country/KZ")

Statement = tuple[float | None, int | None]
Append = tuple[int, dict[tuple[str, int], Statement]]

bins = st.tuples(st.sampled_from(ENTITIES), st.integers(0, 5))
statements = st.tuples(
    st.none() | st.sampled_from([0.0, 1.0, 2.0]), st.none() | st.sampled_from([1, 2])
)
appends = st.tuples(st.integers(0, 8), st.dictionaries(bins, statements, max_size=6))


class PlainStore:
    """What the store promises, as a dict of lists."""

    def __init__(self) -> None:
        self.revisions: dict[tuple[str, int], list[tuple[int, Statement]]] = {}

    def append(self, hour: int, rows: dict[tuple[str, int], Statement]) -> None:
        for bin_, statement in rows.items():
            before = self.revisions.get(bin_)
            if before is None and statement[0] is None:
                continue
            if before is None or before[-1][1] != statement:
                self.revisions.setdefault(bin_, []).append((hour, statement))

    def newest(self, hour: int | None) -> dict[tuple[str, int], tuple[int, Statement]]:
        found = {}
        for bin_, revisions in self.revisions.items():
            for revision, (known, statement) in enumerate(revisions, start=1):
                if hour is None or known <= hour:
                    found[bin_] = (revision, statement)
        return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sequence=st.lists(appends, max_size=13),
    maintained_after=st.sets(st.integers(0, 12), max_size=2),
)
def test_any_sequence_of_appends_reads_back_as_a_plain_dict_would(
    sequence: list[Append], maintained_after: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = a_bench(Path(folder))
        plain = PlainStore()
        for position, (hour, rows) in enumerate(sequence):
            for entity in ENTITIES:
                bench.append(
                    *[(time, *said) for (name, time), said in rows.items() if name == entity],
                    hour=hour,
                    entity=entity,
                )
            plain.append(hour, rows)
            if position in maintained_after:
                bench.store.maintain()
        for as_of in (None, 0, 2, 4, 8):
            moment = None if as_of is None else START + timedelta(hours=as_of)
            stored = {
                (row["entity"], (row["time"] - START) // STEP): (
                    row["revision"],
                    (row["value"], row["samples"]),
                )
                for row in bench.store.table(as_of=moment).to_pylist()
            }
            assert stored == plain.newest(as_of)
        bench.store.maintain()  # waits for maintenance beside, before the folder goes
