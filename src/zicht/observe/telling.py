"""Happenings in sentences: what a person who watches is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.entity import parse_entity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, EventClass, Interval, Operator
    from zicht.model.signal import Plane
    from zicht.observe.replay import Happening, HappeningKind, Picture
    from zicht.publish.language import Language

PLANES: tuple[Plane, ...] = ("control", "data", "user")
_NEARLY = 0.99
_NAMED = 4  # operators; of more only the number is said


class Teller:
    """Says in one language what happens."""

    def __init__(self, words: Language, facts: Mapping[str, EntityFact]) -> None:
        self.words = words
        self.facts = facts

    def sentence(self, happening: Happening) -> str:
        """One happening in one sentence."""
        if happening.sickness is not None:
            return self._sickness(happening.sickness)
        if happening.event is None:
            return ""
        return self._event(happening, happening.event)

    def _sickness(self, sick: Sickness) -> str:
        return self.words.say(
            "{signal} cannot see since {time}: {reason}. Its silence counts as unknown, not as an"
            " outage.",
            signal=sick.signal,
            time=self.moment(sick.start),
            reason=sick.reason,
        )

    def _event(self, happening: Happening, event: Event) -> str:
        back = happening.outage.end if happening.outage is not None else event.end
        values = {
            "place": self.place(event.entity),
            "class": self.event_class(event.event_class),
            "percent": self.words.percent(max(event.depth_percent, 0.0)),
            "signal": event.depth_signal,
            "onset": self.interval(event.onset),
            "operators": self.operators(happening.operators),
            "end": "?" if back is None else self.interval(back),
            "n": event.recurrences + 1,
        }
        return self._patterns()[happening.kind].format(**values)

    def _patterns(self) -> dict[HappeningKind, str]:
        translate = self.words.translate
        return {
            "event found": translate("{place} is below ordinary since {onset}: {class}."),
            "class changed": translate("{place}: {class}. {percent} of ordinary left by {signal}."),
            "event deepened": translate("{place} sinks to {percent} of ordinary by {signal}."),
            "operators down": translate("Operators below ordinary in {place}: {operators}."),
            "connectivity back": translate("Connectivity is back in {place} since {end}."),
            "down again": translate("{place} is cut off again: cut {n}."),
            "event ended": translate("By all signals {place} is ordinary since {end}."),
            "event withdrawn": translate("{place}: what was found is withdrawn after later data."),
            "source sick": "",
        }

    def place(self, entity: str) -> str:
        """The name of an entity."""
        parsed = parse_entity(entity)
        if parsed.type == "country":
            return self.words.country(parsed.code)
        fact = self.facts.get(entity)
        return fact.name if fact is not None and fact.name else entity

    def operators(self, operators: tuple[Operator, ...]) -> str:
        """The names of operators with their kinds, or their number where they are many."""
        named = [f"{self.place(one.entity)} (AS{one.entity.split('/')[1]})" for one in operators]
        if len(named) <= _NAMED:
            return self.words.join(named)
        more = self.words.say("{n} more", n=len(named) - _NAMED + 1)
        return self.words.join([*named[: _NAMED - 1], more])

    def event_class(self, event_class: EventClass) -> str:
        """A class in words."""
        say = self.words.say
        return {
            "total": say("routes and packets are gone"),
            "control-plane": say("routes are gone"),
            "data-plane": say("packets do not get through"),
            "routes-up-packets-dead": say("routes up, packets dead"),
            "filtered-access": say("some services up, the rest unreachable"),
            "traffic-drop": say("less traffic than ordinary"),
            "throttling": say("slowed down"),
            "platform-block": say("platforms blocked"),
            "unknown": say("of a kind that the data do not tell"),
        }[event_class]

    def plane(self, plane: Plane) -> str:
        """What a plane shows, in a word."""
        say = self.words.say
        return {"control": say("routes"), "data": say("packets"), "user": say("use")}[plane]

    def state(self, picture: Picture, entity: str) -> str:
        """Percent of ordinary on each plane, and how likely an outage is by the worst of them."""
        status = picture.statuses.get(entity)
        parts, beliefs = [], []
        for plane in PLANES:
            seen = [
                one
                for one in (status.planes.get(plane, []) if status else [])
                if one.connectivity_percent is not None
            ]
            percent = self.words.percent(seen[0].connectivity_percent or 0.0) if seen else "?"
            parts.append(f"{self.plane(plane)} {percent}")
            beliefs += [one.belief_outage for one in seen[:1] if one.belief_outage is not None]
        return self.words.say(
            "{planes}; an outage: {belief}",
            planes=" \N{MIDDLE DOT} ".join(parts),
            belief=self._belief(max(beliefs, default=None)),
        )

    def _belief(self, belief: float | None) -> str:
        """A probability; it is never quite nothing or quite certain."""
        if belief is None:
            return self.words.say("unknown")
        if belief > _NEARLY:
            return f">\N{NARROW NO-BREAK SPACE}{self.words.percent(100 * _NEARLY)}"
        if belief < 1 - _NEARLY:
            return f"<\N{NARROW NO-BREAK SPACE}{self.words.percent(100 * (1 - _NEARLY))}"
        return self.words.percent(100 * belief)

    def moment(self, time: datetime) -> str:
        """A time in UTC."""
        return f"{self.words.short_moment(time)} UTC"

    def interval(self, interval: Interval) -> str:
        """An instant that is known as an interval."""
        first, last = interval
        if first == last:
            return self.moment(first)
        until = (
            self.words.clock(last) if first.date() == last.date() else self.words.short_moment(last)
        )
        return f"{self.words.short_moment(first)}\N{EN DASH}{until} UTC"
