"""Charts as SVG and PNG: rendered by vl-convert, then made accessible, small and reproducible."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from zicht.publish.palette import NO_DATA, NO_DATA_HATCH, PAPER, SICK, SICK_HATCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.publish.language import Language

_PNG_SCALE = 2.5
_NUMBER = re.compile(r"-?\d*\.\d{2,}(?:e-?\d+)?")
_DRAWN = re.compile(r' (?:d|transform|x|y|x2|y2|width|height)="[^"]*"')
_EMPTY = re.compile(r'<path class="(?:background|foreground)"[^>]*/>')
_CLASS = re.compile(r' class="(?:mark|role|concat|background|foreground)[^"]*"')
_OPENING = re.compile(r"<svg\b[^>]*>")
_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def render_svg(
    spec: dict[str, Any], *, title: str, description: Sequence[str], words: Language
) -> str:
    """Draw a specification as SVG with a title and a description for those who cannot see it.

    The picture asks for nothing from elsewhere, is the same in every run, and can stand within an
    HTML page: its ids are its own.
    """
    import vl_convert  # noqa: PLC0415 - starts a JavaScript engine; only drawing needs it

    drawn = vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[])
    drawn = _EMPTY.sub("", drawn)
    drawn = _CLASS.sub("", drawn)
    drawn = _DRAWN.sub(lambda match: _NUMBER.sub(_rounded, match[0]), drawn)
    key = sha256(f"{drawn}{title}".encode()).hexdigest()[:8]
    drawn = _patterns(drawn, key)
    opening = _OPENING.match(drawn)
    size = _SIZE.search(drawn)
    if opening is None or size is None:  # pragma: no cover - the renderer always writes both
        return drawn
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[1]}" height="{size[2]}"'
        f' viewBox="0 0 {size[1]} {size[2]}" role="img" lang={quoteattr(words.code)}'
        f' aria-labelledby="title-{key} desc-{key}">'
        f'<title id="title-{key}">{_clean(title)}</title>'
        f'<desc id="desc-{key}">{_clean(chr(10).join(description))}</desc>'
        f"{_defs(key)}"
    )
    return head + drawn[opening.end() :] + "\n"


def render_png(svg: str) -> bytes:
    """Draw an SVG as PNG, at 2.5 times its size."""
    import vl_convert  # noqa: PLC0415 - see above

    drawn: bytes = vl_convert.svg_to_png(svg, scale=_PNG_SCALE)
    return drawn


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def _patterns(drawn: str, key: str) -> str:
    return drawn.replace(f'fill="{NO_DATA}"', f'fill="url(#gap-{key})"').replace(
        f'fill="{SICK}"', f'fill="url(#sick-{key})"'
    )


def _defs(key: str) -> str:
    return (
        f'<defs><pattern id="gap-{key}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="{PAPER}"/>'
        f'<path d="M-1,7L7,-1M-1,1L1,-1M5,7L7,5" stroke="{NO_DATA_HATCH}" stroke-width="1"/>'
        "</pattern>"
        f'<pattern id="sick-{key}" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<rect width="7" height="7" fill="{PAPER}"/>'
        f'<path d="M1.5,1.5L5.5,5.5M5.5,1.5L1.5,5.5" stroke="{SICK_HATCH}" stroke-width="1"/>'
        "</pattern></defs>"
    )


def _clean(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))
