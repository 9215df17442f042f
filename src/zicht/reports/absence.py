"""Signs by absence: nothing there, nothing works, nobody gets through; a level, a speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.reports.scene import BESIDE, PLACES, STRONG, Sign, distance, kinds_near, lacked, negated
from zicht.reports.tokens import Match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.reports.places import Mention
    from zicht.reports.scene import Scene

SPEED = "speed"
"""What is slowed where it falls; no kind of connectivity by itself."""

_REACH_SERVICE = 8
_REACH_BLOCKED = 14  # a name of a service and a word for blocking hardly stand together by chance
_REACH_ALONE = 20
_REACH_RUNNING = 6
_REACH_LACKING = 3
_REACH_SPEED = 6
_REACH_SPEED_VERB_LAST = 14  # within one clause
_REACH_LEVEL = 6
_STILL = 4  # words between "still" and what still works
_AGAIN = 2  # words between "again" and what is so again
_SLOWING = ("fell", "faint", "cut", "slowed", "failed")


def lacking_sign(scene: Scene, match: Match, subjects: Sequence[Match]) -> Sign | None:
    """*No internet*, *neither calls nor data*."""
    noun = lacked(scene, match)
    if noun is None:
        return None
    return Sign("loss", match, kinds_near(scene, noun, subjects, _REACH_LACKING))


def running_sign(
    scene: Scene, match: Match, subjects: Sequence[Match], services: Sequence[Mention]
) -> Sign | None:
    """What does not work, or works again; whom it does not reach, or reaches again."""
    kinds = kinds_near(scene, match, subjects, _REACH_RUNNING)
    of_net = tuple(kind for kind in kinds if kind in STRONG)
    named = services_near(scene, match, services)
    if not of_net and not named and "apps" not in kinds:
        return None
    unable = negated(scene, match, "unable" if match.kind == "reaching" else "not")
    if unable or (match.kind == "running" and negated(scene, match, "unable")):
        return Sign("loss", match, kinds, named)
    if any(scene.apart(one.first, match.first) <= _AGAIN for one in scene.of("again")):
        return Sign("restore", match, kinds, named)
    if any(scene.apart(one.first, match.first) <= _STILL for one in scene.of("still")):
        return Sign("loss", Match("works", match.value, match.first, match.last), kinds, named)
    return None


def services_near(scene: Scene, match: Match, services: Sequence[Mention]) -> tuple[str, ...]:
    """Services that are named near enough to a word to be what it is of."""
    if match.kind in {"faint", "fell"}:
        return ()
    wide = match.kind in {"blocked", "cut", "failed", "restored", "slowed"}
    reach = _REACH_BLOCKED if wide else _REACH_SERVICE
    alone = wide and not scene.has(*STRONG)  # nothing else that the word could be of
    joint = 0 if alone else 3
    reach = _REACH_ALONE if alone else reach
    return tuple(
        one.value
        for one in services
        if distance(scene, match, one) + joint * scene.joined(match.first, one.first) <= reach
    )


def slow_sign(scene: Scene, match: Match, subjects: Sequence[Match]) -> Sign | None:
    """Speeds that fell, were cut or failed: *the speed of mobile data was lowered*."""
    speeds = scene.of(SPEED) if match.kind in _SLOWING else ()
    clause = [one for one in speeds if scene.verb_last and not scene.joined(one.first, match.first)]
    near = kinds_near(scene, match, speeds, _REACH_SPEED)
    if not (near or kinds_near(scene, match, clause, _REACH_SPEED_VERB_LAST)):
        return None
    kinds = kinds_near(scene, match, subjects, _REACH_SPEED)
    of_net = [kind for kind in kinds if kind in STRONG]
    placed = any(one.kind in (*PLACES, "monitor", "operator") for one in scene.mentions)
    if not of_net and not placed:
        return None
    return Sign("slow", match, tuple(of_net) or ("internet",))


def level_signs(scene: Scene, subjects: Sequence[Match]) -> list[Sign]:
    """*Connectivity is at 4 % of ordinary levels*: said without a word for falling."""
    for one in scene.of("percent"):
        ordinary = any(
            scene.apart(one.last - 1, two.first) <= BESIDE for two in scene.of("of_ordinary")
        )
        kinds = kinds_near(scene, one, subjects, _REACH_LEVEL)
        of_net = any(kind in STRONG or kind == "traffic" for kind in kinds)
        watched = scene.watched
        if ordinary and (of_net or (watched and "network" in kinds)):
            return [Sign("loss", Match("fell", one.value, one.first, one.last), kinds)]
    return []
