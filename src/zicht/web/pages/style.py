"""The style sheet of pictures, beside the one of pages."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from zicht.publish.inline.style import STYLE
from zicht.publish.page import checked_style
from zicht.web.addresses import CHARTS, REPORTS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk


def routes(_desk: Desk) -> list[BaseRoute]:
    """The style sheets."""
    return [
        Route(CHARTS, style, methods=["GET"], name="charts.css"),
        Route(REPORTS, reports_style, methods=["GET"], name="reports.css"),
    ]


async def style(_request: Request) -> Response:
    """How pictures look, light and dark, and what stands around them."""
    around = (files("zicht.web") / "static" / "around.css").read_text("utf-8")
    return Response(
        STYLE + around, media_type="text/css", headers={"cache-control": "max-age=3600"}
    )


async def reports_style(_request: Request) -> Response:
    """How checked reports look."""
    return Response(
        checked_style(), media_type="text/css", headers={"cache-control": "max-age=3600"}
    )
