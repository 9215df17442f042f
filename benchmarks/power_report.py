"""The tables of ``power.py``, in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.score.uncertainty import rate_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARES = (0.75, 0.5, 0.2, 0.0)
LENGTHS = (1, 2, 3, 6, 24)
OURS = "Zicht"
TOGETHER = "all steps"
GOAL = "step to 50%, 3 bins"


def report(results: dict[str, Any]) -> None:
    """Markdown to stdout."""
    _report_quiet(results)
    _report_steps(results)
    _report_peers(
        results, GOAL, "A drop to half for three bins: found (95 % interval), beside the peers"
    )
    _report_peers(results, TOGETHER, "All steps together: found (95 % interval), beside the peers")
    print("\n## All steps together: bins from onset to alert, and bins by which the end is off\n")
    _table_head(["kind", *_columns(results)])
    for name, one in results.items():
        cells = one["cells"].get(TOGETHER, {})
        texts = (
            f"{_number(cell['median_delay_bins'])}, {_number(cell['median_end_error_bins'])}"
            for cell in cells.values()
        )
        print(f"| {name} | {' | '.join(texts)} |")
    _report_shapes(results)


def _columns(results: dict[str, Any]) -> list[str]:
    cells = next(iter(results.values()))["cells"]
    return list(cells[TOGETHER])


def _report_quiet(results: dict[str, Any]) -> None:
    print("\n## False alerts on quiet series after learning: number, and a week (95 % interval)\n")
    peers = list(next(iter(results.values()))["false alerts as published"])
    _table_head(["kind", "series-weeks", *peers])
    for name, one in results.items():
        texts = [
            f"{events} ({low:.3f}–{high:.3f})"
            for events in one["false alerts as published"].values()
            for low, high in [rate_interval(events, one["weeks"])]
        ]
        print(f"| {name} | {one['weeks']:.0f} | {' | '.join(texts)} |")


def _report_steps(results: dict[str, Any]) -> None:
    print("\n## Steps that Zicht finds, of those injected, by what is left and for how many bins\n")
    _table_head(["kind", *(f"{share:.0%}, {bins}" for share in SHARES for bins in LENGTHS)])
    for name, one in results.items():
        texts = [
            _of(one["cells"].get(step_name(share, bins))) for share in SHARES for bins in LENGTHS
        ]
        print(f"| {name} | {' | '.join(texts)} |")


def _report_peers(results: dict[str, Any], cell: str, title: str) -> None:
    print(f"\n## {title}\n")
    _table_head(["kind", *_columns(results)])
    for name, one in results.items():
        texts = []
        for tally in one["cells"].get(cell, {}).values():
            low, high = tally["interval"]
            texts.append(f"{_of(tally)} ({low:.2f}–{high:.2f})")
        print(f"| {name} | {' | '.join(texts)} |")


def _report_shapes(results: dict[str, Any]) -> None:
    """Zicht's power on the other shapes, and its alerts on what is no outage."""
    shapes = [
        cell
        for cell in dict.fromkeys(cell for one in results.values() for cell in one["cells"])
        if not cell.startswith("step") and cell != TOGETHER
    ]
    if not shapes:
        return
    print("\n## Other shapes that Zicht finds; of holidays and surges, false alerts\n")
    _table_head(["kind", *shapes])
    for name, one in results.items():
        texts = (_of(one["cells"].get(shape)) for shape in shapes)
        print(f"| {name} | {' | '.join(texts)} |")


def _of(tally: Any) -> str:
    """How many of how many, of a cell's tally or of Zicht's in a cell of all."""
    if tally and "trials" not in tally:
        tally = tally[OURS]
    return f"{tally['found']}/{tally['trials']}" if tally and tally["trials"] else "–"


def _table_head(names: Sequence[str]) -> None:
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")


def step_name(share: float, bins: int) -> str:
    """The name of a cell of a step."""
    return f"step to {share:.0%}, {bins} bins"


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:g}"
