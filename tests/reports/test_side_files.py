"""Side files to fill in: they say what was read, and change nothing until somebody does."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from zicht.reports.claims import find_claims
from zicht.reports.corrections import correct, read_corrections, says_anything, skeleton
from zicht.reports.reading import publication, read_report

TEXT = (
    'The internet was cut almost completely in Kazakhstan on Wednesday, "residents\u2019 council"'
    " said, for the second time. Traffic fell to 5% of ordinary levels in Kazakhstan on Wednesday."
)
REPORT = read_report(TEXT.encode(), name="a", published=publication("2022-01-06"))
CLAIMS = find_claims(REPORT)


def test_a_skeleton_names_every_claim_and_corrects_nothing() -> None:
    side = read_corrections(skeleton(REPORT.sha256, CLAIMS).encode(), "side.toml")
    assert len(CLAIMS) == 2
    assert [one.id for one in side.claim] == [one.id for one in CLAIMS]
    assert side.sha256 == REPORT.sha256
    assert not says_anything(side)
    assert correct(CLAIMS, side) == CLAIMS


def test_every_line_of_a_skeleton_can_be_taken_in_and_says_what_was_read() -> None:
    lines = skeleton(REPORT.sha256, CLAIMS).splitlines()
    told = [line.removeprefix("# ") if " = " in line else line for line in lines]
    text = "\n".join(line for line in told if line != "remove = true" and "published" not in line)
    side = read_corrections(text.encode(), "side.toml")
    assert says_anything(side)
    for before, after in zip(CLAIMS, correct(CLAIMS, side), strict=True):
        for name in ("id", "quote", "type", "scope", "severity", "percent", "repeated", "source"):
            assert getattr(after, name) == getattr(before, name), name
        assert after.place.entity == before.place.entity
        assert (after.time.start, after.time.until) == (before.time.start, before.time.until)


@given(st.text(max_size=400))
def test_whatever_a_claim_quotes_its_skeleton_can_be_read(quote: str) -> None:
    claims = [msgspec.structs.replace(one, quote=quote, source=quote) for one in CLAIMS]
    text = skeleton(REPORT.sha256, claims).replace('# source = "', 'source = "')
    side = read_corrections(text.encode("utf-8", "replace"), "side.toml")
    assert [one.id for one in side.claim] == [one.id for one in claims]
