"""Messages of pages, charts and bulletins: bring catalogues up to date, or check that they are.

``python scripts/messages.py`` adds to each catalogue what is new in the code and takes out what is
gone; what is new waits for its translation. ``--check`` changes nothing and fails where a catalogue
lacks a translation, has one that is only guessed (fuzzy), or keeps one that is gone. Of languages
of pages alone it only says what is lacking or gone: such a sentence is shown in English.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter
from typing import TYPE_CHECKING, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

import zicht.sources
from zicht.model.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PUBLISH = Path(zicht.__file__).parent / "publish"
LOCALE = PUBLISH / "locale"
WEB = PUBLISH.parent / "web"
SHOWN = (PUBLISH, WEB)
"""What pages say, in every language that has a catalogue."""

SPOKEN = (PUBLISH.parent / "observe", PUBLISH.parent / "cli")
"""What the screen says, in the languages of ``SCREENS`` alone."""

SCREENS = ("nl",)
KEYWORDS = {"say": None, "translate": None, "count": (1, 2)}

UNSAID = tuple(
    f'"{name}'
    for name in (
        "Project-Id",
        "Report-Msgid",
        "POT-Creation",
        "PO-Revision",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)
"""What a catalogue's head does not say: the history of the project does."""

UNSTATED = "no licence stated"
"""What sources say of data of which nobody said under which licence they are."""

Message = str | tuple[str, ...]


def main() -> None:
    """Bring up to date, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    check = parser.parse_args().check
    failed = False
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/zicht.po")):
        code = path.parts[-3]
        rooms = (*SHOWN, *SPOKEN) if code in SCREENS else SHOWN
        messages = sorted(set(messages_in_code(rooms)) | set(messages_of_signals()), key=str)
        if check:
            for fault, is_grave in faults_of(path, code, messages):
                print(f"{code}: {fault}", file=sys.stderr)
                failed |= is_grave or code in SCREENS
        else:
            update(path, code, messages)
    sys.exit(1 if failed else 0)


def messages_in_code(rooms: Sequence[Path]) -> Iterator[Any]:
    """What the code and the templates of rooms say."""
    for path in sorted(one for room in rooms for one in room.rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                yield message if isinstance(message, str) else tuple(message)
    for path in sorted(one for room in rooms for one in (room / "templates").glob("*.html")):
        yield from messages_in_template(path.read_text("utf-8"))


def messages_in_template(text: str) -> Iterator[Message]:
    """What a template says, by a function's own name or as a method: ``words.count(…)``."""
    for call in Environment(autoescape=True).parse(text).find_all(nodes.Call):
        name = getattr(call.node, "name", None) or getattr(call.node, "attr", None)
        said = [one.value for one in call.args if isinstance(one, nodes.Const)]
        if name == "count" and len(said) >= 2:  # noqa: PLR2004 - one and many
            yield (said[0], said[1])
        elif name in KEYWORDS and said:
            yield said[0]


def messages_of_signals() -> Iterator[Message]:
    """Titles and units of the signals that the sources have."""
    for module in walk_packages(zicht.sources.__path__, "zicht.sources."):
        for value in vars(import_module(module.name)).values():
            values = value if isinstance(value, tuple) else (value,)
            for one in values:
                if isinstance(one, Signal):
                    yield one.title
                    yield one.unit
    yield UNSTATED


def faults_of(path: Path, code: str, messages: list[Message]) -> Iterator[tuple[str, bool]]:
    """What is wrong with a catalogue, and whether it would be shown wrongly."""
    catalogue = read_po(BytesIO(path.read_bytes()), locale=code)
    wanted = {_key(message) for message in messages}
    for message in messages:
        entry = catalogue.get(_key(message))
        found = entry.string if entry else None
        texts = [found] if isinstance(found, str) else list(found or [""])
        if not all(texts):
            yield f"not translated: {message!r}", False
            continue
        if entry and entry.fuzzy:
            yield f"only guessed: {message!r}", True
        for text in texts:
            if _fields(text) != _fields(_key(message)):
                yield f"other fields in {text!r} than in {message!r}", True
    for entry in catalogue:
        if entry.id and _key(entry.id) not in wanted:
            yield f"gone from the code: {entry.id!r}", False


def update(path: Path, code: str, messages: list[Message]) -> None:
    """Write a catalogue anew: what was translated stays, what is gone goes."""
    old = read_po(BytesIO(path.read_bytes()), locale=code)
    new = Catalog(
        locale=code, project="Zicht", version="", header_comment=old.header_comment, fuzzy=False
    )
    for message in messages:
        entry = old.get(_key(message))
        new.add(message, entry.string if entry else None)
    text = BytesIO()
    write_po(text, new, width=100, sort_output=False, omit_header=False)
    lines = text.getvalue().decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(UNSAID)]
    path.write_text("".join(kept), encoding="utf-8")


def _key(message: Any) -> str:
    key: str = message if isinstance(message, str) else message[0]
    return key


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


if __name__ == "__main__":
    main()
