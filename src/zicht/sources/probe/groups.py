"""Whom blocks belong to: the entities whose series each block's answers go into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.entity import parse_entity
from zicht.place.blocks import place_of
from zicht.place.origins import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.place.blocks import Blocks
    from zicht.place.origins import Origins

ASN, ASN_IN_COUNTRY, COUNTRY, REGION = range(4)
"""The columns of ``Groups.of_block``."""
NONE = -1
_PAIR = 1 << 32


@dataclass(frozen=True)
class Groups:
    """The entities of n blocks.

    Attributes:
        entities: their texts, each once: ``asn/9198``, ``asn/9198/KZ``, ``country/KZ``,
            ``region/KZ-75``.
        of_block: int32[n, 4]: for each block the index of its operator, of that operator's part in
            the block's country, of the country and of the region; -1 where one is not known.
    """

    entities: tuple[str, ...]
    of_block: NDArray[np.int32]


def group_blocks(
    high: NDArray[np.uint64], *, ipv4: bool, blocks: Blocks | None, origins: Origins | None
) -> Groups:
    """Whom each block belongs to, by its first address.

    Args:
        high: uint64[n]: the first 64 bits of each block's first address.
        ipv4: which family.
        blocks: where addresses are; without them there are no places.
        origins: who originates which prefix; without it there are no operators.
    """
    n, family = len(high), 4 if ipv4 else 6
    asn = np.full(n, NONE, dtype=np.int64)
    if origins is not None:
        asn = origin_of(origins, family, high)
    place = np.full(n, NONE, dtype=np.int64)
    if blocks is not None:
        place = place_of(blocks, family, high)[0].astype(np.int64)
    places = [] if blocks is None else [parse_entity(text) for text in blocks.places]
    codes = sorted({entity.country for entity in places if entity.country is not None})
    country_of = np.array([codes.index(entity.country or "") for entity in places] + [NONE])
    region_of = np.array(
        [at if entity.type == "region" else NONE for at, entity in enumerate(places)] + [NONE]
    )
    country, region = country_of[place], region_of[place]
    pair = np.where((asn >= 0) & (country >= 0), country * _PAIR + asn, NONE)
    texts: list[str] = []
    columns = [
        _index(asn, lambda key: f"asn/{key}", texts),
        _index(pair, lambda key: f"asn/{key % _PAIR}/{codes[key // _PAIR]}", texts),
        _index(country, lambda key: f"country/{codes[key]}", texts),
        _index(region, lambda key: str(places[key]), texts),
    ]
    return Groups(tuple(texts), np.stack(columns, axis=1))


def _index(
    keys: NDArray[np.int64], text: Callable[[int], str], texts: list[str]
) -> NDArray[np.int32]:
    """The index of each key's text, which is put to the texts; -1 for no key."""
    found, inverse = np.unique(keys, return_inverse=True)
    at = np.full(len(found), NONE, dtype=np.int32)
    for row, key in enumerate(found.tolist()):
        if key != NONE:
            at[row] = len(texts)
            texts.append(text(key))
    return at[inverse]
