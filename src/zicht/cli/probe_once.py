"""``zicht probe once``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_BLOCK = ("block", "targets", "excluded", "probed", "answered", "errors", "rtt_median_ms")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("once")
@click.argument("targets", nargs=-1, metavar="[TARGETS]...")
@click.option("--targets", "targets_file", type=_FILE, help="A file of targets, one a line.")
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
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=100,
    show_default=True,
    help="Probes a second.",
)
@click.option(
    "--per-block",
    "per_minute",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="Probes a minute to one /24 (IPv6: /48), at most.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=5,
    show_default=True,
    help="Seconds after which an answer is late.",
)
@click.option("--by", type=click.Choice(["block", "address"]), default="block", show_default=True)
@click.option("--dry-run", is_flag=True, help="Send nothing; say what would be sent.")
@click.pass_obj
def command(obj: dict[str, Any], /, by: str, targets: tuple[str, ...], **options: Any) -> None:
    """Ask addresses once whether they answer, by ICMP echo requests.

    TARGETS are addresses and networks, IPv4 or IPv6. Each address is asked once, in random order.
    A table tells of each /24 (IPv6: /48), or of each address that answered; the counts go to
    standard error. JSON holds all of it.

    No root is needed where the system allows ping sockets; zicht doctor says. Every right but the
    open sockets is given up before the first probe.
    """
    from zicht.cli.output import write_record, write_records
    from zicht.cli.screen import Screen
    from zicht.observe.probing import Request, probe_once
    from zicht.sources.probe.fetch.privileges import drop_privileges

    request = Request(targets=targets, **options)
    with Screen(1) as screen:

        def tell(sent: int, size: int) -> None:
            screen.now(f"{sent:,} of {size:,} probes sent", sent / size)

        probed = probe_once(request, after_opening=drop_privileges, tell=tell)
    click.echo(_in_words(probed), err=True)
    if obj["output_format"] == "json":
        write_record(probed, "json", ())
    elif by == "address":
        rows = [{"address": address} for address in probed.addresses]
        write_records(rows, obj["output_format"], ("address",))
    else:
        write_records(probed.blocks, obj["output_format"], _BLOCK)


def _in_words(probed: Any) -> str:
    """The counts, a line or a few."""
    if probed.dry_run:
        return (
            f"Nothing was sent. Probes that would go out: {probed.sent:,}, targets excluded:"
            f" {probed.excluded:,}, seconds at least: {probed.seconds:,.0f}.\n"
            f"Each would say: {probed.text}"
        )
    sockets = ", ".join(f"{sort} for {family}" for family, sort in probed.sockets.items())
    counted = ("answered", "late", "duplicate", "forged", "damaged", "foreign")
    sent = f"Sent: {probed.sent:,} in {probed.seconds:,.1f} s"
    heard = ", ".join(f"{name}: {getattr(probed, name):,}" for name in counted)
    lines = [
        f"{sent} (sockets: {sockets}), excluded: {probed.excluded:,}.",
        f"{heard.capitalize()}.",
    ]
    for title, counts in (("ICMP errors", probed.icmp_errors), ("Not sent", probed.send_errors)):
        if counts:
            shown = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
            lines.append(f"{title}: {shown}.")
    return "\n".join(lines)
