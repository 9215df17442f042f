"""``zicht ledger``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import as_of_option

if TYPE_CHECKING:
    from zicht.model.claim import LedgerRow

_COLUMNS = (
    "row",
    "report",
    "kind",
    "group",
    "figure",
    "place",
    "issuer",
    "as_of",
    "in a blackout",
    "relation",
)


@click.command("ledger")
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@click.option(
    "--published",
    default=None,
    metavar="TIME",
    help="When those were published that do not say: a month, a day or an instant (ISO 8601).",
)
@click.option("--in", "language", default=None, help="The language of the reports, if not found.")
@click.option("--read-only", is_flag=True, help="Ask the store nothing; flag no blackout.")
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, reports: tuple[str, ...], **options: Any) -> None:
    """Lay out who reported which figure: victims, wounded, arrests, measures.

    It never picks one and never averages. Texts copied from one another count once; figures dated
    within a measured blackout, when nobody could check them, are flagged.
    """
    from zicht.cli.output import write_records
    from zicht.observe.checking import read_source
    from zicht.observe.ledgers import ledger
    from zicht.reports.reading import publication
    from zicht.store import open_store

    rows = ledger(
        None if options["read_only"] else open_store(obj["store"]),
        [read_source(one) for one in reports],
        published=publication(options["published"]) if options["published"] else None,
        language=options["language"],
        as_of=options["as_of"],
    )
    if obj["output_format"] == "table":
        shown = [_shown(number, row) for number, row in enumerate(rows, 1)]
        write_records(shown, "table", _COLUMNS)
    else:
        write_records(rows, obj["output_format"], ())


def _shown(number: int, row: LedgerRow) -> dict[str, Any]:
    time = row.as_of
    days = "unknown"
    if time.start is not None and time.until is not None:
        days = f"{time.start:%Y-%m-%d %H:%MZ} to {time.until:%Y-%m-%d %H:%MZ}"
    return {
        "row": number,
        "report": row.report,
        "kind": row.kind,
        "group": row.group,
        "figure": _figure(row),
        "place": row.place.entity,
        "issuer": row.issuer,
        "as_of": days,
        "in a blackout": row.during_blackout,
        "relation": row.relation,
    }


def _figure(row: LedgerRow) -> str:
    if row.value_low is None:
        return "-"
    if row.value_high is None:
        return f"{row.value_low} or more"
    if row.value_low == row.value_high:
        return str(row.value_low)
    return f"{row.value_low} to {row.value_high}"
