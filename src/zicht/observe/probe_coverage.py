"""For whom the figures of probing a country speak, by what the store knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import parse_entity
from zicht.observe.place_tables import load_origins, load_users
from zicht.observe.places import load_blocks
from zicht.observe.probe_histories import load_history
from zicht.observe.probe_space import ranges_of
from zicht.place.operators import operators_of
from zicht.place.origins import origin_of
from zicht.sources.probe.observable import CountryCoverage, coverage, is_measured
from zicht.sources.probe.space import Ranges

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path


def show_coverage(
    store: Path,
    country: str,
    as_of: date | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> CountryCoverage:
    """What probing can see of a country and each of its operators, of IPv4.

    Args:
        store: the store's folder.
        country: ``KZ``.
        as_of: the day whose tables of places, origins and users count.
        tell: told what is not known.

    Raises:
        UsageError: it is no country.
        NotFoundError: it is not known which addresses are in the country.
        StoreError: a file is damaged.
    """
    entity = parse_entity(country)
    if entity.type != "country" or entity.country is None:
        raise UsageError(f"{country!r} is no country.", "Write KZ or country/KZ.")
    blocks, origins = load_blocks(store, as_of, tell), load_origins(store, as_of, tell)
    first, last = ranges_of(entity, 4, blocks, origins)
    if not len(first):
        raise NotFoundError(f"No address of IPv4 is known to be of {entity}.")
    high = Ranges(first, last).blocks()[0]
    history = load_history(store, ipv4=True)
    seen = history.high[is_measured(history)]
    seen = seen[np.isin(seen, high)]
    if origins is None:
        tell(
            "Which operators blocks are of is not known. Take in a table of origins:"
            " zicht place import --kind origins FILE."
        )
    return coverage(
        entity.country,
        np.full(len(high), -1) if origins is None else origin_of(origins, 4, high),
        np.full(len(seen), -1) if origins is None else origin_of(origins, 4, seen),
        facts=operators_of(entity.country),
        users=load_users(store, as_of, tell),
    )
