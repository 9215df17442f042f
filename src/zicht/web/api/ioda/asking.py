"""What IODA's clients ask: parameters as IODA reads them, and answers in its envelope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zicht.version import __version__
from zicht.web.api.problems import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zicht.web.api.records import SourceTerms

_LARGEST = 2**31 - 1  # of a time; IODA keeps times as signed 32-bit numbers
_DIGITS = 10
_MOST_CODES = 50
_MOST = 2000
_RIGHTS = "Licences and citations of the data are in metadata.sources."


class RefusedError(Exception):
    """A request that is refused, with what IODA would say."""


@dataclass(frozen=True)
class Asked:
    """A request as IODA reads it; what it does not know it leaves aside.

    Attributes:
        words: the parameters; of those given twice the last counts.
        path: what the path names: ``type`` and ``code``.
    """

    words: Mapping[str, str]
    path: Mapping[str, str]

    def text(self, name: str, longest: int = 100) -> str | None:
        """A parameter, or ``None``."""
        text = self.words.get(name)
        if text is not None and len(text) > longest:
            raise RefusedError(f"{name} is longer than {longest} letters")
        return text or None

    def number(self, name: str) -> int | None:
        """A whole number, or ``None``."""
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
            raise RefusedError(f"{name} must be a positive integer")
        return min(int(text), _LARGEST)

    def flag(self, name: str) -> bool:
        """Whether it is set."""
        return self.text(name) in {"true", "1"}

    def period(self) -> tuple[datetime, datetime]:
        """``from`` and ``until``, which all but entities need."""
        begin, end = self.number("from"), self.number("until")
        for name, value in (("from", begin), ("until", end)):
            if value is None:
                raise RefusedError(f"'{name}' timestamp must be set")
        if begin is None or end is None or begin >= end:
            raise RefusedError(f"from ({begin}) must be earlier than until ({end})")
        return datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(end, UTC)

    def kind(self) -> str | None:
        """The type of the entities that are asked for."""
        return self.path.get("type") or self.text("entityType")

    def codes(self) -> list[str] | None:
        """The codes of the entities that are asked for; ``None`` is all."""
        text = self.path.get("code") or self.text("entityCode", 1000)
        if not text:
            return None
        codes = text.split(",")
        if len(codes) > _MOST_CODES:
            raise RefusedError(f"at most {_MOST_CODES} codes can be asked for at once")
        return codes

    def page(self, found: list[Any], *, first: int) -> list[Any]:
        """The page that ``limit`` and ``page`` name; pages are counted from ``first``."""
        limit, page = self.number("limit"), self.number("page")
        if limit == 0:
            raise RefusedError("limit must be greater than 0")
        if limit is None:
            if page is not None:
                raise RefusedError("limit also needs to be set if page is set")
            return found[:_MOST]
        limit = min(limit, _MOST)
        begin = max(0, (first if page is None else page) - first) * limit
        return found[begin : begin + limit]


def envelope(
    kind: str,
    asked: Asked,
    data: Any,
    *,
    now: datetime,
    sources: Iterable[SourceTerms] = (),
    simulated: bool = False,
    error: str | None = None,
) -> dict[str, Any]:
    """An answer in IODA's envelope; in ``metadata`` stand our licences and citations too."""
    time = now.replace(microsecond=0).isoformat()
    return {
        "type": kind,
        "metadata": {
            "requestTime": time,
            "responseTime": time,
            "generator": f"Zicht {__version__}",
            "simulated": simulated,
            "sources": {
                one.signal: {
                    "licence": one.licence,
                    "citation": one.citation,
                    "simulated": one.simulated,
                }
                for one in sources
            },
        },
        "requestParameters": {harmless(name): _said(word) for name, word in asked.words.items()},
        "error": error,
        "perf": None,
        "data": data,
        "copyright": _RIGHTS,
    }


def _said(word: str) -> int | str:
    """A parameter as it is said back; numbers as numbers, as IODA does."""
    is_number = word.isascii() and word.isdecimal() and len(word) <= _DIGITS
    return int(word) if is_number else harmless(word)
