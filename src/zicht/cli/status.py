"""``zicht status``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from zicht.cli.options import NOTHING_KNOWN, TIME, as_of_option

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.status import Status
    from zicht.observe.watch_health import Health, SourceHealth
    from zicht.store import Store


@click.command("status")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@click.option("--at", type=TIME, default=None, help="The time; by default the end of the data.")
@as_of_option
@click.option(
    "--health",
    is_flag=True,
    help="Show instead whether the observatory sees: its sources, their last data and faults.",
)
@click.pass_context
def command(ctx: click.Context, /, entities: tuple[str, ...], *, health: bool, **when: Any) -> None:
    """Show the state of entities, now or at a time.

    A figure always names the signal that it was read of; what cannot be told is unknown. Of each
    plane the table shows the belief that its signals have together, and how many of their
    independent groups hold an outage to be likelier than not.

    Where a watch runs, what it saw at its last look is shown at once; else, and for another time,
    it is worked out anew.

    With --health it is told of each source that `zicht watch` asks; the exit code is 1 when none of
    them tells what is going on. Where that is so, it is also said before any other status.
    """
    import os

    from zicht.cli.output import write_records
    from zicht.observe.standing import standing_now
    from zicht.observe.status import status
    from zicht.observe.watch_clock import clock_of
    from zicht.store import open_store

    obj = ctx.obj
    store = open_store(obj["store"])
    now = clock_of(os.environ).now()
    seeing = _health(store, when["at"] or now)
    if health or (seeing.sources and not seeing.sees):
        click.echo(seeing.verdict, err=True)
    if health:
        _write_health(seeing, obj["output_format"])
        ctx.exit(0 if seeing.sees else 1)
    states = None
    if when["at"] is None and when["as_of"] is None:
        states = standing_now(store, now=now, entities=entities or None)
    if states is None:
        states = status(store, entities=entities or None, **when)
    if not states and when["as_of"] is not None:
        click.echo(NOTHING_KNOWN, err=True)
    columns = ("entity", "time", "connectivity_percent", "signal", "belief_outage", "planes")
    if obj["output_format"] == "table":
        rows = [msgspec.structs.asdict(one) | {"planes": _planes(one)} for one in states]
        write_records(rows, "table", (*columns, "since", "health"))
    else:
        write_records(states, obj["output_format"], columns)


def _health(store: Store, at: datetime) -> Health:
    from zicht.observe.watch_health import health

    return health(store, at=at)


def _write_health(health: Health, output_format: str) -> None:
    from zicht.cli.output import write_record, write_records

    if output_format == "json":
        write_record(health, "json", ())
    else:
        rows = [
            msgspec.structs.asdict(one) | {"canaries": _canaries(one), "feeds": _feeds(one)}
            for one in health.sources
        ]
        several = len({one.watch for one in health.sources}) > 1
        columns = _HEALTH + ("watch",) * several
        write_records(rows if output_format == "table" else health.sources, output_format, columns)


_HEALTH = (
    *("source", "state", "last", "lag_minutes", "coverage_percent", "canaries", "feeds"),
    *("faults", "fault"),
)


def _canaries(one: SourceHealth) -> str:
    if one.canary is None:
        return ""
    asked = one.canary.right + one.canary.wrong
    return f"{one.canary.right} of {asked} {one.canary.what} right"


def _feeds(one: SourceHealth) -> str:
    if one.feeds is None:
        return ""
    states = list(one.feeds.collectors.values())
    unwell = one.feeds.silent + one.feeds.down + one.feeds.stale
    return (
        f"{states.count('known')} of {len(states)} collectors\n"
        f"{one.feeds.peers} peers, {unwell} unwell\n{one.feeds.voters} voters"
    )


def _planes(state: Status) -> str:
    """The belief of each plane, and how many of its independent groups of signals are down."""
    return "\n".join(
        f"{plane} {belief.belief_outage:.4g} ({belief.groups_down} of {belief.groups})"
        for plane, belief in state.plane_beliefs.items()
    )
