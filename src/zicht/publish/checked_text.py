"""A checked report as plain lines for a terminal, and one claim as a card to cite."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from zicht.errors import UsageError
from zicht.publish.checked_words import confirmed_words, in_words, simulated_sentence
from zicht.publish.claim_words import about
from zicht.publish.letters import FONT, visible, wrap
from zicht.publish.verdict_words import verdict_word
from zicht.publish.wording import source_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.claim import CheckedReport, Cited, Claim, SubClaim
    from zicht.publish.language import Language

_LONGEST_QUOTE = 600
_FIGURES = 3  # series that a terminal shows of each part
_FIGURES_OF_CARD = 2
_WIDTH, _PADDING = 1000, 40
_QUOTE = 24  # size of its letters
_BEGIN, _END = "\N{RIGHT-TO-LEFT EMBEDDING}", "\N{POP DIRECTIONAL FORMATTING}"
_INK, _PAPER = "#1a1a1a", "#ffffff"


def checked_lines(words: Language, checked: CheckedReport) -> Iterator[str]:
    """A report's claims with what was measured of them, line by line."""
    told = in_words(words, checked)
    if told.simulated:
        yield simulated_sentence(words)
    if not told.claims:
        yield nothing_found(words, checked)
    for number, claim in enumerate(told.claims, 1):
        yield ""
        yield f"{words.number(number)}. {quoted(claim.quote)}"
        yield f"   {claim.id} · {about(words, claim)}"
        for also in claim.also:
            said = words.say("also said in: {quote}", quote=quoted(also.quote))
            yield f"   {said}"
        if claim.verdict is not None:
            verdict = words.say("verdict: {verdict}", verdict=verdict_word(words, claim.verdict))
            yield f"   {verdict}"
        for part in claim.subclaims:
            yield f"   - {part_line(words, part)}"
            for figure in part.figures[:_FIGURES]:
                yield f"       {figure}"
            if (more := len(part.figures) - _FIGURES) > 0:
                rest = words.count(
                    "and {n} more series (--format json)",
                    "and {n} more series (--format json)",
                    more,
                )
                yield f"       {rest}"
    if told.sources:
        yield ""
        yield from source_lines(words, told.sources)


def nothing_found(words: Language, checked: CheckedReport) -> str:
    """That there are no claims: because none is made, or because nothing could be read."""
    if checked.language is None:
        return words.say("Nothing was read out of this text.")
    return words.say("No claim on connectivity was found.")


def source_lines(words: Language, sources: Sequence[Cited]) -> tuple[str, ...]:
    """Whose data speak, each source in a sentence with its licence."""
    said = (source_sentence(words, one.citation, one.licence) for one in sources)
    return tuple(dict.fromkeys(said))


def part_line(words: Language, part: SubClaim) -> str:
    """A part, its verdict and why, in one line; its texts are in that language already."""
    return words.say(
        "{part}: {verdict}. {reason}",
        part=part.text,
        verdict=verdict_word(words, part.verdict),
        reason=part.reason,
    )


def quoted(text: str) -> str:
    """A quote, on one line, without what steers a screen."""
    return f"“{tamed(text)}”"


def tamed(text: str | None) -> str:
    """What others wrote, on one line, without what steers a screen."""
    return visible(" ".join((text or "").split()))[:_LONGEST_QUOTE]


def card(words: Language, checked: CheckedReport, claim_id: str) -> str:
    """One claim as a card to cite, in Markdown.

    Raises:
        UsageError: there is no such claim, it was not checked, or against simulated data.
    """
    claim = card_claim(in_words(words, checked), claim_id)
    lines = [
        f"> {escaped(tamed(claim.quote))}",
        "",
        f"**{verdict_word(words, claim.verdict)}** ({escaped(tamed(checked.report))})",
        "",
        f"{escaped(about(words, claim))}",
        "",
    ]
    for part in claim.subclaims:
        verdict = f"**{verdict_word(words, part.verdict)}**"
        told = words.say(
            "{part}: {verdict}. {reason}",
            part=escaped(part.text),
            verdict=verdict,
            reason=escaped(part.reason),
        )
        lines.append(f"- {told}")
        lines += [f"  - {escaped(figure)}" for figure in part.figures]
    lines += ["", *(escaped(one) for one in _foot(words, checked, claim))]
    return "\n".join(lines) + "\n"


def _foot(words: Language, checked: CheckedReport, claim: Claim) -> tuple[str, ...]:
    shown = {one.signal for part in claim.subclaims for one in part.measured}
    return (
        confirmed_words(words, claim.confirmed_by),
        words.say("Never a verdict on who did it, or why."),
        words.say(
            "Zicht {version}, text {text}, claim {claim}.",
            version=checked.version,
            text=checked.sha256[:12],
            claim=claim.id,
        ),
        *source_lines(words, [one for one in checked.sources if shown & {*one.signals}]),
    )


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


def card_picture(words: Language, checked: CheckedReport, claim_id: str) -> str:
    """One claim as a picture to cite, as SVG.

    Raises:
        UsageError: there is no such claim, it was not checked, or against simulated data.
    """
    claim = card_claim(in_words(words, checked), claim_id)
    room = _WIDTH - 2 * _PADDING
    lines = [(line, _QUOTE, True) for line in wrap(quoted(claim.quote), room, _QUOTE, most=8)]
    lines += [("", 10, False), (verdict_word(words, claim.verdict), 34, True)]
    lines += [(line, 15, False) for line in wrap(about(words, claim), room, 15, most=4)]
    for part in claim.subclaims:
        lines += [(line, 18, False) for line in wrap(part_line(words, part), room, 18, most=4)]
        for figure in part.figures[:_FIGURES_OF_CARD]:
            lines += [(line, 15, False) for line in wrap(figure, room, 15, most=3)]
    foot = " · ".join((tamed(checked.report), *_foot(words, checked, claim)))
    lines += [("", 10, False), *((line, 14, False) for line in wrap(foot, room, 14, most=8))]
    return _svg(words, lines)


def _svg(words: Language, lines: list[tuple[str, int, bool]]) -> str:
    height, drawn = _PADDING, []
    is_left = words.direction == "ltr"
    x = _PADDING if is_left else _WIDTH - _PADDING
    for text, size, bold in lines:
        height += round(size * 1.4)
        weight = ' font-weight="bold"' if bold else ""
        side = "" if is_left else ' text-anchor="end"'
        # The renderer runs every line from left to right; a quote runs as its own letters do.
        shown = text if is_left or size == _QUOTE else f"{_BEGIN}{text}{_END}"
        drawn.append(
            f'<text x="{x}" y="{height}" font-size="{size}"{weight}{side}>{escape(shown)}</text>'
        )
    height += _PADDING
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="{FONT}" fill="{_INK}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>{"".join(drawn)}</svg>'
    )
