"""The application: pages and API over one desk."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from zicht.errors import ZichtError
from zicht.web import api, pages
from zicht.web.addresses import STATIC
from zicht.web.faults import fault_answer
from zicht.web.languages import LanguageInAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk


def application(desk: Desk) -> Starlette:
    """All that is served, over one desk; it keeps nothing of its readers."""

    def failed(request: Request, error: Exception) -> Response:
        return fault_answer(desk, request, error)

    return Starlette(
        routes=[
            *routes(desk),
            Mount(STATIC, StaticFiles(directory=str(files("zicht.web") / "static"))),
        ],
        middleware=[Middleware(LanguageInAddress)],
        exception_handlers={ZichtError: failed, HTTPException: failed, Exception: failed},
    )


def routes(desk: Desk) -> Iterator[BaseRoute]:
    """The routes of every module of ``pages`` and ``api``; each has ``routes(desk)``."""
    for room in (api, pages):
        for module in iter_modules(room.__path__, f"{room.__name__}."):
            made = getattr(import_module(module.name), "routes", None)
            if made is not None:
                yield from made(desk)
