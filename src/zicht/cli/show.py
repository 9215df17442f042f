"""``zicht show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import as_of_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.cli.output import Record
    from zicht.explain.scope import Scope
    from zicht.model.outage import Event
    from zicht.observe.evidence import Evidence


@click.command("show")
@click.argument("event")
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, event: str, **when: Any) -> None:
    """Show one event with its evidence: phases, operators, restorations, outages, sources.

    As JSON it is the event's record, with the records of its outages as evidence and its scope
    beside.
    """
    from zicht.cli.output import write_record
    from zicht.observe.evidence import evidence, with_evidence
    from zicht.observe.scoping import scope
    from zicht.store import open_store

    store = open_store(obj["store"])
    found = evidence(store, event, **when)
    reach = scope(store, found)
    if obj["output_format"] == "table":
        _write_tables(found)
        _write_scope(reach)
        _write_likelihood(found.event)
    else:
        write_record(with_evidence(found) | {"scope": reach}, obj["output_format"], ())


def _write_tables(found: Evidence) -> None:
    from zicht.cli.output import write_records

    event = found.event
    if event.simulated:
        click.echo("This is simulated: a reconstruction or a lab's world, no measurement.\n")
    summary = ("id", "entity", "class", "onset", "end", "ongoing", "depth_percent", "belief")
    write_records([event], "table", summary)
    beliefs = [
        {"plane": plane, "signals": ", ".join(belief.signals)}
        | {name: getattr(belief, name) for name in ("belief_outage", "groups_down", "groups")}
        for plane, belief in event.plane_beliefs.items()
    ]
    parts: tuple[tuple[str, Sequence[Record], tuple[str, ...]], ...] = (
        (
            "Belief of each plane, at the highest",
            beliefs,
            ("plane", "belief_outage", "groups_down", "groups", "signals"),
        ),
        ("Phases", event.phases, ("start", "end", "class")),
        ("Connectivity came back", event.restorations, ("start", "end", "connectivity_percent")),
        ("Operators", event.operators, ("entity", "name", "kind", "onset", "end", "depth_percent")),
        (
            "Outages",
            found.outages,
            ("signal", "entity", "onset", "end", "depth_percent", "belief", "samples"),
        ),
        ("Sources", event.sources, ("signal", "licence", "citation")),
    )
    for title, records, columns in parts:
        if records:
            click.echo(f"\n{title}")
            write_records(records, "table", columns)


def _write_scope(reach: Scope) -> None:
    from zicht.cli.output import write_records

    of = f", shares of {reach.share_of}" if reach.share_of else ""
    regions = f"; {len(reach.regions)} of {reach.regions_measured} measured regions"
    click.echo(f"\nScope: {'the nation' if reach.national else 'operators'}{regions}{of}")
    columns = ("kind", "down", "measured", "share_percent", "lowest_percent")
    write_records([one for one in reach.kinds if one.measured], "table", columns)


def _write_likelihood(event: Event) -> None:
    from zicht.publish.language import language
    from zicht.publish.likelihood_words import likelihood_sentence, sides

    likelihood = event.shutdown_likelihood
    if likelihood is None or likelihood.at_onset is None:
        return
    words = language("en")
    told = sides(words, likelihood)
    click.echo(f"\nOrdered, or a fault?\n{likelihood_sentence(words, likelihood)}")
    for title, sentences in (
        ("for", told.evidence_for),
        ("against", told.evidence_against),
        ("not weighed", told.not_weighed),
    ):
        for sentence in sentences:
            click.echo(f"  {title}: {sentence}")
