"""Reports that are sent to be read: their claims checked, their figures laid out; none is kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from zicht.model.claim import CheckedReport, LedgerRow
from zicht.model.time import parse_time
from zicht.web.api.parameters import time_schema
from zicht.web.api.sending import Sending
from zicht.web.reports.brought import LARGEST_SIDE, MOST_FILES, PASTED, check_sizes
from zicht.web.reports.questions import File, Question, Reply
from zicht.web.reports.receiving import LARGEST_TEXT

_TIME = time_schema()["pattern"]
_MONTH = "^(199[0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$"
_Text = Annotated[str, Meta(min_length=1, max_length=LARGEST_TEXT, description="What it says.")]
_Name = Annotated[
    str,
    Meta(
        max_length=120,
        description="What to call it: a title, a file's name, or an address, which is not fetched.",
    ),
]
_Kind = Annotated[
    Literal["plain", "markdown", "html"],
    Meta(description="What the text is; by default its name and its beginning tell."),
]
_Published = Annotated[
    str,
    Meta(
        pattern=f"{_MONTH}|{_TIME}",
        description="When it was published: a month, a day or an instant.",
    ),
]
_Language = Annotated[
    Literal["en", "nl", "fr", "de", "es", "ru", "ar", "fa"],
    Meta(description="The language of the text; by default it is found."),
]
_AsOf = Annotated[str, Meta(pattern=_TIME, description="Take only what was known here then.")]
_Side = Annotated[
    str,
    Meta(max_length=LARGEST_SIDE, description="A side file (TOML) that corrects what was read."),
]


class ReportSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report."""

    text: _Text
    name: _Name = ""
    kind: _Kind | None = None


class CheckSent(ReportSent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report to be checked."""

    published: _Published | None = None
    language: _Language | None = None
    side: _Side = ""
    as_of: _AsOf | None = None


class LedgerSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reports whose figures are to be laid out."""

    reports: Annotated[tuple[ReportSent, ...], Meta(min_length=1, max_length=MOST_FILES)]
    published: _Published | None = None
    language: _Language | None = None
    as_of: _AsOf | None = None


class LedgerTold(msgspec.Struct, frozen=True, kw_only=True):
    """The figures and measures of reports.

    Attributes:
        simulated: some of what the store holds is of the lab.
        data: the rows.
    """

    simulated: bool
    data: tuple[LedgerRow, ...]


def check_question(sent: CheckSent) -> Question:
    """What is asked.

    Raises:
        HTTPException: the text is too large (413).
        UsageError: a time is none.
    """
    files = (_file(sent),)
    check_sizes(files, sent.side)
    return Question(
        of="check",
        files=files,
        wanted="json",
        published=sent.published or "",
        language=sent.language or "",
        side=sent.side if sent.side.strip() else "",
        as_of=parse_time(sent.as_of) if sent.as_of else None,
    )


def ledger_question(sent: LedgerSent) -> Question:
    """What is asked.

    Raises:
        HTTPException: the texts are too large (413).
        UsageError: a time is none.
    """
    files = tuple(_file(one) for one in sent.reports)
    check_sizes(files, "")
    return Question(
        of="ledger",
        files=files,
        wanted="json",
        published=sent.published or "",
        language=sent.language or "",
        as_of=parse_time(sent.as_of) if sent.as_of else None,
    )


def _file(sent: ReportSent) -> File:
    return File(name=sent.name or PASTED, data=sent.text.encode(), kind=sent.kind)


def _ledger_body(reply: Reply) -> bytes:
    told: dict[str, Any] = {"simulated": reply.simulated, "data": msgspec.Raw(reply.body)}
    return msgspec.json.encode(told)


SENT = (
    Sending(
        path="/api/v1/check",
        name="checkReport",
        summary="Hold what a report claims of connectivity against what was measured",
        description=(
            "The text is read, answered and forgotten. Each claim is a verbatim quote with its"
            " verdict; offsets count code points of the answer's text. Against simulated data every"
            " verdict reads simulated. An address is never fetched."
        ),
        body=CheckSent,
        record=CheckedReport,
        question_of=check_question,
        body_of=lambda reply: reply.body,
        example={
            "text": "The internet was cut in Kazakhstan on Wednesday.",
            "published": "2022-01-06",
        },
    ),
    Sending(
        path="/api/v1/ledger",
        name="layOutFigures",
        summary="Lay out who reported which figure",
        description=(
            "Victims, wounded, arrests and measures of one or many reports, which are read,"
            " answered and forgotten. It never picks one and never averages."
        ),
        body=LedgerSent,
        record=LedgerTold,
        question_of=ledger_question,
        body_of=_ledger_body,
        example={
            "reports": [{"text": "Police in Kazakhstan said on Thursday that 12 people died."}],
            "published": "2022-01-06",
        },
    ),
)
