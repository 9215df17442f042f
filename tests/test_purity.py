"""The model, detection, scoring and every parse compute the same today as tomorrow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "zicht"
PURE = sorted(
    path
    for room in ("model", "detect", "score", "sources")
    for path in (SOURCE / room).rglob("*.py")
    if "fetch" not in {path.stem, path.parent.name}  # a source's I/O stands there alone
)
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "perf_counter", "monotonic"}
OPENERS = {"open", "input", "print"}


def impure_calls(tree: ast.AST) -> list[str]:
    """Calls that read a clock, open a file or talk to somebody."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in OPENERS:
                found.append(f"line {node.lineno}: {name}()")
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="datetime" | "date" | "time"), attr=name)
            ) if name in CLOCKS:
                found.append(f"line {node.lineno}: {name}()")
    return found


@pytest.mark.parametrize("module", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_pure_module_opens_nothing_and_reads_no_clock(module: Path) -> None:
    assert impure_calls(ast.parse(module.read_text(encoding="utf-8"))) == []


def test_a_clock_and_an_open_file_would_be_found() -> None:
    tree = ast.parse("datetime.now(UTC); time.time(); open('a'); time.values; re.compile('a')")
    assert len(impure_calls(tree)) == 3
