"""Bulletins as Markdown and as an HTML page; every text in them is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zicht.publish.chart_words import simulated_words
from zicht.publish.page import figures, render_page

if TYPE_CHECKING:
    from zicht.publish.bulletin import Bulletin
    from zicht.publish.chart import Chart
    from zicht.publish.language import Language

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!&^=])")
_STARTS_A_BLOCK = re.compile(r"^(\d+)([.)])|^([-+])")


def bulletin_markdown(words: Language, bulletin: Bulletin, picture: str | None) -> str:
    """A bulletin as Markdown (CommonMark); ``picture`` is the file of its chart, beside it."""
    blocks = []
    if bulletin.simulated:
        blocks.append(f"**{escape(simulated_words(words))}**")
    blocks.append(f"# {escape(bulletin.title)}")
    blocks += [escape(paragraph) for paragraph in bulletin.lead]
    if picture is not None:
        blocks.append(f"![{escape(bulletin.title)}](<{_address(picture)}>)")
    for section in bulletin.sections:
        blocks.append(f"## {escape(section.heading)}")
        if section.items:
            blocks.append("\n".join(f"- {escape(item)}" for item in section.items))
        blocks += [escape(paragraph) for paragraph in section.paragraphs]
    blocks.append(f"*{escape(bulletin.edition)}*")
    return "\n\n".join(blocks) + "\n"


def bulletin_page(words: Language, bulletin: Bulletin, chart: Chart) -> str:
    """A bulletin as a page, its chart and the chart's figures within it."""
    return render_page(
        "bulletin.html", words, bulletin=bulletin, chart=chart, figures=figures(words, chart)
    )


def escape(text: str) -> str:
    """Plain text as Markdown that shows just that."""
    text = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _STARTS_A_BLOCK.sub(lambda match: match[0][:-1] + "\\" + match[0][-1], text)


def _address(file: str) -> str:
    return re.sub(r"[<>\\\s]", "_", file)
