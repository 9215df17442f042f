"""One look of a watch: take in what is new, and detect where something may be going on.

What is found is what detection over the last weeks of everything finds (``detect_recent``); tests
hold the two beside one another. But those weeks are not read again at each look: the screen keeps
the filter's state of every series, and only suspects are looked at closely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.detect.common_loss import COUNTRIES, MOST
from zicht.detect.feeding import BELIEF, SUSPICIOUS
from zicht.detect.rollup import FEWEST
from zicht.detect.screened import Tracked, screened_status
from zicht.detect.status import status_of
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds
from zicht.observe.watch_detection import detect_recent, detect_scope
from zicht.observe.watch_mind import WHOLE, take_in
from zicht.observe.watch_scope import Scope, lasts_until, scope_of
from zicht.observe.watch_screen import begin_anew
from zicht.observe.watch_screen_file import write_screen
from zicht.observe.watch_suspects import SETTLED, Suspect, due, excuse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from zicht.detect.detection import Detection
    from zicht.model.status import Status
    from zicht.observe.watch_mind import Mind
    from zicht.observe.watch_screen import Panel

BESIDE = 200
"""Where a source may be sick, up to ``WHOLE`` series are all looked at; of more the countries' and
those of so many suspects, of whom most are excused as soon as it is known."""

TOGETHER = 3 * 3600 * MICROSECONDS
"""Losses that begin within three hours, or four bins, may be of one source that is sick."""

AT_ONCE = 1500
"""Suspects that one look takes; the others wait for the next."""

KEEP = timedelta(hours=1)
"""How often the screen is written to the disk; a restart takes in what came since."""

_DAY = 86_400 * MICROSECONDS


@dataclass(frozen=True)
class Seen:
    """What a look saw.

    Attributes:
        statuses: of every entity.
        looked: how many series were looked at closely.
        series: how many there are.
    """

    statuses: dict[str, Status]
    looked: int
    series: int


def look(mind: Mind, *, now: datetime, before: Mapping[str, Status]) -> Seen:
    """Take in what is new, detect, and write back what was found.

    Args:
        mind: moved on.
        now: the time.
        before: the statuses of before.

    Raises:
        StoreError: the store cannot be read or written; the next look does it again.
    """
    mind.behind = True
    take_in(mind, now)
    as_of = mind.screen.as_of or 0
    ongoing = {one.entity for one in mind.store.outages() if one.end is None}
    rolled = _rolled(mind)
    for place in rolled:
        mind.suspects.setdefault(place, Suspect(since=as_of, last=as_of)).last = as_of
    excuse(mind.suspects, mind.store.sicknesses(), mind.as_of, as_of)
    waiting = due(mind.suspects, ongoing, as_of, _calm(mind, ongoing))
    sick = mind.anew or _may_be_sick(mind)
    chosen = waiting[: BESIDE if sick and mind.screen.series > WHOLE else AT_ONCE]
    detection = _detect(mind, chosen, rolled, now, sick=sick)
    statuses: dict[str, Status] = {}
    if detection is not None:
        found = status_of(detection.assessments, detection.outages, now)
        statuses = {one.entity: one for one in found}
        _settle(mind, chosen, detection, as_of)
    mind.platforms = mind.anew = False
    mind.as_of = as_of
    mind.behind = len(waiting) > len(chosen)
    statuses |= _screened(mind, statuses.keys(), ongoing, now, before)
    if mind.kept_at is None or abs(now - mind.kept_at) >= KEEP:
        write_screen(mind.store.path, mind.screen, mind.suspects, mind.vanished)
        mind.kept_at = now
    looked = 0 if detection is None else len(detection.assessments)
    return Seen(statuses, looked, mind.screen.series)


def _detect(
    mind: Mind, chosen: list[str], rolled: Mapping[str, set[str]], now: datetime, *, sick: bool
) -> Detection | None:
    if sick and mind.screen.series <= WHOLE:
        return detect_recent(mind.store, None, now=now, known_at=now, premises=mind.premises)
    if sick:
        countries = {text for text in mind.places if text.startswith("country/")}
        recent = (mind.screen.as_of or 0) - _DAY
        suspects = {one: Suspect(since=recent, last=recent) for one in countries} | mind.suspects
        scope = _scope(mind, {*chosen, *countries}, suspects, rolled)
    elif chosen or mind.platforms:
        scope = _scope(mind, chosen, mind.suspects, rolled)
    else:
        return None
    return detect_scope(
        mind.store,
        scope,
        mind.history,
        facts=mind.facts,
        watched=mind.places.keys(),
        place_of=_place_of(mind),
        as_of=None if mind.screen.as_of is None else from_microseconds(mind.screen.as_of),
        now=now,
        platforms=mind.platforms,
        whole=sick,
        premises=mind.premises,
    )


def _scope(
    mind: Mind,
    chosen: Collection[str],
    suspects: Mapping[str, Suspect],
    rolled: Mapping[str, set[str]],
) -> Scope:
    scope = scope_of(
        suspects,
        chosen,
        mind.places.keys(),
        _place_of(mind),
        mind.store.outages(),
        mind.store.events(),
    )
    # A country that is seen through its operators alone needs them all.
    more = [own for place, own in rolled.items() if place in scope.edges]
    return Scope(scope.entities.union(*more), scope.edges)


def _place_of(mind: Mind) -> Callable[[str], str]:
    return lambda text: mind.places.get(text, text)


def _settle(mind: Mind, chosen: Collection[str], detection: Detection, as_of: int) -> None:
    """Note who was looked at; a series in which bins came late gets the state of all its bins."""
    late = {entity for entity, one in mind.suspects.items() if one.late}
    for one in detection.assessments:
        if one.series.entity in late:
            begin_anew(mind.screen, one.series)
    for outage in detection.outages:
        # An end that reaches to the present is not settled, nor what may belong to it.
        suspect = mind.suspects.get(outage.entity)
        if suspect is not None and outage.end is not None:
            end = to_microseconds(outage.end[1])
            suspect.last = max(suspect.last, end - suspect.step * MICROSECONDS)
    looked = {one.series.entity for one in detection.assessments} | set(chosen)
    recent = from_microseconds(max(as_of - SETTLED, 0))
    touched = {one.entity for one in detection.outages if lasts_until(one, recent)}
    for entity in looked & mind.suspects.keys():
        suspect = mind.suspects[entity]
        suspect.looked = as_of
        if suspect.late and suspect.only_late and entity not in touched:
            del mind.suspects[entity]  # what came late says nothing else
        suspect.late = False
    excuse(mind.suspects, detection.sicknesses, as_of, as_of)


def _rolled(mind: Mind) -> dict[str, set[str]]:
    """The countries that signals see through their operators alone, and these."""
    found: dict[str, set[str]] = {}
    for panel in mind.screen.panels.values():
        members: dict[str, set[str]] = {}
        for entity in panel.entities:
            if entity.startswith("asn/"):
                members.setdefault(mind.places[entity], set()).add(entity)
        for place, own in members.items():
            if len(own) >= FEWEST and place not in panel.rows and place.startswith("country/"):
                found.setdefault(place, set()).update(own)
    return found


def _calm(mind: Mind, entities: Collection[str]) -> set[str]:
    """Those of entities of which no series is suspicious any more."""
    loud = set()
    for panel in mind.screen.panels.values():
        for entity in entities & panel.rows.keys():
            if panel.tracks[panel.rows[entity], BELIEF] >= SUSPICIOUS:
                loud.add(entity)
    return set(entities) - loud


def _may_be_sick(mind: Mind) -> bool:
    """Whether a source may be sick, or may have been within a day: what it sees goes together."""
    recent = (mind.screen.as_of or 0) - _DAY
    if mind.vanished is not None and mind.vanished >= recent:
        return True
    if any(to_microseconds(one.end) >= recent for one in mind.store.sicknesses()):
        return True
    return any(
        _many_together(
            sorted((time, mind.places[entity]) for entity, time in panel.begun.items()), panel, mind
        )
        for panel in mind.screen.panels.values()
        if len(panel.begun) >= COUNTRIES
    )


def _many_together(onsets: list[tuple[int, str]], panel: Panel, mind: Mind) -> bool:
    """Whether most of the countries that a signal watches fell within a short time."""
    watched = len({mind.places[entity] for entity in panel.entities})
    span = max(TOGETHER, 4 * panel.signal.step * MICROSECONDS)
    first = 0
    counts: dict[str, int] = {}
    for time, place in onsets:
        counts[place] = counts.get(place, 0) + 1
        while onsets[first][0] < time - span:
            gone = onsets[first][1]
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
            first += 1
        if len(counts) >= COUNTRIES and len(counts) > MOST * watched:
            return True
    return False


def _screened(
    mind: Mind,
    told: Collection[str],
    ongoing: Collection[str],
    now: datetime,
    before: Mapping[str, Status],
) -> dict[str, Status]:
    """The statuses of those that were not looked at closely."""
    series: dict[str, list[Tracked]] = {}
    for panel in mind.screen.panels.values():
        tracks = panel.tracks[: len(panel.entities)].tolist()
        for entity, track in zip(panel.entities, tracks, strict=True):
            if entity not in told:
                series.setdefault(entity, []).append(Tracked(panel.signal, track))
    sick = {one.signal for one in mind.store.sicknesses() if one.start < now <= one.end}
    return {
        entity: before[entity]
        if entity in ongoing and entity in before
        else screened_status(entity, own, now, sick=sick, simulated=entity in mind.screen.simulated)
        for entity, own in series.items()
    }
