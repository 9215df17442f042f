"""Which texts were copied from one another: passages that several share."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH = 8
"""Words of a passage that two texts share by chance hardly ever."""

SHARED = 0.5
"""Of a statement's passages so many must be shared for it to be copied."""

_MOST_HOLDERS = 100
"""Different statements of one passage that are compared; one that more have tells nothing."""


def passages(folded: Sequence[str]) -> frozenset[int]:
    """Every run of eight words, as its hash; of a shorter text the whole of it."""
    length = min(LENGTH, len(folded))
    if not length:
        return frozenset()
    return frozenset(
        hash(tuple(folded[place : place + length])) for place in range(len(folded) - length + 1)
    )


def lineages(texts: Sequence[Sequence[str]]) -> list[int]:
    """A number for each statement; those that were copied from one another have the same.

    Args:
        texts: the folded words of each statement. The first of a lineage gives its number, from 1.
    """
    own = [passages(one) for one in texts]
    holders: dict[int, list[int]] = defaultdict(list)
    numbers = list(range(1, len(texts) + 1))
    first: dict[frozenset[int], int] = {}
    for place, found in enumerate(own):
        if (same := first.setdefault(found, place)) != place:
            numbers[place] = numbers[same]
            continue
        shared: dict[int, int] = defaultdict(int)
        for one in found:
            for other in holders[one]:
                shared[other] += 1
            if len(holders[one]) < _MOST_HOLDERS:
                holders[one].append(place)
        for other, count in sorted(shared.items()):
            if count >= SHARED * min(len(found), len(own[other])):
                numbers[place] = numbers[other]
                break
    return numbers
