"""Asking the lab's services without a network, and holding answers against recorded ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zicht.lab.parts import make_parts
from zicht.lab.scenario_file import parse_scenario
from zicht.lab.serve.http import Request
from zicht.lab.services.atlas import atlas
from zicht.lab.services.google import google
from zicht.lab.services.ioda import ioda
from zicht.lab.services.ooni import ooni
from zicht.lab.services.radar import TOKEN, radar
from zicht.lab.services.telling import Teller
from zicht.lab.services.tor import tor
from zicht.lab.world import World, open_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.lab.serve.faults import Answer

CABLE = Path(__file__).parents[1] / "cable_scenario.toml"
"""A world of tests alone: a cable is cut off Iceland."""
CUT = datetime(2025, 3, 12, 9, 17, tzinfo=UTC)
"""When it breaks."""
AFTER = datetime(2025, 3, 14, tzinfo=UTC)
"""A day and a half later."""


@cache
def cable_cut() -> World:
    return open_scenario(CABLE)


@cache
def speakers(world: World) -> dict[str, Callable[[Request, datetime], Answer]]:
    teller = Teller(world)
    return {
        "ioda": ioda(teller),
        "atlas": atlas(world),
        "radar": radar(teller),
        "tor": tor(teller),
        "ooni": ooni(teller),
        "google": google(teller),
    }


def ask(
    service: str,
    path: str,
    *,
    now: datetime = AFTER,
    world: World | None = None,
    token: str | None = TOKEN,
    **query: Any,
) -> Answer:
    """What a service answers; a parameter whose name Python has taken has an underscore behind."""
    pairs = tuple((name.rstrip("_"), str(value)) for name, value in query.items())
    headers = [("host", "localhost:1")]
    if token is not None:
        headers.append(("authorization", f"Bearer {token}"))
    request = Request("GET", path, pairs, tuple(headers))
    return speakers(world or cable_cut())[service](request, now)


def asking(**query: Any) -> dict[str, Any]:
    """Parameters of a request, for ``ask``."""
    return query


def body(answer: Answer) -> Any:
    assert answer.code == 200, answer.body
    return json.loads(answer.body)


def seconds(time: datetime) -> int:
    return int(time.timestamp())


def cable_cut_text() -> str:
    """The text of that world's scenario."""
    return CABLE.read_text(encoding="utf-8")


def fault(source: str, kind: str, begin: datetime, end: datetime, **more: int) -> str:
    """A fault as a scenario file has it."""
    rows = [f"{name} = {value}" for name, value in more.items()]
    times = [f"begin = {begin.isoformat()}", f"end = {end.isoformat()}"]
    return "\n".join(["[[fault]]", f'source = "{source}"', f'kind = "{kind}"', *times, *rows])


def with_faults(*faults: str) -> World:
    """That world, with faults of sources besides."""
    return make_world("\n\n".join([cable_cut_text(), *faults]))


def make_world(text: str) -> World:
    """The world of a scenario's text."""
    scenario = parse_scenario(text.encode(), name="test.toml")
    parts, countries = make_parts(scenario, 1.0)
    return World(scenario, parts, scenario.scenario.seed, countries)


def unlike(recorded: Any, ours: Any, at: str = "") -> list[str]:
    """Where our answer has another structure: keys that are missing, values of another type.

    ``null`` fits everything; of lists the first element that is there is looked at.
    """
    if recorded is None or ours is None:
        return []
    if isinstance(recorded, dict) and isinstance(ours, dict):
        missing = [f"{at}.{key} is missing" for key in recorded.keys() - ours.keys()]
        both = sorted(recorded.keys() & ours.keys())
        return missing + [
            one for key in both for one in unlike(recorded[key], ours[key], f"{at}.{key}")
        ]
    if isinstance(recorded, list) and isinstance(ours, list):
        return unlike(recorded[0], ours[0], f"{at}[]") if recorded and ours else []
    numbers = isinstance(recorded, int | float) and isinstance(ours, int | float)
    booleans = isinstance(recorded, bool) == isinstance(ours, bool)
    if (numbers and booleans) or type(recorded) is type(ours):
        return []
    return [f"{at} is {type(ours).__name__}, not {type(recorded).__name__}"]


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
