"""The language in an address: ``/nl/event/…`` is ``/event/…`` in Dutch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.language import LANGUAGES
from zicht.web.asked import LANGUAGE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class LanguageInAddress:
    """Takes the language out of the path, and keeps it in the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the language told apart from the path."""
        if scope["type"] == "http":
            first, slash, rest = scope["path"].removeprefix("/").partition("/")
            if first in LANGUAGES:
                path = f"{slash}{rest}" or "/"
                scope = {**scope, "path": path, LANGUAGE: first}
                scope["raw_path"] = path.encode()
        await self.app(scope, receive, send)
