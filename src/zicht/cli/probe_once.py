"""``zicht probe once``."""

from __future__ import annotations

import os
from contextlib import ExitStack
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
@click.option(
    "--kind",
    type=click.Choice(["icmp", "tcp"]),
    default="icmp",
    show_default=True,
    help="Ask by ICMP echo requests, or by TCP SYNs.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=443,
    show_default=True,
    help="The port that SYNs go to.",
)
@click.option("--by", type=click.Choice(["block", "address"]), default="block", show_default=True)
@click.option("--dry-run", is_flag=True, help="Send nothing; say what would be sent.")
@click.pass_obj
def command(obj: dict[str, Any], /, by: str, targets: tuple[str, ...], **options: Any) -> None:
    """Ask addresses once whether they answer, by ICMP echo requests or TCP SYNs.

    TARGETS are addresses and networks, IPv4 or IPv6. Each address is asked once, in random order.
    A table tells of each /24 (IPv6: /48), or of each address that answered; the counts go to
    standard error. JSON holds all of it. To a SYN, a port that is open answers as well as one that
    is closed; no connection is made.

    No root is needed for ICMP where the system allows ping sockets; zicht doctor says. Every right
    but the open sockets is given up before the first probe.
    """
    # Its threads would be started before privileges are given up, and keep theirs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from zicht.cli.output import write_record, write_records
    from zicht.cli.screen import Screen
    from zicht.observe.probing import Request, probe_once
    from zicht.sources.probe.fetch.privileges import drop_privileges, require_no_privileges

    request = Request(targets=targets, **options)
    with ExitStack() as stack:
        screen = Screen(1)

        def after_opening() -> None:
            drop_privileges()
            require_no_privileges()
            stack.enter_context(screen)

        def tell(sent: int, size: int) -> None:
            screen.now(f"{sent:,} of {size:,} probes sent", sent / size)

        probed = probe_once(request, after_opening=after_opening, tell=tell)
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
            f"{f'Each would say: {probed.text}' if probed.text else 'SYNs carry no text.'}"
        )
    sockets = ", ".join(f"{sort} for {family}" for family, sort in probed.sockets.items())
    counted = ("answered", "late", "duplicate", "forged", "damaged", "foreign")
    sent = f"Sent: {probed.sent:,} in {probed.seconds:,.1f} s"
    heard = ", ".join(f"{name}: {getattr(probed, name):,}" for name in counted)
    lines = [
        f"{sent} (sockets: {sockets}), excluded: {probed.excluded:,}.",
        f"{heard.capitalize()}.",
    ]
    if probed.dropped:
        lines.append(f"Messages that the kernel had no room for: {probed.dropped:,}.")
    if probed.seconds_down:
        lines.append(f"The network was down for {probed.seconds_down:,.1f} s; probing paused.")
    for title, counts in (("ICMP errors", probed.icmp_errors), ("Not sent", probed.send_errors)):
        if counts:
            shown = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
            lines.append(f"{title}: {shown}.")
    return "\n".join(lines)
