"""Which language a text is in, told by its commonest words and its letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zicht.reports.languages import CODES, speech

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLE = 400  # words from the beginning tell it
_LETTERS = 1000  # characters likewise
_LEAST_SHARE = 0.10  # of a text's words are common ones, else it is in no language that is known
_SHORT = 40
_CUE = 0.5  # what a word of a phrase of claims counts in a short text
_OF_MANY = frozenset({"internet", "mobile", "network", "other", "sms", "apps", "percent"})
"""Kinds of phrases that many languages have in the same letters: they tell none apart."""
_CYRILLIC = re.compile("[а-ӿ]")
_ARABIC = re.compile("[؀-ۿ]")
_LATIN = re.compile("[a-ɏ]")
_LETTER = 0.25  # what a word with a letter of the language's own counts, of a common word

# Letters that Russian, Arabic and Persian do not have, but others in their scripts do.
_OTHERS = re.compile("[іїєґўәғқңөұүһҷҳӣӯћђљњџѓќٹڈڑںےېټډړښڼۀڤ]")


def identify(folded: Sequence[str], text: str) -> str | None:
    """The code of the language that a text is in; ``None`` where it is none that can be read.

    Args:
        folded: its words, as ``find_words`` folds them.
        text: the text itself.
    """
    sample = folded[:_SAMPLE]
    letters = text[:_LETTERS].casefold()
    if not sample or len(_OTHERS.findall(letters)) > len(sample) / 20:
        return None
    scores = {code: _score(code, sample, letters) for code in _candidates(letters)}
    if len(sample) < _SHORT:  # a headline has few common words
        for code in scores:
            found = speech(code).claims.find(sample)
            scores[code] += _CUE * sum(
                one.last - one.first for one in found if one.kind not in _OF_MANY
            )
    best = max(scores, key=lambda code: scores[code], default=None)
    least = _CUE if len(sample) < _SHORT else 1.0
    if best is None or scores[best] < max(least, _LEAST_SHARE * len(sample)):
        return None
    if sum(score == scores[best] for score in scores.values()) > 1:
        return None
    return best


def _candidates(letters: str) -> tuple[str, ...]:
    """Languages of the script that most letters are in."""
    cyrillic = len(_CYRILLIC.findall(letters))
    arabic = len(_ARABIC.findall(letters))
    latin = len(_LATIN.findall(letters))
    if cyrillic > max(arabic, latin):
        return ("ru",)
    if arabic > max(cyrillic, latin):
        return ("ar", "fa")
    return tuple(code for code in CODES if code not in {"ru", "ar", "fa"})


def _score(code: str, sample: Sequence[str], letters: str) -> float:
    own = speech(code)
    common = sum(map(own.common.__contains__, sample))
    return common + _LETTER * sum(letters.count(one) for one in _marks(own.letters))


def _marks(letters: str) -> tuple[str, ...]:
    """Marks to count: a pair that is one letter (Dutch ij) together."""
    return (letters,) if letters == "ij" else tuple(letters)
