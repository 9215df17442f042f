"""What a reader asks of a report, and what comes back, as they go to the process beside and back.

They are written as MessagePack: what comes out of a process that read a hostile text is data, and
nothing that could run here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from zicht.reports.reading import Kind

Wanted = Literal["page", "json", "md", "png", "toml"]
"""In what form the answer is wanted: within a page, as JSON, as a card, or as a side file."""

Fault = Literal["usage", "input", "store", "ours", "slow", "busy"]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it was brought.

    Attributes:
        name: what it is called.
        data: its bytes.
        kind: plain text, Markdown or HTML; ``None``: its name and its bytes tell.
    """

    name: str
    data: bytes
    kind: Kind | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked.

    Attributes:
        of: whether claims are to be checked, or figures laid out.
        files: the reports; one, where claims are checked.
        wanted: in what form.
        published: when they were published, or empty: it is found.
        language: the code of their language, or empty: it is found.
        side: a side file, or empty.
        claim: the claim of which a card is wanted.
        as_of: take only what was known then.
        words: the language of the answer.
        prefix: what stands before the path of other pages.
    """

    of: Literal["check", "ledger"]
    files: tuple[File, ...]
    wanted: Wanted = "page"
    published: str = ""
    language: str = ""
    side: str = ""
    claim: str = ""
    as_of: datetime | None = None
    words: str = "en"
    prefix: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back.

    Attributes:
        body: the answer's bytes.
        simulated: what it was held against is of the lab.
        found: how many claims or figures there are.
        side: a side file to fill in.
        fault: what kind of fault there was, or ``None``.
        message: what was wrong.
        hint: what to do about it.
    """

    body: bytes = b""
    simulated: bool = False
    found: int = 0
    side: str = ""
    fault: Fault | None = None
    message: str = ""
    hint: str = ""
