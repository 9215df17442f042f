"""Whom a running prober asks: the measured blocks of countries, and control blocks elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.reading import CONTROL
from zicht.observe.probe_coverage import show_coverage
from zicht.observe.probe_groups import load_groups
from zicht.observe.probe_histories import change_history, load_history
from zicht.observe.probing_watch import Watched
from zicht.sources.probe.controls import choose_controls
from zicht.sources.probe.counting import in_whole
from zicht.sources.probe.fetch.lists import read_list
from zicht.sources.probe.groups import ASN_IN_COUNTRY, COUNTRY, Groups
from zicht.sources.probe.history import BlockHistory, BlockSort, no_history, unmeasured
from zicht.sources.probe.joining import join, of_blocks
from zicht.sources.probe.learning import refresh
from zicht.sources.probe.observable import FEWEST_BLOCKS, is_measured
from zicht.sources.probe.observable import in_words as coverage_in_words
from zicht.sources.probe.readings import Membership
from zicht.sources.probe.vantage import FEWEST_CONTROLS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from zicht.sources.probe.exclusions import Exclusions
    from zicht.sources.probe.learning import Counted

_FILE_AVAILABILITY = 0.95  # of control blocks that a user names as always up
_MOST_PROBES = 15  # of one turn


class Family(NamedTuple):
    """What is watched of one address family.

    Attributes:
        watched: the blocks.
        blocks: how many are of the countries.
        controls: how many control blocks there are.
        probes: how many probes a round takes about, when all is up.
    """

    watched: Watched
    blocks: int
    controls: int
    probes: float


def load_family(
    store: Path,
    countries: Sequence[str],
    exclusions: Exclusions,
    *,
    ipv4: bool,
    seed: int,
    control: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Family | None:
    """The blocks of a family that are to be watched; ``None`` where none are known.

    Only blocks whose state can be told are asked. Of entities with fewer than ``FEWEST_BLOCKS`` of
    them, and of operators of which hardly anything answers (``sources.probe.observable``), nothing
    is told: they are not observable by probing. Their blocks count in the country's figure.

    Args:
        store: the store's folder.
        countries: their texts, such as ``country/KZ``.
        exclusions: whom to leave alone; their blocks do not count.
        ipv4: which family.
        seed: of the choice of control blocks.
        control: a file of addresses that always answer, in other countries; without it blocks that
            a census of other countries found are chosen.
        tell: told what is not known.

    Raises:
        StoreError: what is known is damaged.
        InputError: the file cannot be read.
        UsageError: the file has networks, or addresses in the countries that are watched.
    """
    whole = load_history(store, ipv4=ipv4)
    groups = load_groups(store, whole, tell=tell if ipv4 else lambda _: None)
    left_alone = exclusions.listed(whole.high, ipv4=ipv4)
    left_alone |= exclusions.private(whole.high, ipv4=ipv4)
    usable = is_measured(whole) & ~left_alone
    of_country = _countries(groups)
    mine = usable & np.isin(of_country, np.array(list(countries), dtype=object))
    if not mine.any():
        return None
    if control is None:
        controls = _chosen(whole, usable & ~mine, of_country, seed)
    else:
        controls = _named(control, whole, of_country, set(countries), ipv4=ipv4)
    own = of_blocks(whole, mine)
    history = join(own, controls, np.zeros(len(own), dtype=np.bool_))
    is_own = np.isin(history.high, own.high)
    unseen = _not_observable(store, countries, tell) if ipv4 else set()
    watched = Watched(history, *_belonging(groups, mine, is_own, unseen))
    return Family(watched, len(own), int((~is_own).sum()), _probes(history))


def countries_of(texts: Sequence[str]) -> list[str]:
    """The texts of countries.

    Raises:
        UsageError: one is no country, or there are none.
    """
    entities = [parse_entity(text) for text in texts]
    for entity in entities:
        if entity.type != "country":
            raise UsageError(f"{entity} is no country.", "Name countries: KZ, IR ...")
    if not entities:
        raise UsageError("There is nobody to probe.", "Name countries: KZ, IR ...")
    return sorted({str(entity) for entity in entities})


def need_blocks(families: Sequence[Family], countries: Sequence[str]) -> None:
    """Make sure that there is somebody to probe.

    Raises:
        NotFoundError: nothing is known of blocks in the countries.
    """
    if not families:
        names = " ".join(text.removeprefix("country/") for text in countries)
        raise NotFoundError(
            f"No blocks that answer are known in {names}.",
            f"Find them first: zicht probe census {names}.",
        )


def learn(store: Path, own: BlockHistory, counted: Counted, frozen: NDArray[np.bool_]) -> None:
    """Let the store's history learn what was counted of some of its blocks.

    Raises:
        StoreError: it is damaged or cannot be written.
    """

    def change(whole: BlockHistory) -> BlockHistory:
        of_whole, kept = in_whole(counted, frozen, own, whole)
        return refresh(whole, of_whole, kept)

    change_history(store, change, ipv4=own.ipv4)


def _countries(groups: Groups) -> NDArray[np.object_]:
    """object[n]: the country of each block, empty where it is not known."""
    texts = np.array([*groups.entities, ""], dtype=object)
    return np.asarray(texts[groups.of_block[:, COUNTRY]])


def _chosen(
    whole: BlockHistory, usable: NDArray[np.bool_], of_country: NDArray[np.object_], seed: int
) -> BlockHistory:
    rows = {
        country: np.flatnonzero(usable & (of_country == country))
        for country in sorted(set(of_country[usable]) - {""})
    }
    histories = {
        country: of_blocks(whole, np.isin(np.arange(len(whole)), own))
        for country, own in rows.items()
    }
    keep = np.zeros(len(whole), dtype=np.bool_)
    for country, chosen in choose_controls(histories, seed).items():
        keep[rows[country][chosen]] = True
    return of_blocks(whole, keep)


def _named(
    file: Path,
    whole: BlockHistory,
    of_country: NDArray[np.object_],
    watched: set[str],
    *,
    ipv4: bool,
) -> BlockHistory:
    """The blocks of addresses that a user says are always up."""
    networks = [one for one in read_list(file) if one.version == (4 if ipv4 else 6)]
    for one in networks:
        if one.prefixlen != one.max_prefixlen:
            raise UsageError(f"{file}: {one} is no single address.", "Name addresses, one a line.")
    if not networks:
        return no_history(ipv4=ipv4)
    numbers = [int(one.network_address) << (96 if ipv4 else 0) for one in networks]
    high = np.array([number >> 64 for number in numbers], dtype=np.uint64)
    low = np.array([0 if ipv4 else number & (2**64 - 1) for number in numbers], dtype=np.uint64)
    history = unmeasured(high, low, ipv4=ipv4)
    inside = np.isin(of_country, np.array(list(watched), dtype=object))
    if np.isin(history.high, whole.high[inside]).any():
        raise UsageError(
            f"{file} has addresses in a country that is watched.",
            "Control blocks must be elsewhere, lest its blackout look like your own sickness.",
        )
    return replace(
        history,
        availability=np.full(len(history), _FILE_AVAILABILITY, dtype=np.float32),
        sort=np.full(len(history), BlockSort.LONE, dtype=np.uint8),
    )


def _not_observable(store: Path, countries: Sequence[str], tell: Callable[[str], None]) -> set[str]:
    """Operators of which nothing is told; whom each country's figure speaks for is said."""
    seen: set[str] = set()
    unseen: set[str] = set()
    for country in countries:
        try:
            told = show_coverage(store, country)
        except NotFoundError:
            continue  # what no table tells is said where groups are loaded
        tell(coverage_in_words(told))
        for one in told.operators:
            whole = one.entity.rpartition("/")[0]
            (seen if one.observable else unseen).update((one.entity, whole))
    return unseen - seen


def _belonging(
    groups: Groups,
    mine: NDArray[np.bool_],
    is_own: NDArray[np.bool_],
    unseen: set[str],
) -> tuple[Membership, NDArray[np.int32]]:
    """Which entities the blocks belong to, and their operators."""
    own, rows = groups.of_block[mine], np.flatnonzero(is_own)
    counts = np.bincount(own[own >= 0], minlength=len(groups.entities))
    hidden = np.array([text in unseen for text in groups.entities], dtype=np.bool_)
    told = np.flatnonzero((counts >= FEWEST_BLOCKS) & ~hidden)
    number = np.full(len(groups.entities) + 1, -1, dtype=np.int64)
    number[told] = np.arange(len(told))
    of_block = np.full((len(is_own), own.shape[1]), -1, dtype=np.int32)
    of_block[rows] = number[own]  # the last entry is for -1
    of_block[~is_own, 0] = len(told)
    operator = np.full(len(is_own), len(groups.entities) + 1, dtype=np.int32)
    operator[rows] = own[:, ASN_IN_COUNTRY]
    stratum = np.unique(operator, return_inverse=True)[1].astype(np.int32)
    texts = [groups.entities[at] for at in told]
    return Membership((*texts, CONTROL), of_block), stratum


def _probes(history: BlockHistory) -> float:
    """About how many probes a round takes when all is up: until one is answered."""
    share = np.nan_to_num(history.availability, nan=0.1)
    return float(np.minimum(1 / np.maximum(share, 1e-3), _MOST_PROBES).sum())


def in_words(families: Sequence[Family], rate: float) -> list[str]:
    """What is going to be asked, and what that cannot tell."""
    lines = []
    for one in families:
        family = f"IPv{4 if one.watched.history.ipv4 else 6}"
        entities = len(one.watched.membership.entities) - 1
        lines.append(
            f"{family}: {one.blocks:,} blocks of {entities} entities and {one.controls} control"
            f" blocks, some {one.probes:,.0f} probes a round."
        )
        if one.controls < FEWEST_CONTROLS:
            lines.append(
                f"{family}: there are too few control blocks: this vantage point alone cannot tell"
                " its own sickness from an outage. Take a census of other countries, or name"
                " addresses that always answer with --control."
            )
    seconds = sum(one.probes for one in families) / rate
    lines.append(f"At {rate:g} probes a second a round takes {max(seconds, 300):,.0f} s.")
    return lines
