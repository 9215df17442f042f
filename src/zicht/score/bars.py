"""Bars: what a detector must reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError

if TYPE_CHECKING:
    from zicht.score.figures import Scores

HIGHER_IS_BETTER = frozenset({"recall", "recall-series", "precision"})
LOWER_IS_BETTER = frozenset(
    {
        "false-alerts",
        "false-events-national",
        "false-events-local",
        "alerts-per-event",
        "brier",
        "ece",
        "brier-outages",
        "ece-outages",
        *(
            f"{name}{suffix}"
            for name in ("delay", "delay-at-most", "onset-error", "end-error")
            for suffix in ("", "-p90", "-minutes", "-p90-minutes")
        ),
    }
)


class Bar(msgspec.Struct, frozen=True):
    """What a figure must reach: at least so much, or at most, as the figure's name says."""

    figure: str
    limit: float


def parse_bars(text: str) -> tuple[Bar, ...]:
    """Read bars from ``recall=0.9,false-alerts=0.02``.

    Raises:
        UsageError: there is no such figure, or what stands behind it is no number.
    """
    bars = []
    for part in text.split(","):
        figure, _, limit = (word.strip() for word in part.partition("="))
        if figure not in HIGHER_IS_BETTER | LOWER_IS_BETTER:
            raise UsageError(
                f"{figure!r} is no figure.",
                f"There are {', '.join(sorted(HIGHER_IS_BETTER | LOWER_IS_BETTER))}.",
            )
        try:
            bars.append(Bar(figure, float(limit)))
        except ValueError:
            raise UsageError(
                f"The bar of {figure} is {limit!r} and no number.", f"Write it as {figure}=0.5."
            ) from None
    return tuple(bars)


def not_reached(scores: Scores, bars: tuple[Bar, ...], method: str) -> list[str]:
    """What a detector does not reach, a sentence each.

    A figure that nothing supports does not reach its bar.
    """
    said = []
    for bar in bars:
        found = [one for one in scores.figures if (one.figure, one.method) == (bar.figure, method)]
        higher = bar.figure in HIGHER_IS_BETTER
        word = "at least" if higher else "at most"
        if not any(one.value is not None for one in found):
            said.append(f"{bar.figure} is not known and should be {word} {bar.limit:g}.")
        for one in found:
            if one.value is None:
                continue
            if (one.value < bar.limit) if higher else (one.value > bar.limit):
                said.append(
                    f"{bar.figure} of what is {one.data} is {one.value:.4g} and should be"
                    f" {word} {bar.limit:g}."
                )
    return said
