"""A checked report in a language: its notes, and the words of its claims' parts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.publish.letters import tame
from zicht.publish.verdict_words import figure_words, part_words, reason_words

if TYPE_CHECKING:
    from zicht.model.claim import CheckedReport, Note, SubClaim
    from zicht.publish.language import Language


def in_words(words: Language, checked: CheckedReport) -> CheckedReport:
    """The report with the texts of its notes, parts, reasons and figures in a language.

    Codes, numbers and names stay, and what was read out of the text is not touched.
    """
    claims = tuple(
        msgspec.structs.replace(
            one, subclaims=tuple(_part_in_words(words, part) for part in one.subclaims)
        )
        for one in checked.claims
    )
    notes = tuple(
        msgspec.structs.replace(one, text=note_words(words, one)) for one in checked.notes
    )
    return msgspec.structs.replace(checked, claims=claims, notes=notes)


def _part_in_words(words: Language, part: SubClaim) -> SubClaim:
    return msgspec.structs.replace(
        part,
        text=part_words(words, part),
        reason=reason_words(words, part),
        figures=tuple(figure_words(words, one) for one in part.measured),
    )


def note_words(words: Language, note: Note) -> str:
    """What a note says."""
    values = {name: _value(words, one) for name, one in note.values.items()}
    languages = note.values.get("languages")
    listed = [str(one) for one in languages] if isinstance(languages, tuple | list) else []
    code = str(note.values.get("language", ""))
    return {
        "hidden-characters": words.say(
            "Invisible characters were taken out of the text: {n}.", n=values.get("count", "")
        ),
        "faulty-bytes": words.say(
            "Bytes that are no UTF-8 stand as \ufffd: {n}.", n=values.get("count", "")
        ),
        "code-page": words.say(
            "The text is no UTF-8; it was read as {page}.", page=values.get("page", "")
        ),
        "language-unknown": words.say(
            "The language is none of {languages}, or the text is too short to tell: nothing was"
            " read out of it. Name it (--in).",
            languages=", ".join(listed),
        ),
        "language-experimental": words.say(
            "Reading this language is experimental ({language}): expect misses and mistakes.",
            language=words.locale.languages.get(code) or code,
        ),
        "model-read": words.say(
            "The model {model} read it too. Claims that it added: {added}; quotes of it that are"
            " not in the text, and were dropped: {dropped}.",
            model=values.get("model", ""),
            added=values.get("added", ""),
            dropped=values.get("dropped", ""),
        ),
        "published-unknown": words.say(
            "The day of publication is not known; say it (--published). Nothing is guessed."
        ),
        "published-by-event": words.say(
            "Published between {start} and {end}: told by the one measured event that fits."
            " Whoever knows better says so (--published).",
            start=values.get("from", ""),
            end=values.get("until", ""),
        ),
    }.get(note.code, note.code)


def _value(words: Language, value: object) -> str:
    return words.number(value) if isinstance(value, int | float) else tame(str(value))


def published_words(words: Language, checked: CheckedReport) -> str:
    """When a report was published."""
    stated = checked.published
    if stated is None:
        return words.say("unknown")
    if stated.start == stated.until:
        return words.say("{interval} UTC", interval=words.moment(stated.start))
    first, last = words.day(stated.start), words.day(stated.until - timedelta(seconds=1))
    return first if first == last else words.say("{start} to {end}", start=first, end=last)


def simulated_sentence(words: Language) -> str:
    """What is said first of a report that was held against data of the lab."""
    return words.say("SIMULATED: nothing below was measured, and nothing is confirmed.")


def confirmed_words(words: Language, confirmed_by: str | None) -> str:
    """Who looked at what was read."""
    if not confirmed_by:
        return words.say("Read by a machine; confirmed by nobody.")
    return words.say("Read by a machine, confirmed by {name}.", name=tame(confirmed_by, 200))
