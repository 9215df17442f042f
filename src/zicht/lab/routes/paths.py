"""Path attributes of the lab's routes: paths through transit operators, prepends, communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.lab.routes.chance import below, below_too, draw
from zicht.lab.routes.columns import Attributes
from zicht.lab.routes.holding import HIJACKED
from zicht.lab.routes.lean import lean, lean_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.routes.ground import Ground, Post

_OF_HOPS, _OF_PREPENDS, _OF_ORIGIN, _OF_MED, _OF_COMMUNITY = range(16, 21)
_LONGEST = 12  # ASes: the router's, at most four on the way, the origin at most five times
_MOST_COMMUNITIES = 4
_MOST_HOPS = 3  # before the provider
_PREPENDING = 12  # one group in so many prepends always
_MOST_PREPENDS = 4
_INCOMPLETE = 2
_WITH_MED = 4  # one router in so many tells metrics


def attributes_of(
    ground: Ground,
    post: Post,
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    route: NDArray[np.int8],
) -> Attributes:
    """The attributes of some routes, each known by its router, network and number.

    Args:
        ground: where.
        post: of which collector.
        router: int32[n].
        network: int32[n]: those of one group have the same.
        route: int8[n]: as ``holding`` counts them, none without a route.
    """
    count = len(router)
    path_first, community_first = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    path = np.empty(_LONGEST * count, np.uint32)
    community = np.empty(_MOST_COMMUNITIES * count, np.uint32)
    origin, med = np.empty(count, np.uint8), np.empty(count, np.int64)
    found = Attributes(path_first, path, origin, med, community_first, community)
    _fill(found, ground, post, router, network, route)
    return found


@lean_kernel
def _fill(
    found: Attributes,
    ground: Ground,
    post: Post,
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    route: NDArray[np.int8],
) -> None:
    for row in range(len(router)):
        who, where, which = router[row], network[row], route[row]
        group = ground.group[where]
        origin = ground.origin[where]
        if which >= HIJACKED:
            origin = ground.hijacks[ground.hijack[where], 2]
        begin = found.path_first[row]
        end = _put_path(found.path, begin, ground, post, who, group, which, origin)
        found.path_first[row + 1] = end
        word = draw(draw(ground.key, _OF_ORIGIN), group)
        found.origin[row] = 0 if below(word, 16) else _INCOMPLETE
        found.med[row] = _med_of(post, who, group)
        at = found.community_first[row]
        found.community_first[row + 1] = _put_communities(found.community, at, post, who, group)


@lean
def _put_path(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    out: NDArray[np.uint32],
    begin: int,
    ground: Ground,
    post: Post,
    router: int,
    group: int,
    route: int,
    origin: int,
) -> int:
    """Write the router's AS, those on the way, and the origin once or more."""
    out[begin] = post.asn[router]
    at = begin + 1
    if origin == out[begin]:
        return at
    choices = len(ground.transit)
    word = draw(draw(draw(draw(post.key, _OF_HOPS), router), group), route)
    for _ in range(below(word, _MOST_HOPS + 1) if choices else 0):
        word = draw(word, 0)
        at = _put_once(out, begin, at, ground.transit[below(word, choices)], origin)
    provider = ground.provider[group, route & 1]
    if provider:
        at = _put_once(out, begin, at, provider, origin)
    for _ in range(1 + _prepends_of(ground, group, route)):
        out[at] = origin
        at += 1
    return at


@lean
def _put_once(out: NDArray[np.uint32], begin: int, at: int, asn: int, origin: int) -> int:
    """Write an AS unless the path has it already: BGP knows no loops (RFC 4271, section 9.1.2)."""
    if asn == origin:
        return at
    for before in range(begin, at):
        if out[before] == asn:
            return at
    out[at] = asn
    return at + 1


@lean
def _prepends_of(ground: Ground, group: int, route: int) -> int:
    word = draw(draw(ground.key, _OF_PREPENDS), group)
    if below(word, _PREPENDING) == 0:
        return 1 + below_too(word, _MOST_PREPENDS)
    return 2 if route == 3 else 0  # noqa: PLR2004 - the last of the paths: a backup


@lean
def _med_of(post: Post, router: int, group: int) -> int:
    own = draw(draw(post.key, _OF_MED), router)
    if below(own, _WITH_MED):
        return -1
    return below(draw(own, group), 5) * 10


@lean
def _put_communities(out: NDArray[np.uint32], at: int, post: Post, router: int, group: int) -> int:
    own = draw(draw(post.key, _OF_COMMUNITY), router)
    word = draw(own, group)
    high = np.int64(post.asn[router] & 0xFFFF) << 16
    for number in range(below(own, _MOST_COMMUNITIES + 1)):
        out[at + number] = high | (100 * number + below(draw(word, number), 100))
    return at + below(own, _MOST_COMMUNITIES + 1)
