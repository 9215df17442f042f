"""Parameters: what can be asked, said once for reading, for refusing and for the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.model.time import parse_time
from zicht.web.api.cursors import LONGEST
from zicht.web.api.problems import ProblemError, harmless, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

MOST_ENTITIES = 50
"""Entities that can be asked for at once."""

_LONGEST_TEXT = 200
_TIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$"
_YEARS = range(1990, 2200)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One thing that can be asked.

    Attributes:
        name: in the address.
        description: what it does, for people.
        schema: what may be written, as JSON Schema.
        read: what was written, as a value; raises ``UsageError`` for nonsense.
        where: in the query or in the path.
        many: it may be given several times, or once with commas.
        default: what is taken where it is not given.
        example: a value that is often wanted.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    where: Literal["query", "path"] = "query"
    many: bool = False
    required: bool = False
    default: Any = None
    example: str | None = field(default=None)


def read_all(
    parameters: Iterable[Parameter], query: Sequence[tuple[str, str]], path: Mapping[str, str]
) -> dict[str, Any]:
    """The values of all parameters, by name; what is not given has its default.

    Raises:
        ProblemError: one is not known, is given twice, is missing or makes no sense.
    """
    parameters = tuple(parameters)
    own = {one.name: one for one in parameters if one.where == "query"}
    given: dict[str, list[str]] = {}
    for name, text in query:
        if name not in own:
            raise ProblemError(
                "unknown-parameter",
                f"There is no parameter {harmless(name)!r} here.",
                f"There are: {', '.join(own) or 'none'}.",
            )
        given.setdefault(name, []).append(text)
    return {one.name: _value(one, given.get(one.name), path) for one in parameters}


def _value(one: Parameter, texts: list[str] | None, path: Mapping[str, str]) -> Any:
    if one.where == "path":
        return _read(one, path[one.name])
    if texts is None:
        if one.required:
            raise ProblemError(
                "bad-parameter",
                f"The parameter {one.name} is missing.",
                f"Add {one.name}={one.example or '…'} to the address.",
                parameter=one.name,
            )
        return one.default
    if not one.many:
        if len(texts) > 1:
            raise ProblemError(
                "bad-parameter",
                f"The parameter {one.name} is given {len(texts)} times.",
                "Give it once.",
                parameter=one.name,
            )
        return _read(one, texts[0])
    words = [word for text in texts for word in text.split(",")]
    if len(words) > MOST_ENTITIES:
        raise ProblemError(
            "bad-parameter",
            f"{one.name} names {len(words)} things.",
            f"Name at most {MOST_ENTITIES} at once.",
            parameter=one.name,
        )
    return tuple(_read(one, word) for word in words)


def _read(one: Parameter, text: str) -> Any:
    if len(text) > max(_LONGEST_TEXT, LONGEST):
        raise ProblemError(
            "bad-parameter",
            f"The value of {one.name} has {len(text)} characters.",
            "Ask for something shorter.",
            parameter=one.name,
        )
    try:
        return one.read(text)
    except UsageError as error:
        raise problem_of(error, parameter=one.name) from None


def read_entity(text: str) -> str:
    """An entity's text, in the form in which it is stored."""
    return str(parse_entity(text))


def read_instant(text: str) -> datetime:
    """A time of a year that can be."""
    time = parse_time(text) if re.match(r"^\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    if time is None or time.year not in _YEARS:
        raise UsageError(
            f"{harmless(text)!r} is no time.",
            "Write it as 2022-01-05 or 2022-01-05T10:45Z (ISO 8601); + is written %2B.",
        )
    return time


def read_flag(text: str) -> bool:
    """``true`` or ``false``."""
    if text not in {"true", "false"}:
        raise UsageError(f"{harmless(text)!r} is neither true nor false.", "Write true or false.")
    return text == "true"


def one_of(*words: str) -> Callable[[str], str]:
    """A reader of one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise UsageError(f"{harmless(text)!r} is not known.", f"Choose from {', '.join(words)}")
        return text

    return read


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of a whole number between two."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not lowest <= int(text) <= highest:
            raise UsageError(
                f"{harmless(text)!r} is no number from {lowest} to {highest}.",
                f"Write a whole number from {lowest} to {highest}.",
            )
        return int(text)

    return read


def matching(pattern: str, what: str) -> Callable[[str], str]:
    """A reader of texts that a pattern describes."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise UsageError(f"{harmless(text)!r} is no {what}.", f"Write a {what} as it is told.")
        return text

    return read


def time_schema() -> dict[str, Any]:
    """What a time may look like."""
    return {"type": "string", "pattern": _TIME}
