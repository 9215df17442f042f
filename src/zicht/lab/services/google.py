"""Google's Transparency Report speaking of a world: ``/transparencyreport/api/v3/…``.

The answer's shape, with its guard and its last element, the time of which there are data, is that
of a recorded one. Which steps Google takes for which lengths of time is inferred from recordings:
2 hours for a month, 3 for longer, 1.5 for less; of these only 2 and 3 hours are certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from zicht.lab.serve.faults import Answer
from zicht.lab.services.answers import RefusedError, whole_number
from zicht.lab.services.telling import (
    Quantity,
    When,
    activity,
    binned,
    coarser,
    first_bin,
    jitter,
    wander,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.lab.scenario import Service
    from zicht.lab.serve.http import Request
    from zicht.lab.services.telling import Teller
    from zicht.lab.world import World

_PATH = "/transparencyreport/api/v3/traffic/fraction"
_GUARD = b")]}'\n\n"
_DAY = 86_400
_STEPS = ((2 * _DAY, 1800), (28 * _DAY, 5400), (31 * _DAY, 7200), (92 * _DAY, 10_800))
_LONGEST = 86_400
_YOUTUBE = 21
_BASE = 1800


def _requests(service: Service, size: float) -> Callable[..., NDArray[np.float64]]:
    def make(world: World, quantity: Quantity, entity: str) -> NDArray[np.float64]:
        share = world.place_share("traffic", entity, service=service) * activity(world, entity)
        values = size * binned(world, share, quantity.step)
        walk = wander(world, quantity, entity, len(values), spread=0.03, memory=0.95)
        return np.asarray(values * walk * jitter(world, quantity, entity, len(values), 0.02))

    return make


VIDEO = Quantity("google", "youtube", _BASE, 3600, 0, _requests("video", 40.0))
SEARCH = Quantity("google", "search", _BASE, 3600, 0, _requests("search", 60.0))


def google(teller: Teller) -> Callable[[Request, datetime], Answer]:
    """What answers for Google's Transparency Report."""

    def answer(request: Request, now: datetime) -> Answer:
        if request.path != _PATH:
            return Answer(404, b"", (("Content-Type", "text/html; charset=UTF-8"),))
        try:
            begin, end = (whole_number(request, name) // 1000 for name in ("start", "end"))
            number = whole_number(request, "product")
        except RefusedError as refused:
            return Answer(400, str(refused).encode(), (("Content-Type", "text/html"),))
        product = VIDEO if number == _YOUTUBE else SEARCH
        entity = f"country/{(request.asked('region') or '').upper()}"
        step = next((step for length, step in _STEPS if end - begin <= length), _LONGEST)
        told = teller.told(product, entity, When(begin // step * step, end, now))
        told = coarser(told, step) if step != _BASE else told
        known = len(teller.world.parts_of(entity)) > 0
        points: list[Any] = [
            [time * 1000, [[None, None if value is None else round(value, 6)]]]
            for time, value in (told.lines() if known else [])
            if time + step <= now.timestamp()
        ]
        known_time = [first_bin(teller.world, _BASE) * 1000, int(now.timestamp()) * 1000]
        body = [["tr.atsr", points, None, known_time]]
        kind = ("Content-Type", "application/json; charset=utf-8")
        return Answer(200, _GUARD + msgspec.json.encode(body), (kind,))

    return answer
