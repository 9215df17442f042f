"""``zicht probe census``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from zicht.observe.probe_census import FamilyCensus

_ROW = ("family", "blocks", "addresses", "availability", "ever_active", "sorts")
_DRY = ("family", "blocks", "addresses", "probes", "seconds")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TELL_EVERY = 60.0  # seconds, where no line can move
_ABOVE_ZERO = click.FloatRange(min=0, min_open=True)


@click.command("census")
@click.argument("targets", nargs=-1, required=True, metavar="COUNTRY|NETWORK...")
@click.option(
    "--contact",
    required=True,
    envvar="ZICHT_CONTACT",
    show_envvar=True,
    help="A mail or web address, sent along: where those probed can ask to be left alone.",
)
@click.option(
    "--exclude", type=_FILE, help="A file of networks to leave alone; read anew when it changes."
)
@click.option("--allow-private", is_flag=True, help="Also probe private and reserved space.")
@click.option(
    "--rounds",
    type=click.IntRange(1, 15),
    default=3,
    show_default=True,
    help="How often each address is asked; how often blocks answer is known from the second on.",
)
@click.option(
    "--every",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Minutes from the begin of a round to that of the next, at least.",
)
@click.option("--rate", type=_ABOVE_ZERO, default=1000, show_default=True, help="Probes a second.")
@click.option(
    "--per-block",
    "per_minute",
    type=_ABOVE_ZERO,
    default=60,
    show_default=True,
    help="Probes a minute to one /24 (IPv6: /48), at most.",
)
@click.option(
    "--timeout",
    type=_ABOVE_ZERO,
    default=5,
    show_default=True,
    help="Seconds after which an answer is late.",
)
@click.option("--restart", is_flag=True, help="Forget such a census that was not ended.")
@click.option("--dry-run", is_flag=True, help="Send nothing; say what it would take.")
@click.pass_obj
def command(obj: dict[str, Any], /, targets: tuple[str, ...], every: float, **options: Any) -> None:
    """Find out who answers in a country, as a base for probing it.

    Targets are countries (KZ), regions, AS numbers, or networks. Each address is asked once in each
    round, in random order over the whole space. IPv6 is too large for that: of it the addresses of
    hit lists are asked again (zicht probe import).

    It can be stopped at any time, even by a kill: the same command goes on with it. What is learned
    of each block stays in the store, and who answered is shown to nobody.
    """
    from zicht.cli.without_rights import sockets_without_rights

    dry_run = options["dry_run"]
    opened = [] if dry_run else sockets_without_rights()
    from zicht.cli.output import write_record, write_records
    from zicht.cli.screen import Screen
    from zicht.observe.probe_census import CensusRequest, take_census
    from zicht.store import open_store

    request = CensusRequest(targets=targets, every=every * 60, **options)
    store = open_store(obj["store"], create=not dry_run)
    with Screen(1) as screen:
        told = time.monotonic()

        def show(sent: int, probes: int, rate: float) -> None:
            nonlocal told
            left = (probes - sent) / rate / 60 if rate else 0
            text = f"{sent:,} of {probes:,} probes sent, {rate:,.0f}/s, {left:,.0f} min left"
            screen.now(text, sent / probes)
            if not screen.moves and time.monotonic() > told + _TELL_EVERY:
                told = time.monotonic()
                screen.line(text)

        done = take_census(
            store.path,
            request,
            opened=opened,
            tell=lambda text: click.echo(text, err=True),
            show=show,
        )
    for one in done:
        click.echo(_in_words(one, dry_run=dry_run), err=True)
    if obj["output_format"] == "json":
        write_record({"dry_run": dry_run, "families": done}, "json", ())
    elif obj["output_format"] == "table":
        rows = [_estimated(one) if dry_run else _found(one) for one in done]
        write_records(rows, "table", _DRY if dry_run else _ROW)
    else:
        write_records(done, obj["output_format"], _ROW)


def _estimated(one: FamilyCensus) -> dict[str, int | float]:
    """What a census would take, as a row."""
    return {"family": one.family, **msgspec.structs.asdict(one.estimate)}


def _found(one: FamilyCensus) -> dict[str, int | float | str | None]:
    """What a census found, as a row."""
    return {
        "family": one.family,
        "blocks": one.blocks,
        "addresses": one.addresses,
        "availability": one.availability,
        "ever_active": _counted(one.ever_active),
        "sorts": _counted(one.sorts),
    }


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in counts.items() if count)


def _in_words(one: FamilyCensus, *, dry_run: bool) -> str:
    takes = one.estimate
    name = f"IPv{one.family}: {takes.addresses:,} addresses in {takes.blocks:,} blocks"
    if dry_run:
        return (
            f"{name}, {takes.probes:,} probes, {takes.seconds / 3600:,.1f} hours at least."
            " Nothing was sent."
        )
    told = ", ".join(f"{word}: {count:,}" for word, count in one.told.items() if count)
    return f"{name}. {told}."
