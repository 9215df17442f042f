"""Files of settings and scenarios: TOML read into structs, with a clear word on what is wrong.

What is wrong is told with its line, its key, what was expected and the nearest right name.
"""

from __future__ import annotations

import codecs
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import inspect

from zicht.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Where = tuple[str | int, ...]
Problem = tuple[Where, str, "Sequence[str]"]
"""Where it stands in the file, what is wrong, and the names that would be right."""

_T = TypeVar("_T")
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<at>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_QUOTED = re.compile(r"`([^`]*)`|'([^']*)'")


def decode_toml(
    data: bytes,
    kind: type[_T],
    *,
    name: str,
    guide: str,
    first_problem: Callable[[_T], Problem | None] = lambda _: None,
) -> _T:
    """Read TOML into a struct.

    Args:
        data: the bytes of the file.
        kind: the struct's type.
        name: the file's name, for errors.
        guide: the page that tells each key, for errors.
        first_problem: what the types do not say of it.

    Raises:
        InputError: it does not fit; the line, the key, what was expected and the nearest right name
            are said.
    """
    try:
        found = msgspec.toml.decode(data.removeprefix(codecs.BOM_UTF8), type=kind)
    except msgspec.ValidationError as error:
        raise _refused(data, name, guide, *_explained(str(error), kind)) from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply.", f"{guide} shows one.") from None
    except (msgspec.DecodeError, ValueError) as error:  # of numbers without end too
        raise InputError(f"{name} is no TOML: {error}.", f"{guide} shows one.") from None
    if (problem := first_problem(found)) is not None:
        path, what, known = problem
        wrong = _QUOTED.search(what)
        near = nearest(wrong[1] or wrong[2], known) if wrong else ""
        raise _refused(data, name, guide, path, what + near)
    return found


def nearest(text: str, known: Sequence[str]) -> str:
    """A sentence that names the nearest right name, or nothing where none is near."""
    near = get_close_matches(text, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def _refused(data: bytes, name: str, guide: str, path: Where, what: str) -> InputError:
    line = _line_of(data.decode("utf-8", "replace").splitlines(), path)
    key = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    where = f"{name}, line {line}, {key[1:]}" if line else name
    return InputError(f"{where}: {what}", f"{guide} tells each key.")


def _explained(message: str, root: type) -> tuple[Where, str]:
    """Where msgspec found something wrong, and what, with the nearest right name."""
    match = _MESSAGE.fullmatch(message)
    if match is None:
        return (), message
    path: Where = tuple(
        name or (int(place) if place.isdigit() else 0)
        for name, place in _STEP.findall(match["at"] or "")
    )
    what = match["what"]
    wrong = _QUOTED.search(what)
    text = "" if wrong is None else wrong[1] or wrong[2] or ""
    if what.startswith("Object contains unknown field"):
        known = _known_at(path, root)
        return (*path, text), f"{text!r} is no key here.{nearest(text, known)}"
    if what.startswith("Object missing required field"):
        return path, f"the key {text!r} is missing."
    if what.startswith("Invalid enum value"):
        known = _known_at(path, root)
        return path, f"{text!r} is none of {', '.join(known)}.{nearest(text, known)}"
    if what.endswith("with a timezone component"):
        return path, "a time needs its zone, as in 2025-03-12T09:00:00Z."
    return path, f"{what[:1].lower()}{what[1:]}."


def _known_at(path: Where, root: type) -> list[str]:
    """What may stand at a path: keys of a table, or the words of a value."""
    kind: inspect.Type = inspect.type_info(root)
    for step in path:
        kind = _inside(kind, step)
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    known: list[str] = []
    for one in kinds:
        if isinstance(one, inspect.StructType):
            known += [field.encode_name for field in one.fields]
        elif isinstance(one, inspect.LiteralType):
            known += [str(value) for value in one.values]
    return known


def _inside(kind: inspect.Type, step: str | int) -> inspect.Type:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for one in kinds:
        if isinstance(one, inspect.StructType):
            for field in one.fields:
                if field.encode_name == step:
                    return field.type
        elif isinstance(one, inspect.VarTupleType):
            return one.item_type
        elif isinstance(one, inspect.DictType):
            return one.key_type if step == 0 else one.value_type
    return inspect.AnyType()


def _line_of(lines: list[str], path: Where) -> int | None:
    """The line at which what a path names stands, the first being 1; as near as can be told."""
    if not path:
        return None
    table, place = path[0], path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    heads = [
        number
        for number, line in enumerate(lines)
        if re.match(rf"\s*\[\[?\s*{re.escape(str(table))}\s*\]", line)
    ]
    if place >= len(heads):
        return None
    head = heads[place]
    after = heads[place + 1] if place + 1 < len(heads) else len(lines)
    for step in reversed(path[1:]):
        if isinstance(step, str):
            for number in range(head + 1, after):
                if re.match(rf"\s*(\[+[^\]]*\b)?{re.escape(step)}\b", lines[number]):
                    return number + 1
    return head + 1
