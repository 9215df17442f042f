"""The JSON of reports is what its documentation promises, field by field and code by code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from made_series import evidence, made

import zicht.reports
from zicht.model.claim import (
    CheckedReport,
    Claim,
    LedgerRow,
    Measured,
    RelationCode,
    SubClaim,
    Verdict,
)
from zicht.observe.checking import check_report
from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report
from zicht.reports.verdict import judge

DOCS = Path(__file__).parents[2] / "docs" / "reports.md"
JUDGING = ("evidence", "losses", "reading", "services", "silence", "slowness", "verdict")


def named() -> set[str]:
    """The words that stand as code in the documentation."""
    text = re.sub(r"```.*?```", "", DOCS.read_text("utf-8"), flags=re.DOTALL)
    spans = re.findall(r"`([^`]+)`", text)
    return {word for span in spans for word in re.findall(r"[a-z0-9_-]+", span)}


@pytest.mark.parametrize("struct", [CheckedReport, Claim, SubClaim, Measured, LedgerRow])
def test_every_field_is_documented(struct: type[msgspec.Struct]) -> None:
    fields = {one.encode_name for one in msgspec.structs.fields(struct)}
    assert fields - named() == set()


def test_every_code_is_documented() -> None:
    folder = Path(zicht.reports.__file__).parent
    text = "".join((folder / f"{name}.py").read_text("utf-8") for name in JUDGING)
    codes = {*re.findall(r'(?:Why\(|was_below\(|code=|part\(\s*claim,)\s*"([a-z-]+)"', text)}
    assert len(codes) > 30
    assert {*codes, *get_args(RelationCode)} - named() == set()
    spelled = DOCS.read_text("utf-8")
    assert all(f"*{one}*" in spelled for one in get_args(Verdict))


def test_a_part_tells_the_numbers_behind_its_words() -> None:
    text = "Almost all of Kazakhstan was offline on Tuesday."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    part = judge(find_claims(report)[0], evidence(made([]))).subclaims[0]
    shown: dict[str, Any] = msgspec.to_builtins(part)
    assert shown["code"] == "down"
    assert shown["reason_code"] == "never-shown"
    assert shown["from"] == "2022-01-03T18:00:00Z"
    assert shown["until"] == "2022-01-04T18:00:00Z"
    values = shown["values"]
    assert (values["left_percent"], values["chance_asked"]) == (20.0, 0.95)
    assert 0.95 <= values["chance"] < 1
    assert values["seen_percent"] == 100.0
    assert shown["measured"][0]["spells"][0]["down"] is False


def test_a_report_that_is_only_read_has_no_verdicts() -> None:
    checked = check_report(
        None, b"Kazakhstan was offline on Tuesday.", name="a", published=publication("2022-01-06")
    )
    shown = msgspec.to_builtins(checked)
    assert shown["claims"][0]["verdict"] is None
    assert shown["claims"][0]["subclaims"] == ()
    assert shown["version"]
    assert msgspec.json.decode(msgspec.json.encode(checked), type=CheckedReport) == checked
