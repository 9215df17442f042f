from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from zicht.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENDS_A_COMMAND = {"|", "||", "&&", ";", "&", ">", ">>", "<", "2>"}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{name(page)} links to {link}"


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / link.split("#")[0]).resolve() for link in LINK.findall(index)}
    assert {page for page in PAGES if page.parent.name == "docs"} - linked <= {
        ROOT / "docs" / "README.md"
    }


def shown_commands() -> list[tuple[str, list[str]]]:
    """Every ``zicht …`` in a shell block, with its page."""
    return [
        (name(page), words)
        for page in PAGES
        for block in BLOCK.findall(page.read_text(encoding="utf-8"))
        for line in block.replace("\\\n", " ").splitlines()
        for words in zicht_commands(line.removeprefix("$ "))
    ]


def zicht_commands(line: str) -> list[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    for word in lexer:
        if word in ENDS_A_COMMAND:
            commands.append([])
        else:
            commands[-1].append(word)
    return [words[1:] for words in commands if words[:1] == ["zicht"]]


@pytest.mark.parametrize(("page", "words"), shown_commands(), ids=str)
def test_every_command_that_is_shown_can_be_given(
    page: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(_type: click.Path, value: Any, *_: Any) -> Path:
        return Path(value)

    monkeypatch.setattr(click.Path, "convert", take)  # the files shown need not be here
    try:
        parse(cli, click.Context(cli, info_name="zicht"), words)
    except click.exceptions.Exit:  # --help and --version end here
        pass
    except click.UsageError as error:
        pytest.fail(f"{page} shows: zicht {shlex.join(words)}: {error.format_message()}")


def parse(command: click.Command, context: click.Context, words: list[str]) -> None:
    """Parse ``words`` as ``command`` would, down through groups, running nothing."""
    command.parse_args(context, list(words))
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]  # noqa: SLF001 - click's invoke does so
        found, below, rest = command.resolve_command(context, rest)
        assert below is not None
        parse(below, click.Context(below, parent=context, info_name=found), rest)


def test_every_make_target_that_is_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            shown = set(re.findall(r"^(?:\$ )?make ([a-z-]+)", block, re.MULTILINE))
            assert shown <= targets, name(page)


def test_an_option_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(cli, click.Context(cli), ["doctor", "--no-such-option"])


def test_pipes_and_continued_lines_are_understood() -> None:
    line = "zicht --format csv events | head -3 > a.csv && zicht status"
    assert zicht_commands(line) == [["--format", "csv", "events"], ["status"]]
