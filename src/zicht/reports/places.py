"""Where things are said to be: names found in a text, and which of them a sentence is about."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from zicht.model.claim import Place
from zicht.reports.cities import cities_named
from zicht.reports.gazetteer import CASED, UNCASED, gazetteer, worldwide
from zicht.reports.languages import speech
from zicht.reports.scene import AFFECTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zicht.reports.reading import Report
    from zicht.reports.sentences import Sentence

_WEIGHTS = {"country": 3.0, "town": 2.0, "people": 1.0}
_AT = 1.0  # "in Kazakhstan" rather than "Kazakhstan's president"
_TOPIC = 1.5  # the country that the report is about, rather than another that a sentence names
_SPEAKS = 2.5  # what the place of a speaker counts less
_OF_SPEAKER = 0.2  # likewise, of what a report is about
_SPOKEN = 8  # words between "says" and where it is said
_BEGINNING = 3  # the first sentences say what a report is about
_NEAR = 3  # words between a people and an agency: "the Russian news agency TASS"
_OF_CABLES = [
    [one]
    for one in (
        "اینترنت", "برق", "دریایی", "زیردریایی", "زیرزمینی", "فیبر", "مخابراتی", "مسی", "نوری",
    )
]  # fmt: skip
"""Words after a cable, in Persian, folded."""
_CAPITALS = ("en", "nl")  # languages that write peoples with a capital


class Mention(NamedTuple):
    """A name in a text: its kind, what it stands for, its first word, the word after its last."""

    kind: str
    value: str
    first: int
    last: int

    @property
    def country(self) -> str:
        """The code of the country that it speaks of, or is of."""
        return self.value[:2] if self.kind in {*_WEIGHTS, "operator"} else ""


def find_mentions(report: Report) -> list[Mention]:
    """The names in a report, in order; none where its language cannot be read."""
    if report.language is None:
        return []
    words, text = report.words, report.text
    found = []
    for one in gazetteer(report.language).find(words.folded, breaks=words.breaks):
        cased = one.kind in CASED or (one.kind == "people" and report.language in _CAPITALS)
        if (
            cased
            and not one.value.endswith(UNCASED)
            and not _capital(text, Mention(one.kind, one.value, one.first, one.last), words.starts)
        ):
            continue
        if report.language == "fa" and _is_cable(words.folded, one.first):
            continue
        if one.value == "TG" and report.language == "ru" and not _is_togo(report, one.first):
            continue  # of that
        found.append(Mention(one.kind, one.value, one.first, one.last))
    if not any(one.kind in _WEIGHTS for one in found):
        found += [Mention("town", *city) for city in cities_named(report)]
    return _without_seats(report, _one_each(found))


def _is_cable(folded: Sequence[str], place: int) -> bool:
    """Persian writes Kabul as it writes a cable: *کابل دریایی* is one under the sea."""
    return folded[place] == "کابل" and folded[place + 1 : place + 2] in _OF_CABLES


def _is_togo(report: Report, place: int) -> bool:
    """Whether what may be *of that* is Togo: after a word for where, or a name amid a sentence."""
    before = report.text[: report.words.starts[place]].rstrip(' \t«"')[-1:]
    return _after_where(report, place) or before not in {"", "\n", ".", "!", "?", "…", ":"}


def _after_where(report: Report, place: int) -> bool:
    where = speech(report.language or "en").grammar.where
    return place > 0 and report.words.folded[place - 1] in where


def _capital(text: str, one: Mention, starts: Sequence[int]) -> bool:
    """Whether a name is written as one: with a capital, of a town or firm the last word too."""
    first, last = text[starts[one.first]], text[starts[one.last - 1]]
    return not first.islower() and (
        one.kind == "country" or not last.islower() or one.last - one.first == 1
    )


def _one_each(mentions: list[Mention]) -> list[Mention]:
    """One reading of each stretch of words: that of the heaviest kind."""
    rank = ("country", "town", "monitor", "agency", "operator", "service", "people")
    kept: list[Mention] = []
    for one in sorted(
        mentions,
        key=lambda m: (m.first, m.first - m.last, rank.index(m.kind), "-" not in m.value),
    ):
        if kept and one.first < kept[-1].last:
            same = one.first == kept[-1].first and one.kind == kept[-1].kind
            if same and (one.kind == "operator" or _are_two_regions(one, kept[-1])):
                kept.append(one)
            continue
        kept.append(one)
    return kept


def _are_two_regions(one: Mention, other: Mention) -> bool:
    """Whether a name is of regions of two countries: Punjab."""
    return "-" in one.value and one.last == other.last and one.country != other.country


def _without_seats(report: Report, mentions: list[Mention]) -> list[Mention]:
    """Leave out where those who speak sit: "London-based NetBlocks", "Russian agency TASS"."""
    folded = report.words.folded
    seats = _seats(report.language or "en")
    speakers = [one.first for one in mentions if one.kind in {"monitor", "agency"}]
    ends = {one.last for one in mentions if one.kind == "monitor"}  # "NetBlocks in London"
    kept = []
    for one in mentions:
        if one.kind in _WEIGHTS:
            around = folded[max(one.first - 3, 0) : one.first], folded[one.last : one.last + 1]
            before = " ".join(around[0])
            seated = any(word in seats for word in around[1]) or any(
                before.endswith(seat) or f" {seat} " in f" {before} " for seat in seats
            )
            passing = one.kind == "people" and any(
                0 <= speaker - one.last < _NEAR for speaker in speakers
            )
            behind = one.first - 1 in ends and _after_where(report, one.first)
            if seated or passing or behind or _is_dateline(report, one):
                continue
        kept.append(one)
    return kept


def _is_dateline(report: Report, one: Mention) -> bool:
    """``LONDON (Reuters) -``: where a report was written."""
    start, end = report.words.starts[one.first], report.words.ends[one.last - 1]
    name, after = report.text[start:end], report.text[end : end + 30]
    if not name.isupper() or len(name) <= 3:  # noqa: PLR2004 - UK, USA
        return False
    return ("(" in after[:12]) or " — " in after or " - " in after


def _seats(code: str) -> frozenset[str]:
    return frozenset(" ".join(one.words) for one in speech(code).seats)


def topic(report: Report, mentions: Sequence[Mention]) -> str | None:
    """The country that a report is about, by how often and how early it names each."""
    return most_spoken_of(countries_named(report, mentions))


def most_spoken_of(weights: Mapping[str, float]) -> str | None:
    """The country of the greatest weight; ``None`` where none is named."""
    return max(weights, key=lambda country: weights[country], default=None)


def countries_named(report: Report, mentions: Sequence[Mention]) -> dict[str, float]:
    """How much a report speaks of each country, by how often and how early it names it."""
    weights: dict[str, float] = defaultdict(float)
    early = [one.last for one in report.sentences[:_BEGINNING]]
    begin = early[-1] if early else 0
    several = len({one.country for one in mentions if one.kind in _WEIGHTS}) > 1
    for one in mentions:
        if one.kind in _WEIGHTS:
            weight = _WEIGHTS[one.kind] * (2 if one.first < begin else 1)
            if several and _is_of_speaker(report, one, 0):
                weight *= _OF_SPEAKER
            weights[one.country] += weight
        elif one.kind == "operator" and report.words.folded[one.first] not in worldwide():
            weights[one.country] += 0.5
    return dict(weights)


def places_in(
    report: Report, mentions: Sequence[Mention], first: int, last: int, about: str | None
) -> list[tuple[float, Mention]]:
    """The places that a stretch of words names, the likeliest to be meant first."""
    folded, where = report.words.folded, speech(report.language or "en").grammar.where
    found = []
    begin = bisect_left(mentions, first, key=lambda one: one.first)
    end = bisect_left(mentions, last, key=lambda one: one.first)
    for one in mentions[begin:end]:
        if one.kind not in _WEIGHTS:
            continue
        weight = _WEIGHTS[one.kind]
        before = folded[max(one.first - 2, first) : one.first]
        weight += _AT if any(word in where for word in before) else 0
        weight += _TOPIC if one.country == about else 0
        found.append((weight, one))
    if len(found) > 1:
        found = [(w - _SPEAKS * _is_of_speaker(report, one, first), one) for w, one in found]
    found.sort(key=lambda item: -item[0])
    once: dict[int, tuple[float, Mention]] = {}
    for item in found:
        once.setdefault(item[1].first, item)
    return _narrowest_first(report, list(once.values()))


def _is_of_speaker(report: Report, place: Mention, first: int) -> bool:
    """*..., says an aid organisation in The Hague*: where somebody speaks."""
    words = report.words
    if not _after_where(report, place.first):
        return False
    begin = max(first, place.first - _SPOKEN)
    claims = speech(report.language or "en").claims
    said = claims.find(words.folded, begin, place.first, words.breaks)
    return any(
        one.kind in {"said.says", "said.according_to"}
        and words.breaks.isdisjoint(range(one.last, place.first + 1))
        for one in said
    )


def _narrowest_first(
    report: Report, found: list[tuple[float, Mention]]
) -> list[tuple[float, Mention]]:
    """A region or town before its country, where that only says whose it is.

    *Ethiopia cut the internet in Tigray*, *in India's Manipur*, *authorities in Pakistan cut the
    internet in Punjab*; but not *the internet was cut in Kazakhstan, above all in Almaty*.
    """
    if not found or found[0][1].kind == "town":
        return found
    best = found[0][1]
    for item in found[1:]:
        one = item[1]
        if _is_elsewhere(report, best, one):
            continue
        if one.kind == "town" and one.country == best.country and _is_meant(report, one, best):
            return [item, *(other for other in found if other is not item)]
    return found


def _is_elsewhere(report: Report, country: Mention, town: Mention) -> bool:
    """*Kazakhstan cut the internet as crowds gathered in Almaty*: the town is of another clause."""
    meanwhile = speech(report.language or "en").grammar.meanwhile
    return not meanwhile.isdisjoint(report.words.folded[country.last : town.first])


def _is_meant(report: Report, one: Mention, country: Mention) -> bool:
    """Whether a town or region is where it is, and the country beside it only whose."""
    if one.first - country.last in {0, _genitive(report, country)} or country.first == one.last:
        return True
    if not is_located(report, one):
        return False
    claims = speech(report.language or "en").claims
    between = claims.find(report.words.folded, country.last, one.first)
    return not is_located(report, country) or any(match.kind in AFFECTED for match in between)


def _genitive(report: Report, one: Mention) -> int:
    """The words of a genitive that is written apart behind a name: 1 for *India's*, else 0."""
    folded = report.words.folded
    return int(one.last < len(folded) and folded[one.last] == "s")


def is_located(report: Report, one: Mention) -> bool:
    """Whether a word such as *in* stands before a name."""
    where = speech(report.language or "en").grammar.where
    return any(word in where for word in report.words.folded[max(one.first - 2, 0) : one.first])


def place_of(  # noqa: PLR0917 - where a statement stands, and what was said before it
    report: Report,
    mentions: Sequence[Mention],
    sentence: Sentence,
    stretch: tuple[int, int],
    about: str | None,
    before: Place | None,
    at: int | None = None,
) -> tuple[Place, tuple[str, ...]]:
    """Where a statement is about, and all places that it names.

    Args:
        report: the report.
        mentions: the names in it.
        sentence: the sentence that it stands in.
        stretch: the words of the statement itself.
        about: the country that the report is about.
        before: the place of the statement before it in the same section.
        at: the word that the statement turns on: what stands in its clause is meant first.
    """
    for first, last in (stretch, (sentence.first, sentence.last)):
        found = places_in(report, mentions, first, last, about)
        if at is not None and len(found) > 1:
            found = _of_its_clause(report, found, at)
        if found:
            best = found[0][1]
            names = dict.fromkeys(_entity(report, one) for _, one in found)
            return _named(report, best), tuple(names)
    begin = bisect_left(mentions, sentence.first, key=lambda one: one.first)
    end = bisect_left(mentions, sentence.last, key=lambda one: one.first)
    operators = {
        one.country
        for one in mentions[begin:end]
        if one.kind == "operator" and report.words.folded[one.first] not in worldwide()
    }
    if len(operators) == 1 and about is None:
        about = operators.pop()
    if before is not None and before.country is not None:
        country = before.country
        return Place(
            entity=f"country/{country}", country=country, inferred_from="sentence before"
        ), (f"country/{country}",)
    if about is None:
        return Place(entity=None, country=None), ()
    entity = f"country/{about}"
    return Place(entity=entity, country=about, inferred_from="topic of the report"), (entity,)


def _of_its_clause(
    report: Report, found: list[tuple[float, Mention]], at: int
) -> list[tuple[float, Mention]]:
    """Places in the clause of a word first, where a place before it is of another country."""
    breaks = report.words.breaks

    def beside(one: Mention) -> bool:
        low, high = sorted((one.first, at))
        return breaks.isdisjoint(range(low + 1, high + 1))

    best = found[0][1]
    if best.first < at or beside(best):  # only what follows in a further clause is put back
        return found
    own = [item for item in found if beside(item[1]) and item[1].first < at]
    return [*own, *(item for item in found if item not in own)]


def _entity(report: Report, one: Mention) -> str:
    code, _, city = one.value.partition(" ")
    if one.kind == "town" and "-" in code and (not city or is_located(report, one)):
        return f"region/{code}"
    return f"country/{one.country}"


def _named(report: Report, one: Mention) -> Place:
    words, entity = report.words, _entity(report, one)
    is_town = one.kind == "town" and entity.startswith("country/")
    return Place(
        entity=entity,
        country=one.country,
        name=report.text[words.starts[one.first] : words.ends[one.last - 1]],
        inferred_from="sentence: a town" if is_town else "sentence",
    )
