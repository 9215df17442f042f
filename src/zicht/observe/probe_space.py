"""What a census of a country, an operator or a network goes through."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import Entity, parse_entity
from zicht.observe.place_tables import load_origins
from zicht.observe.places import load_blocks
from zicht.observe.probe_histories import load_history
from zicht.observe.probing import refuse_private
from zicht.place.ranges import prefix_ranges
from zicht.place.special import bounds
from zicht.sources.probe.space import Listed, Ranges, common, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from zicht.place.blocks import Blocks
    from zicht.place.origins import Origins

    Bounds = tuple[NDArray[np.uint64], NDArray[np.uint64]]


def spaces_of(
    store: Path,
    targets: Sequence[str],
    *,
    allow_private: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Ranges | None, Listed | None]:
    """The addresses of IPv4 that targets have, and the addresses of IPv6 known from lists.

    Of countries, regions and operators only what is routed is gone through, where a table of
    origins is kept. Networks are taken as they are said.

    Args:
        store: the store's folder.
        targets: countries (``KZ``), regions, AS numbers, operators' parts in a country, networks.
        allow_private: whether networks may be private or reserved.
        tell: told what is not restricted, and how old what was used is.

    Raises:
        NotFoundError: it is not known where addresses are, or who originates them.
        UsageError: a target is none of these, or has no addresses; a network is private.
    """
    networks, entities = _read(targets)
    if not allow_private:
        refuse_private(networks)
    four: list[Bounds] = [_bounds(networks, 4)]
    six: list[Bounds] = [_bounds(networks, 6)]
    origins = load_origins(store, tell=tell)
    blocks = None
    if any(entity.country is not None for entity in entities):
        blocks = load_blocks(store, tell=tell)
    if origins is None and entities:
        tell("No table of origins is kept: space is gone through whether it is routed or not.")
    for entity in entities:
        for family, parts in ((4, four), (6, six)):
            found = ranges_of(entity, family, blocks, origins)
            if family == 4 and not len(found[0]):  # noqa: PLR2004 - the family
                raise UsageError(f"No address of IPv4 is known to be of {entity}.")
            parts.append(found)
    first, last = _joined(four)
    listed = _listed(store, _joined(six))
    if not len(first) and listed is None:
        raise UsageError(
            "There is nobody to probe.",
            "IPv6 is too large to go through: take in a hit list first (zicht probe import).",
        )
    return (Ranges(first, last) if len(first) else None), listed


def _read(targets: Sequence[str]) -> tuple[list[IPv4Network | IPv6Network], list[Entity]]:
    networks: list[IPv4Network | IPv6Network] = []
    entities: list[Entity] = []
    for text in targets:
        if "." in text or ":" in text:
            try:
                networks.append(ip_network(text))
            except ValueError:
                raise UsageError(
                    f"{text!r} is neither a network nor a place.",
                    "Write KZ, AS9198, 192.0.2.0/24 or the like; a network has no bits beyond its"
                    " length.",
                ) from None
        else:
            entities.append(parse_entity(text))
    return networks, entities


def _bounds(networks: Sequence[IPv4Network | IPv6Network], version: int) -> Bounds:
    rows = bounds(network for network in networks if network.version == version)
    return merged(rows[:, 0], rows[:, 1])


def ranges_of(
    entity: Entity, family: int, blocks: Blocks | None, origins: Origins | None
) -> Bounds:
    """The ranges of an entity's addresses, first and last of each, in order.

    Args:
        entity: a country, a region, an operator, or its part in a country.
        family: 4 or 6.
        blocks: where addresses are; needed of all but whole operators.
        origins: who originates which prefix, needed of operators; of others what it does not have
            is left out.

    Raises:
        NotFoundError: it is an operator, and there are no origins.
    """
    parts: list[Bounds] = []
    if entity.country is not None and blocks is not None:
        parts.append(_of_place(entity, family, blocks))
    if entity.asn is not None and origins is None:
        raise NotFoundError(
            f"Which addresses are of {entity} is not known.",
            "Take in a table of origins: zicht place import --kind origins FILE.",
        )
    if origins is not None:
        mine = origins.family == family
        if entity.asn is not None:
            mine = mine & (origins.asn == entity.asn)
        parts.append(merged(*prefix_ranges(origins.high[mine], origins.length[mine])))
    found = parts[0]
    for part in parts[1:]:
        found = common(found, part)
    return found


def _of_place(entity: Entity, family: int, blocks: Blocks) -> Bounds:
    texts = np.array([_is_in(place, entity) for place in blocks.places], dtype=np.bool_)
    mine = (blocks.family == family) & (blocks.place >= 0)
    mine[mine] = texts[blocks.place[mine]]
    return merged(*prefix_ranges(blocks.high[mine], blocks.length[mine]))


def _is_in(place: str, entity: Entity) -> bool:
    if entity.type == "region":
        return place == str(entity)
    return parse_entity(place).country == entity.country


def _joined(parts: Sequence[Bounds]) -> Bounds:
    return merged(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _listed(store: Path, ranges: Bounds) -> Listed | None:
    """The known addresses of IPv6 within ranges of their first 64 bits."""
    if not len(ranges[0]):
        return None
    history = load_history(store, ipv4=False)
    row = np.searchsorted(ranges[0], history.address_high, side="right") - 1
    inside = (row >= 0) & (history.address_high <= ranges[1][np.maximum(row, 0)])
    if not inside.any():
        return None
    return Listed(history.address_high[inside], history.address_low[inside], ipv4=False)
