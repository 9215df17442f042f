"""A claim with its verdict as a picture to cite."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from zicht.observe.checked_text import card_claim, tamed
from zicht.publish.letters import FONT, wrap
from zicht.version import __version__

if TYPE_CHECKING:
    from zicht.observe.checked import CheckedReport

_WIDTH, _PADDING = 1000, 40
_INK, _PAPER = "#1a1a1a", "#ffffff"


def card_picture(checked: CheckedReport, claim_id: str) -> str:
    """One claim as a picture to cite, as SVG.

    Raises:
        UsageError: there is no such claim, it was not checked, or against simulated data.
    """
    claim = card_claim(checked, claim_id)
    room = _WIDTH - 2 * _PADDING
    lines = [(line, 24, True) for line in wrap(f"“{tamed(claim.quote)}”", room, 24, most=8)]
    lines += [("", 10, False), (str(claim.verdict), 34, True)]
    for part in claim.subclaims:
        text = f"{part.text}: {part.verdict}. {part.reason}"
        lines += [(line, 18, False) for line in wrap(text, room, 18, most=4)]
        for figure in part.figures[:2]:
            lines += [(line, 15, False) for line in wrap(figure, room, 15, most=2)]
    confirmed = (
        f"confirmed by {tamed(claim.confirmed_by)}"
        if claim.confirmed_by
        else ("confirmed by nobody")
    )
    foot = (
        f"{tamed(checked.report)} · read by a machine, {confirmed} · who did it, and why, is not"
        f" judged · Zicht {__version__}, text {checked.sha256[:12]}, claim {claim.id}"
    )
    lines += [("", 10, False), *((line, 14, False) for line in wrap(foot, room, 14, most=3))]
    return _svg(lines)


def _svg(lines: list[tuple[str, int, bool]]) -> str:
    height, drawn = _PADDING, []
    for text, size, bold in lines:
        height += round(size * 1.4)
        weight = ' font-weight="bold"' if bold else ""
        drawn.append(
            f'<text x="{_PADDING}" y="{height}" font-size="{size}"{weight}>{escape(text)}</text>'
        )
    height += _PADDING
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="{FONT}" fill="{_INK}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>{"".join(drawn)}</svg>'
    )
