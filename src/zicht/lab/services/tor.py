"""Tor Metrics speaking of a world: ``/userstats-relay-country.csv``.

The columns are those of a recorded table and of https://metrics.torproject.org/stats.html; from
clients of it: five lines of comments stand before them, ``country`` picks one, an empty code is
everybody. Estimates come two days late and change a little for some days, while ``frac``, the share
of relays that reported, grows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.lab.serve.faults import Answer
from zicht.lab.services.telling import Quantity, binned, jitter, users_of, wander
from zicht.lab.services.telling import When as _When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from zicht.lab.serve.http import Request
    from zicht.lab.services.telling import Teller
    from zicht.lab.world import World

_DAY = 86_400
_LAG = int(1.5 * _DAY)
_CHANGES = 5 * _DAY  # for so long estimates change
_CHANGE = 0.02
_A_USER = 3e-4  # of the people use Tor
_PATH = "/userstats-relay-country.csv"
_QUARTER = timedelta(days=90)


def _users(world: World, quantity: Quantity, entity: str) -> NDArray[np.float64]:
    share = world.place_share("traffic", entity, service="tor")
    values = _A_USER * users_of(world, entity) * binned(world, share, quantity.step)
    walk = wander(world, quantity, entity, len(values), spread=0.08, memory=0.9)
    return np.rint(values * walk * jitter(world, quantity, entity, len(values), 0.03))


USERS = Quantity("tor", "users", _DAY, _LAG, 0, _users)


def tor(teller: Teller) -> Callable[[Request, datetime], Answer]:
    """What answers for Tor Metrics."""

    def answer(request: Request, now: datetime) -> Answer:
        if request.path != _PATH:
            return Answer(404, b"Not Found", (("Content-Type", "text/html"),))
        try:
            text = request.asked("end")
            end = now.date() if text is None else date.fromisoformat(text)
            text = request.asked("start")
            start = end - _QUARTER if text is None else date.fromisoformat(text)
        except ValueError:
            return Answer(400, b"Bad Request", (("Content-Type", "text/html"),))
        asked = "&".join(f"{name}={value}" for name, value in request.query)
        head = ["#", "# The Tor Project", "#", f"# URL: {_PATH[1:]}?{asked}", "#"]
        begin, until = (
            int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
            for day in (start, end + timedelta(days=1))
        )
        rows = _rows(teller, request.asked("country"), _When(begin, until, now))
        lines = [*head, "date,country,users,lower,upper,frac", *rows]
        return Answer(200, "\n".join([*lines, ""]).encode(), (("Content-Type", "text/csv"),))

    return answer


def _rows(teller: Teller, country: str | None, when: _When) -> Iterator[str]:
    countries = sorted({part.country for part in teller.world.parts})
    if country not in {None, "", "all"}:
        countries = [one for one in countries if one.lower() == str(country).lower()]
    found: list[tuple[str, str, float | None]] = []
    for one in countries:
        for time, value in teller.told(USERS, f"country/{one}", when).lines():
            change = 0.0
            if time + _DAY + _LAG + _CHANGES > when.now.timestamp():
                change = _CHANGE * (2 * chance.uniform(teller.world.seed, "tor", one, time) - 1)
            estimate = None if value is None else float(np.rint(value * (1 + change)))
            found.append((f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}", one.lower(), estimate))
    if country in {None, ""}:
        found += _everybody(found)
    for day, code, value in sorted(found, key=lambda row: row[:2]):
        if value is None:
            yield f"{day},{code},,,,"
        else:
            spread = 0.1 * value + 20
            lower, upper = max(value - spread, 0), value + spread
            yield f"{day},{code},{value:.0f},{lower:.0f},{upper:.0f},{_reported(when, day)}"


def _everybody(rows: list[tuple[str, str, float | None]]) -> list[tuple[str, str, float | None]]:
    days = sorted({day for day, _, _ in rows})
    return [(day, "", sum(value or 0 for one, _, value in rows if one == day)) for day in days]


def _reported(when: _When, day: str) -> int:
    """Percent of the relays that reported so far."""
    age = when.now - datetime.fromisoformat(day).replace(tzinfo=UTC)
    return int(min(70 + 3 * age.days, 92))
