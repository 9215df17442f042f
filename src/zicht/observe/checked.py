"""What a checked report is, in a module of its own: those who only name it load nothing slow."""

from __future__ import annotations

import msgspec

from zicht.model.claim import Claim, Published


class CheckedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report with its claims held against the measurements.

    Attributes:
        report: its name.
        sha256: hash of the bytes that were read.
        language: the code of its language, or ``None``: none that can be read.
        published: when it was published, or ``None``: unknown.
        notes: what a reader should know of how it was read.
        simulated: what it was held against is of the lab: nothing is confirmed.
        claims: the claims with their verdicts.
        text: what was read.
    """

    report: str
    sha256: str
    language: str | None
    published: Published | None
    notes: tuple[str, ...]
    simulated: bool
    claims: tuple[Claim, ...]
    text: str
