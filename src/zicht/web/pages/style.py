"""The style sheet of pictures, beside the one of pages."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from zicht.publish.inline.style import STYLE
from zicht.web.addresses import CHARTS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk


def routes(_desk: Desk) -> list[BaseRoute]:
    """The style sheet."""
    return [Route(CHARTS, style, methods=["GET"], name="charts.css")]


async def style(_request: Request) -> Response:
    """How pictures look, light and dark, and what stands around them."""
    around = (files("zicht.web") / "static" / "around.css").read_text("utf-8")
    return Response(
        STYLE + around, media_type="text/css", headers={"cache-control": "max-age=3600"}
    )
