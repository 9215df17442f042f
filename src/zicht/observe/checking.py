"""Reports checked against the store: read, measured, judged."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from zicht.detect.health import sick_bins
from zicht.errors import InputError
from zicht.model.claim import CheckedReport, Claim, Note
from zicht.observe.detection import detect_in_store
from zicht.observe.facts import known_facts
from zicht.observe.model_reader import ask_model
from zicht.observe.report_fetch import fetch_report, is_address
from zicht.publish.checked_words import in_words
from zicht.publish.language import language as language_of
from zicht.reports.claims import find_claims
from zicht.reports.corrections import correct
from zicht.reports.places import find_mentions, topic
from zicht.reports.publication import published_by_event
from zicht.reports.reading import LARGEST, publication, read_report
from zicht.reports.verdict import Evidence, judge
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from zicht.detect.detection import Detection
    from zicht.model.belief import Assessment
    from zicht.model.claim import Published, Value
    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.reports.corrections import Corrections
    from zicht.reports.reading import Kind, Report
    from zicht.store import Store

STANDARD_INPUT = "-"


def read_source(name: str) -> tuple[bytes, str]:
    """The bytes of a report and what to call it: a file, ``-`` for standard input, or an address.

    Raises:
        InputError: there is no such file, it cannot be read, or is too large.
        SourceUnreachableError: the address could not be reached.
        UsageError: the address leads to a machine within.
    """
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST + 1), "standard input"
    if is_address(name):
        return fetch_report(name)
    try:
        with Path(name).open("rb") as file:
            return file.read(LARGEST + 1), Path(name).name
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from None


@dataclass(frozen=True)
class Checking:
    """A checked report, with what it was held against, for charts.

    Attributes:
        checked: the report with its claims.
        detection: what the store shows of their countries; ``None`` where nothing was asked.
        facts: what is known of entities.
    """

    checked: CheckedReport
    detection: Detection | None
    facts: Mapping[str, EntityFact]


def check_report(store: Store | None, data: bytes, **choices: Any) -> CheckedReport:
    """Read a report, and hold what it claims against what the store has; see ``hold_report``."""
    return hold_report(store, data, **choices).checked


def hold_report(  # noqa: PLR0913 - each is a choice of the user's
    store: Store | None,
    data: bytes,
    *,
    name: str,
    kind: Kind | None = None,
    published: Published | None = None,
    language: str | None = None,
    corrections: Corrections | None = None,
    as_of: datetime | None = None,
    model: tuple[str, str] | None = None,
) -> Checking:
    """Read a report, and hold what it claims against what the store has.

    Args:
        store: the store; ``None``: read it only.
        data: the bytes of the report.
        name: what to call it.
        kind: plain text, Markdown or HTML; by default its name and its bytes tell.
        published: when it was published, else what it says of that itself, else what the one
            measured event tells that fits.
        language: its language's code, else it is found.
        corrections: what a person has corrected.
        as_of: take only what was known then.
        model: the name of a language model to read it too, and the address of its interface.

    Raises:
        InputError: it is no text, or too large.
        StoreError: the store cannot be read.
        UsageError: a correction is of no claim, or of another report.
    """
    if corrections is not None and corrections.published is not None and published is None:
        published = publication(corrections.published, "said in the side file")
    report = read_report(data, name=name, kind=kind, language=language, published=published)
    if corrections is not None and corrections.sha256 not in {None, report.sha256}:
        raise InputError(
            f"The side file is of another text than {name}.", "Its sha256 differs: look again."
        )
    report = dated(store, report, as_of)
    claims, told = _claims(report, model)
    if corrections is not None:
        claims = correct(claims, corrections)
    countries = {one.place.country for one in claims} - {None}
    detection, evidence = _evidence(store, {f"country/{one}" for one in countries}, as_of)
    if store is not None:
        claims = tuple(judge(one, evidence) for one in claims)
    checked = CheckedReport(
        report=report.name,
        sha256=report.sha256,
        language=report.language,
        published=report.published,
        notes=(*report.notes, *told, *_notes(report)),
        simulated=evidence.simulated,
        claims=claims,
        text=report.text,
        version=__version__,
    )
    return Checking(in_words(language_of("en"), checked), detection, evidence.facts)


def _claims(
    report: Report, model: tuple[str, str] | None
) -> tuple[tuple[Claim, ...], tuple[Note, ...]]:
    """The claims, and what is to be told of who read them."""
    if model is None or report.language is None:
        return find_claims(report), ()
    name, address = model
    found = ask_model(report, model=name, address=address)
    values: dict[str, Value] = {"model": name, "added": found.added, "dropped": found.dropped}
    return found.claims, (Note(code="model-read", values=values),)


def dated(store: Store | None, report: Report, as_of: datetime | None) -> Report:
    """The report with its time of publication as the store tells it, where that helps."""
    if store is None:
        return report
    about = topic(report, find_mentions(report))
    published = published_by_event(report.published, about, store.events(as_of=as_of))
    return msgspec.structs.replace(report, published=published)


def _notes(report: Report) -> list[Note]:
    stated = report.published
    if stated is None:
        return [Note(code="published-unknown")] if report.language is not None else []
    if stated.inferred_from.startswith("the one"):
        first, last = f"{stated.start:%Y-%m-%d}", f"{stated.until:%Y-%m-%d}"
        return [Note(code="published-by-event", values={"from": first, "until": last})]
    return []


def _evidence(
    store: Store | None, entities: Collection[str], as_of: datetime | None
) -> tuple[Detection | None, Evidence]:
    if store is None or not entities:
        return None, Evidence()
    detection = detect_in_store(store, entities=sorted(entities), as_of=as_of)
    sicknesses = (*store.sicknesses(as_of=as_of), *detection.blocks.sicknesses)
    apart = [_seen(one, sicknesses) for one in detection.blocks.assessments]
    return detection, Evidence(
        assessments=detection.assessments,
        events=(*detection.events, *detection.blocks.events),
        facts=known_facts(store),
        simulated=any(one.series.simulated for one in (*detection.assessments, *apart)),
        speeds=tuple(one for one in apart if one.series.signal.throughput),
        tests=tuple(one for one in apart if one.series.signal.platform),
    )


def _seen(assessment: Assessment, sicknesses: Sequence[Sickness]) -> Assessment:
    """An assessment without the bins in which the source itself could not see."""
    sick = sick_bins(assessment.series, sicknesses)
    return replace(assessment, connectivity=np.where(sick, np.nan, assessment.connectivity))
