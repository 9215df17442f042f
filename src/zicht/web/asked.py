"""What a reader asks for: the page, the language, the time of which to tell what was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zicht.model.time import format_time, parse_time
from zicht.publish.language import LANGUAGES, language
from zicht.web.addresses import api, with_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

    from zicht.publish.language import Language
    from zicht.web.desk import Desk
    from zicht.web.view import View

LANGUAGE = "zicht.language"
"""Where the ASGI scope keeps the language that the address names."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request for a page, read and checked.

    Attributes:
        desk: where the answer comes from.
        view: what is told, all of one instant.
        words: the language.
        path: the path without its language.
        parts: what the path names (``{id}`` and the like).
        parameters: what stands behind the question mark.
        as_of: the time of which it is told what was known, or ``None`` for now.
        in_address: whether the address names the language.
    """

    desk: Desk
    view: View
    words: Language
    path: str
    parts: Mapping[str, Any]
    parameters: Mapping[str, str]
    as_of: datetime | None
    in_address: bool

    def link(self, path: str, **parameters: str) -> str:
        """A link to another page, in the same language and of the same time."""
        if self.as_of is not None:
            parameters = {"as_of": format_time(self.as_of)} | parameters
        return with_parameters(self.path_of(path), parameters)

    def path_of(self, path: str) -> str:
        """The path of another page, in the same language."""
        return f"/{self.words.code}{path}" if self.in_address else path

    def data(self, *parts: str, **parameters: str) -> str:
        """Where the API tells the same, of the same time."""
        if self.as_of is not None:
            parameters = {"as_of": format_time(self.as_of)} | parameters
        return api(*parts, **parameters)

    def here(self, code: str | None = None, **parameters: str | None) -> str:
        """The address of this page with other parameters, or in another language.

        A parameter that is ``None`` is left out.
        """
        kept = dict(self.parameters) | parameters
        code = code or (self.words.code if self.in_address else None)
        prefix = "" if code is None else f"/{code}"
        given = {name: value for name, value in kept.items() if value is not None}
        return with_parameters(f"{prefix}{self.path}", given)


def asked_of(desk: Desk, request: Request) -> Asked:
    """Read a request.

    Raises:
        UsageError: a parameter makes no sense.
        StoreError: the store cannot be read.
    """
    as_of = request.query_params.get("as_of")
    time = parse_time(as_of) if as_of else None
    named = request.scope.get(LANGUAGE)
    return Asked(
        desk=desk,
        view=desk.view(time),
        words=language(named or preferred(request.headers.get("accept-language", ""))),
        path=request.scope["path"],
        parts=request.path_params,
        parameters=dict(request.query_params),
        as_of=time,
        in_address=named is not None,
    )


def preferred(header: str) -> str:
    """The language of ours that ``Accept-Language`` asks for most (RFC 9110, 12.5.4)."""
    best, weight = LANGUAGES[0], 0.0
    for part in header[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        code = tag.split("-")[0].lower()
        try:
            wanted = float(quality or 1)
        except ValueError:
            continue
        if code in LANGUAGES and wanted > weight:
            best, weight = code, wanted
    return best
