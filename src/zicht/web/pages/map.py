"""The map of the world alone: a page, a frame for others' pages, and files to pass on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from zicht.publish.wording import source_sentence
from zicht.publish.world_picture import draw_world
from zicht.web.addresses import MAP, api
from zicht.web.asked import asked_of
from zicht.web.kept import Kept
from zicht.web.page import EMBEDDED_POLICY, Page, answer, page_route
from zicht.web.states import STATES, by_state
from zicht.web.world import places_of, world_shown

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from zicht.publish.world_picture import WorldPicture
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk

_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # of a file opened by itself


def routes(desk: Desk) -> list[BaseRoute]:
    """The map's page, its frame, and its files."""
    return [
        page_route(desk, MAP, world_page),
        page_route(desk, f"/embed{MAP}", embedded),
        *(_file_route(desk, kind) for kind in _TYPES),
    ]


def world_page(asked: Asked) -> Page:
    """The map, with its table."""
    return _page(asked, "world.html")


def embedded(asked: Asked) -> Page:
    """The same for a frame in somebody else's page."""
    page = _page(asked, "embedded_map.html")
    return Page(
        template=page.template, title=page.title, values=page.values, policy=EMBEDDED_POLICY
    )


def _page(asked: Asked, template: str) -> Page:
    states = by_state(asked.words, asked.view)
    world = world_shown(asked, [one for own in states.values() for one in own])
    return Page(
        template=template,
        title=world.title,
        values={
            "world": world,
            "states": states,
            "order": STATES,
            "page": asked.link(MAP),
            "frame": asked.link(f"/embed{MAP}"),
        },
        beside={
            "SVG": asked.link(f"{MAP}.svg"),
            "PNG": asked.link(f"{MAP}.png"),
            "CSV": api("status", format="csv"),
            "JSON": api("status"),
        },
    )


def picture(asked: Asked) -> WorldPicture:
    """The map as a picture that stands alone, with its sources."""
    words, view = asked.words, asked.view
    states = by_state(words, view)
    statuses = (view.statuses or {}).values()
    used = {one.signal for status in statuses for own in status.planes.values() for one in own}
    signals = [view.signals[name] for name in sorted(used & view.signals.keys())]
    return draw_world(
        words,
        places_of(asked, [one for own in states.values() for one in own]),
        time=view.time,
        sources=list(
            dict.fromkeys(source_sentence(words, one.citation, one.licence) for one in signals)
        ),
        simulated=view.simulated,
    )


def _file_route(desk: Desk, kind: str) -> Route:
    async def endpoint(request: Request) -> Response:
        key = (desk.view().key, kind, str(request.url))
        found = desk.kept.get(key)
        if found is None:
            found = await run_in_threadpool(_made, desk, request, kind)
            desk.kept.put(key, found)
        return answer(request, found)

    return Route(f"{MAP}.{kind}", endpoint, methods=["GET"], name=f"map.{kind}")


def _made(desk: Desk, request: Request, kind: str) -> Kept:
    drawn = picture(asked_of(desk, request))
    body = drawn.png() if kind == "png" else drawn.svg.encode()
    return Kept(
        body=body,
        zipped=None,
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        status=200,
        headers={
            "content-type": _TYPES[kind],
            "content-security-policy": _POLICY,
            "cache-control": "no-cache",
            "vary": "accept-encoding, accept-language",
        },
    )
