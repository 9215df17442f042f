from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_bench import a_bench

from zicht.store.schemas import TABLES, TableSpec

if TYPE_CHECKING:
    import duckdb

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")


def section(table: TableSpec) -> str:
    rows = [
        f"| `{column.name}` | {str(column.type).replace('[us, tz=UTC]', '')} |"
        f" {'' if column.nullable else 'never null'} |"
        for column in table.schema
    ]
    head = [f"### `{table.name}`", "", table.description, ""]
    return "\n".join([*head, "| column | type | |", "|---|---|---|", *rows])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_page_describes_every_table_as_it_is(table: TableSpec) -> None:
    assert section(table) in PAGE, f"docs/store.md should have:\n{section(table)}"


def test_the_example_gives_the_newest_revisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    bench = a_bench(tmp_path)
    bench.append((0, 1.0), (1, 2.0), entity="country/IR")
    bench.append((1, 3.0), entity="country/IR")
    bench.append((1, 4.0), entity="country/KZ")
    bench.store.path.rename(tmp_path / "zicht-store")
    monkeypatch.chdir(tmp_path)
    named: dict[str, duckdb.DuckDBPyRelation] = {}
    exec(example, named)  # noqa: S102 - the page's own example
    assert named["newest"].to_arrow_table()["value"].to_pylist() == [1.0, 3.0]
