"""Parameters: what can be asked, said once for reading, for refusing and for the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.web.api.cursors import LONGEST
from zicht.web.api.problems import ProblemError, harmless, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MOST_ENTITIES = 30
"""Entities that can be asked for at once."""

_TIME = (
    r"^(199[0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
    r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?)?$"
)
"""Years from 1990 to 2199: no time that follows from one of them leaves what Python can tell."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One thing that can be asked.

    Attributes:
        name: in the address.
        description: what it does, for people.
        schema: what may be written, as JSON Schema; anything else is refused.
        read: what was written, as a value; raises ``UsageError`` for what the schema cannot tell.
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
    if len(text) > one.schema.get("maxLength", LONGEST):
        raise ProblemError(
            "bad-parameter",
            f"The value of {one.name} has {len(text)} characters.",
            "Ask for something shorter.",
            parameter=one.name,
        )
    if not _fits(one.schema, text):
        raise ProblemError(
            "bad-parameter",
            f"{harmless(text)!r} is not what {one.name} may be.",
            one.description,
            parameter=one.name,
        )
    try:
        return one.read(text)
    except UsageError as error:
        raise problem_of(error, parameter=one.name) from None


def _fits(schema: Mapping[str, Any], text: str) -> bool:
    """Whether a text is what the schema of a string says; numbers are left to their readers."""
    if schema["type"] != "string":
        return True
    return (
        len(text) >= schema.get("minLength", 0)
        and text in schema.get("enum", (text,))
        and ("pattern" not in schema or _pattern(schema["pattern"]).search(text) is not None)
    )


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("$", r"\Z"), re.ASCII)


def read_entity(text: str) -> str:
    """An entity's text, in the form in which it is stored."""
    return str(parse_entity(text))


def read_flag(text: str) -> bool:
    """``true``, or ``false``."""
    return text == "true"


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


def time_schema() -> dict[str, Any]:
    """What a time may look like."""
    return {"type": "string", "pattern": _TIME}
