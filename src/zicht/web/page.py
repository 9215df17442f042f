"""Pages: a function says what stands in one, a template how it looks; the answer is kept.

A page is made at most once of each view, language and address, and is sent compressed. Every text
in it is escaped by the templates.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.responses import Response
from starlette.routing import Route

from zicht.publish.bulletin_words import class_sentence, class_word
from zicht.publish.chart_words import simulated_words
from zicht.publish.language import LANGUAGES, language_names
from zicht.publish.letters import tame
from zicht.publish.wording import plane_word
from zicht.version import __version__
from zicht.web import addresses
from zicht.web.asked import LANGUAGE, Asked, asked_of, preferred
from zicht.web.kept import Kept
from zicht.web.making import made
from zicht.web.seeing import verdict_words
from zicht.web.states import state_word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from zicht.publish.language import Language
    from zicht.web.desk import Desk

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: what this server has, and no script or style within the page."""

EMBEDDED_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors *"
)
"""What a page may load that stands in a frame of anybody's page; there are no scripts in it."""

_LEAST_ZIPPED = 500
_NEARLY_SURE = 99.0  # percent


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands in a page.

    Attributes:
        template: the template's file.
        title: the page's title, plain text.
        values: what the template needs.
        beside: where the same is found in other formats, by the format's name (``JSON``).
        status: the answer's status.
        policy: what the page may load.
        live: where scripts run, the content is shown anew when the store has changed.
        headers: of the answer, beside those of every page; names in lower case.
    """

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    policy: str = POLICY
    live: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def page_route(desk: Desk, path: str, make: Callable[[Asked], Page]) -> Route:
    """A route that answers with the page that ``make`` says; it runs in a thread."""

    async def endpoint(request: Request) -> Response:
        code = request.scope.get(LANGUAGE) or preferred(request.headers.get("accept-language", ""))
        named = LANGUAGE in request.scope
        found = await made(
            desk.kept,
            (code, named, request.url.path, request.url.query),
            desk.view().key,
            lambda: _made(desk, request, make),
            patience=desk.patience,
        )
        return answer(request, found)

    return Route(path, endpoint, methods=["GET"], name=f"{make.__module__}.{make.__name__}")


def _made(desk: Desk, request: Request, make: Callable[[Asked], Page]) -> Kept:
    asked = asked_of(desk, request)
    return kept(asked, make(asked))


def kept(asked: Asked, page: Page) -> Kept:
    """A page as bytes, compressed too."""
    body = render(asked, page).encode()
    digest = hashlib.sha256(body).hexdigest()[:20]
    zipped = gzip.compress(body, 6, mtime=0) if len(body) >= _LEAST_ZIPPED else None
    return Kept(
        body=body,
        zipped=zipped,
        etag=f'"{digest}"',
        status=page.status,
        headers={
            "content-type": "text/html; charset=utf-8",
            "content-language": asked.words.code,
            "content-security-policy": page.policy,
            "cache-control": "no-cache",
            "vary": "accept-encoding" if asked.in_address else "accept-encoding, accept-language",
            **page.headers,
        },
    )


def private_answer(request: Request, asked: Asked, page: Page) -> Response:
    """The answer with a page that is one reader's own: nobody may keep it, and it has no tag."""
    found = kept(asked, page)
    headers = found.headers | {"cache-control": "no-store", "vary": "accept-encoding"}
    body = found.body
    if found.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = found.zipped, "gzip"
    return Response(body, found.status, headers)


def answer(request: Request, found: Kept) -> Response:
    """The answer to a request; without a body where the reader has it already (RFC 9110, 13)."""
    headers = found.headers | {"etag": found.etag}
    held = request.headers.get("if-none-match", "")
    if found.status == 200 and found.etag in (one.strip() for one in held.split(",")):  # noqa: PLR2004
        return Response(status_code=304, headers=headers)
    body = found.body
    if found.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = found.zipped, "gzip"
    return Response(body, found.status, headers)


def render(asked: Asked, page: Page) -> str:
    """Fill in a page's template; every text in it is escaped."""
    text: str = (
        _environment()
        .get_template(page.template)
        .render(
            asked=asked,
            view=asked.view,
            words=asked.words,
            say=asked.words.say,
            count=asked.words.count,
            link=asked.link,
            link_path=asked.path_of,
            here=asked.here,
            plane_word=plane_word,
            state_word=state_word,
            class_word=class_word,
            class_sentence=class_sentence,
            at=addresses,
            languages=LANGUAGES,
            language_names=language_names(),
            health_words=verdict_words(asked.words, asked.view.health),
            title=page.title,
            beside=page.beside,
            live=page.live and asked.as_of is None,
            version=__version__,
            simulated_words=simulated_words(asked.words),
            **page.values,
        )
    )
    return text


def probability(value: float, words: Language) -> str:
    """A probability in percent; what is not sure is not rounded to it."""
    percent = 100 * value
    if percent > _NEARLY_SURE:
        return f">\N{NARROW NO-BREAK SPACE}{words.percent(_NEARLY_SURE)}"
    if percent < 100 - _NEARLY_SURE:
        return f"<\N{NARROW NO-BREAK SPACE}{words.percent(100 - _NEARLY_SURE)}"
    return words.percent(percent)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("zicht.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["tame"] = tame
    environment.filters["probability"] = probability
    return environment
