"""Words of a text with their places, and phrases found among them.

Everything that is looked for in a report is a phrase of a few words. One pass over the words finds
them all; the time is proportional to the length of the text, whatever it holds: no expression here
can be made to try again and again.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_WORD = re.compile(r"\d+(?:[.,:\u066b]\d+)+|[^\W\u0640][\w\u064b-\u065f\u0670]*|[%٪]")
"""A word; Arabic signs for vowels are written within it, and a lone stretching stroke is none."""
_BREAKING = frozenset(",;:!?()،؛؟")
_LONGEST_WORD = 48  # letters; what is longer is no word of a language
LONGEST_GAP = 14  # words between the parts of a phrase: "shut the whole network down"
_USED_UP = frozenset({"not", "unable"})
"""Kinds that mean nothing by themselves where they end a phrase: *doet ... niet*."""
_MOST_KEPT = 60_000  # different words whose phrases are remembered
_SHORTEST_PART = 3  # letters of a part of a compound
GAP = "..."
"""Stands in a phrase for up to fourteen other words."""


class Words(NamedTuple):
    """The words of a text: where each begins and ends (code points), and its letters, folded.

    ``breaks`` are the words before which a comma or the like stands: no phrase goes on over it.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    folded: list[str]
    breaks: frozenset[int] = frozenset()


class Phrase(NamedTuple):
    """Something to look for: a kind, what it stands for, and its words; ``*`` ends a stem."""

    kind: str
    value: str
    words: tuple[str, ...]


class Match(NamedTuple):
    """A phrase that was found: the first word, the word after the last."""

    kind: str
    value: str
    first: int
    last: int


def find_words(text: str) -> Words:
    """The words of a text, digits of any script as 0 to 9."""
    starts, ends = array("I"), array("I")  # four bytes each: a text may have millions of words
    folded: list[str] = []
    kept: dict[str, str] = {}
    breaks: set[int] = set()
    for found in _WORD.finditer(text):
        word = found[0]
        same = kept.get(word)
        if same is None:
            same = fold(word)
            if len(kept) < _MOST_KEPT:
                kept[word] = same
        if not same:
            continue  # strokes that draw Arabic words out, and no letter
        start, end = found.span()
        if ends and start - ends[-1] > 1 and not _BREAKING.isdisjoint(text[ends[-1] : start]):
            breaks.add(len(starts))
        starts.append(start)
        ends.append(end)
        folded.append(same)
    return Words(starts, ends, folded, frozenset(breaks))


def fold(word: str) -> str:
    """A word as it is compared: small letters, the commonest spellings of one letter as one."""
    if word.isascii():
        return word.lower()
    word = word.casefold().translate(_ALIKE)
    if not word.isalpha():
        word = "".join(str(int(one)) if one.isdecimal() else one for one in word)
    return word


# Letters that writers use for one another: Arabic and Persian yeh and kaf, hamzas, Russian yo; the
# Arabic decimal sign. Signs for vowels and the stretching stroke are written or left out.
_ALIKE = (
    str.maketrans("ىيكةأإآё\u066b", "ییکهاااе.")
    | {0x640: None, 0x670: None}
    | dict.fromkeys(range(0x64B, 0x660))
)


def to_phrase(kind: str, value: str, text: str) -> Phrase:
    """A phrase from how it is written in a file of data: words, ``*`` after a stem, ``...``."""
    words: list[str] = []
    for part in text.split():
        if part == GAP:
            words.append(GAP)
            continue
        found = [fold(one) for one in _WORD.findall(part)]
        if part.endswith("*"):
            found[-1] += "*"
        words += found
    return Phrase(kind, value, tuple(words))


class _Beginning(NamedTuple):
    """The phrases that may begin with a word: those of one word, and the others by their second.

    Few of the phrases that begin with a common word go on as the text does; they are found without
    a look at the others.
    """

    all: tuple[Phrase, ...]
    single: tuple[Phrase, ...]
    exact: dict[str, list[Phrase]]
    stems: dict[str, list[Phrase]]
    gapped: list[Phrase]


def _by_second(phrases: Sequence[Phrase]) -> _Beginning:
    found = _Beginning(tuple(phrases), tuple(p for p in phrases if len(p.words) == 1), {}, {}, [])
    for phrase in phrases:
        if len(phrase.words) == 1:
            continue
        second = phrase.words[1]
        if second == GAP or (len(second) <= _SHORTEST_PART and second.endswith("*")):
            found.gapped.append(phrase)
        elif second.endswith("*"):
            found.stems.setdefault(second[:_SHORTEST_PART], []).append(phrase)
        else:
            found.exact.setdefault(second, []).append(phrase)
    return found


def _going_on(beginning: _Beginning, following: str, present: set[str]) -> Iterator[Phrase]:
    """The longer phrases that a second word, and the words of a sentence, leave possible."""
    yield from beginning.exact.get(following, ())
    yield from beginning.stems.get(following[:_SHORTEST_PART], ())
    for phrase in beginning.gapped:
        ending = phrase.words[-1]
        if ending in present or ending.endswith("*"):
            yield phrase


class Lexicon:
    """Phrases by their first word; ``find`` tells where they stand among words.

    ``heads`` are first parts of compounds (*Internet-*, *Mobilfunk-*) with their kind: a word that
    is a head and another phrase of one word is both.
    """

    def __init__(
        self, phrases: Iterable[Phrase], heads: Iterable[str] = (), prefixes: Iterable[str] = ()
    ) -> None:
        self._exact: dict[str, list[Phrase]] = {}
        self._stems: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            word = phrase.words[0]
            table = self._stems if word.endswith("*") else self._exact
            table.setdefault(word.rstrip("*"), []).append(phrase)
        self._heads = {
            phrase.words[0].rstrip("*"): phrase
            for table in (self._exact, self._stems)
            for found in table.values()
            for phrase in found
            if phrase.kind in set(heads) and len(phrase.words) == 1
        }
        self._prefixes = tuple(prefixes)
        self._kept: dict[str, _Beginning] = {}

    def beginning(self, word: str) -> tuple[Phrase, ...]:
        """The phrases that may begin with a word."""
        return self._beginning(word).all

    def _beginning(self, word: str) -> _Beginning:
        kept = self._kept.get(word)
        if kept is None:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[word] = _by_second(self._look_up(word))
        return kept

    def _look_up(self, word: str) -> tuple[Phrase, ...]:
        if len(word) > _LONGEST_WORD:
            return ()
        if word.isdigit():  # there are many, and few phrases begin with one
            return tuple(self._exact.get(word, ()))
        found = self._plain(word)
        if not found and self._heads:
            found = self._compound(word)
        for prefix in self._prefixes:  # Arabic writes "and", "in", "the" onto the word
            if not found and word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_PART:
                found = self._plain(word[len(prefix) :])
        return tuple(found)

    def _plain(self, word: str) -> list[Phrase]:
        found = list(self._exact.get(word, ()))
        for end in range(2, len(word) + 1):
            found += self._stems.get(word[:end], ())
        return found

    def _compound(self, word: str) -> list[Phrase]:
        for end in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            head = self._heads.get(word[:end])
            if head is None:
                continue
            for rest in (word[end:], word[end + 1 :] if word[end] in "se" else ""):
                tail = [one for one in self._plain(rest) if len(one.words) == 1] if rest else []
                if tail:
                    return [head, *tail]
        return []

    def find(
        self,
        words: Sequence[str],
        first: int = 0,
        last: int | None = None,
        breaks: Container[int] = frozenset(),
    ) -> list[Match]:
        """The phrases among words, in order; one that lies within a longer one is left out.

        Args:
            words: folded words.
            first: the first to look at.
            last: the word after the last; by default all.
            breaks: words before which no phrase goes on, but for those with a gap at that place.
        """
        last = len(words) if last is None else last
        present = set(words[first:last])
        matches: list[Match] = []
        tails: set[int] = set()
        for place in range(first, last):
            beginning = self._kept.get(words[place]) or self._beginning(words[place])
            if not beginning.all:
                continue
            matches += [Match(one.kind, one.value, place, place + 1) for one in beginning.single]
            if len(beginning.all) == len(beginning.single) or place + 1 >= last:
                continue
            following = words[place + 1]
            if not (
                beginning.gapped
                or following in beginning.exact
                or following[:_SHORTEST_PART] in beginning.stems
            ):
                continue
            for phrase in _going_on(beginning, following, present):
                if end := _fits(phrase.words, words, place, last, breaks):
                    matches.append(_match(phrase, place, end, tails))
        if tails:
            matches = [one for one in matches if one.kind not in _USED_UP or one.first not in tails]
        return _longest(matches) if len(matches) > 1 else matches


def _match(phrase: Phrase, place: int, end: int, tails: set[int]) -> Match:
    """A phrase that fits; words in a gap keep their own meaning: *cut the internet off*."""
    if GAP in phrase.words:
        tails.update(range(end - phrase.words[::-1].index(GAP), end))
        end = place + phrase.words.index(GAP)
    return Match(phrase.kind, phrase.value, place, end)


def _fits(
    phrase: tuple[str, ...], words: Sequence[str], place: int, last: int, breaks: Container[int]
) -> int:
    """The word after the last of a phrase whose first word is known to fit; 0 where it does not."""
    place += 1
    index = 1
    while index < len(phrase):
        wanted = phrase[index]
        if wanted == GAP:
            wanted = phrase[index + 1]
            for there in range(place, min(place + LONGEST_GAP + 1, last)):
                if _is(wanted, words[there]):
                    place, index = there + 1, index + 2
                    break
            else:
                return 0
            continue
        if place >= last or place in breaks or not _is(wanted, words[place]):
            return 0
        place, index = place + 1, index + 1
    return place


def _is(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _longest(matches: list[Match]) -> list[Match]:
    matches.sort(key=lambda one: (one.first, -one.last))
    kept: list[Match] = []
    for one in matches:
        inside = any(
            other.first <= one.first
            and one.last <= other.last
            and other.last - other.first > one.last - one.first
            for other in kept[-LONGEST_GAP:]
        )
        if not inside and one not in kept[-LONGEST_GAP:]:
            kept.append(one)
    return kept
