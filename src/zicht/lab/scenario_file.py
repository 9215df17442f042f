"""Reading of scenario files: those that are shipped, and anybody's own."""

from __future__ import annotations

import re
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import inspect

from zicht.errors import InputError, UsageError
from zicht.lab.scenario import Scenario
from zicht.lab.scenario_check import first_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

Where = tuple[str | int, ...]
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<at>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_QUOTED = re.compile(r"`([^`]*)`|'([^']*)'")


def scenario_names() -> tuple[str, ...]:
    """The scenarios that are shipped."""
    folder = files("zicht.lab") / "scenarios"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario by its name, or a file.

    Raises:
        UsageError: no such scenario is shipped, and there is no such file.
        InputError: the file is no scenario.
    """
    name = str(name_or_path)
    if name in scenario_names():
        data = (files("zicht.lab") / "scenarios" / f"{name}.toml").read_bytes()
        return parse_scenario(data, name=f"{name}.toml")
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError(
            f"{name!r} is neither a scenario nor a file.{_nearest(name, scenario_names())}",
            f"Shipped are {', '.join(scenario_names())}.",
        )
    return parse_scenario(path.read_bytes(), name=name)


def parse_scenario(data: bytes, *, name: str) -> Scenario:
    """Read a scenario.

    Raises:
        InputError: it is none; the line, the key, what was expected and the nearest right name are
            said.
    """
    try:
        scenario = msgspec.toml.decode(data, type=Scenario)
    except msgspec.ValidationError as error:
        raise _refused(data, name, *_explained(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is no TOML: {error}.", "docs/scenarios.md shows one.") from None
    if (problem := first_problem(scenario)) is not None:
        path, what, known = problem
        wrong = _QUOTED.search(what)
        near = _nearest(wrong[1] or wrong[2], known) if wrong else ""
        raise _refused(data, name, path, what + near)
    return scenario


def _refused(data: bytes, name: str, path: Where, what: str) -> InputError:
    line = _line_of(data.decode("utf-8", "replace").splitlines(), path)
    key = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    where = f"{name}, line {line}, {key[1:]}" if line else name
    return InputError(f"{where}: {what}", "docs/scenarios.md tells each key.")


def _explained(message: str) -> tuple[Where, str]:
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
        known = _known_at(path)
        return (*path, text), f"{text!r} is no key here.{_nearest(text, known)}"
    if what.startswith("Object missing required field"):
        return path, f"the key {text!r} is missing."
    if what.startswith("Invalid enum value"):
        known = _known_at(path)
        return path, f"{text!r} is none of {', '.join(known)}.{_nearest(text, known)}"
    return path, f"{what[:1].lower()}{what[1:]}."


def _nearest(text: str, known: Sequence[str]) -> str:
    near = get_close_matches(text, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def _known_at(path: Where) -> list[str]:
    """What may stand at a path: keys of a table, or the words of a value."""
    kind: inspect.Type = inspect.type_info(Scenario)
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
