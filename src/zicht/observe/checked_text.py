"""A checked report as plain lines for a terminal, and as a card to cite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.publish.letters import visible
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.model.claim import Claim, ClaimTime
    from zicht.observe.checked import CheckedReport

SIMULATED = "SIMULATED: nothing below was measured, and nothing is confirmed."
_LONGEST_QUOTE = 600
_FIGURES = 3  # series that a terminal shows of each part


def checked_lines(checked: CheckedReport) -> Iterator[str]:
    """A report's claims with what was measured of them, line by line."""
    if checked.simulated:
        yield SIMULATED
    if not checked.claims:
        yield "No claim on connectivity was found."
    for number, claim in enumerate(checked.claims, 1):
        yield ""
        yield f"{number}. “{tamed(claim.quote)}”"
        yield f"   {claim.id} · {about(claim)}"
        for also in claim.also:
            yield f"   also said in: “{tamed(also.quote)}”"
        if claim.verdict is not None:
            yield f"   verdict: {claim.verdict}"
        for part in claim.subclaims:
            yield f"   - {part.text}: {part.verdict}. {part.reason}"
            for figure in part.figures[:_FIGURES]:
                yield f"       {figure}"
            if len(part.figures) > _FIGURES:
                yield f"       and {len(part.figures) - _FIGURES} more series (--format json)"


def about(claim: Claim) -> str:
    """What was read out of a claim, in one line."""
    place = claim.place.entity or "place unknown"
    parts = [claim.type, place, " + ".join(claim.scope)]
    if claim.severity.level != "unstated":
        parts.append(claim.severity.level)
    if claim.percent is not None:
        parts.append(f"{claim.percent:g} % left")
    parts.append(when(claim.time))
    if claim.repeated:
        parts.append(f"time no. {claim.repeated}")
    parts.append(f"says: {tamed(claim.source)}" if claim.source else "says: the report itself")
    if claim.chain:
        parts.append(f"by way of {', '.join(tamed(one) for one in claim.chain)}")
    if claim.hedged:
        parts.append("with reservation")
    return " · ".join(parts)


def when(time: ClaimTime) -> str:
    """A time with how it was told."""
    if time.start is None:
        return f"time unknown ({time.inferred_from})"
    until = f" to {time.until:%Y-%m-%d %H:%MZ}" if time.until else ""
    return f"{time.start:%Y-%m-%d %H:%MZ}{until} ({time.inferred_from}; clock of {time.clock})"


def tamed(text: str | None) -> str:
    """What others wrote, on one line, without what steers a screen."""
    return visible(" ".join((text or "").split()))[:_LONGEST_QUOTE]


def card(checked: CheckedReport, claim_id: str) -> str:
    """One claim as a card to cite, in Markdown.

    Raises:
        UsageError: there is no such claim, it was not checked, or against simulated data.
    """
    claim = card_claim(checked, claim_id)
    lines = [
        f"> {escaped(tamed(claim.quote))}",
        "",
        f"**{claim.verdict}** ({escaped(checked.report)})",
        "",
        f"{escaped(about(claim))}",
        "",
    ]
    for part in claim.subclaims:
        lines.append(f"- {escaped(part.text)}: **{part.verdict}**. {escaped(part.reason)}")
        lines += [f"  - {escaped(figure)}" for figure in part.figures]
    confirmed = f"Read by a machine, confirmed by {escaped(tamed(claim.confirmed_by))}."
    unconfirmed = "Read by a machine; confirmed by nobody."
    lines += [
        "",
        confirmed if claim.confirmed_by else unconfirmed,
        "Never a verdict on who did it, or why.",
        f"Zicht {__version__}, text {checked.sha256[:12]}, claim {claim.id}.",
    ]
    return "\n".join(lines) + "\n"


def card_claim(checked: CheckedReport, claim_id: str) -> Claim:
    """The claim of a card.

    Raises:
        UsageError: there is no such claim, it was not checked, or against simulated data.
    """
    claim = next((one for one in checked.claims if one.id == claim_id), None)
    if claim is None:
        raise UsageError(f"This report makes no claim {claim_id!r}.", "`zicht check` shows them.")
    if checked.simulated or claim.verdict == "simulated":
        raise UsageError(
            "There is no card of what was held against simulated data.",
            "Proof drawn from published reports cannot confirm published reports.",
        )
    if claim.verdict is None:
        raise UsageError("The claim was not checked.", "Leave out --read-only.")
    return claim


def escaped(text: str) -> str:
    """Text that means nothing to Markdown or HTML."""
    for mark in "\\`*_[]<>#|":
        text = text.replace(mark, f"\\{mark}")
    return text
