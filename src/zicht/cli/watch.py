"""``zicht watch``."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import settings_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from zicht.observe.settings import Settings
    from zicht.observe.watch_lines import Line


@click.command("watch")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@settings_option
@click.option(
    "--metrics",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Answer Prometheus on this port of the loopback; 0 takes any that is free.",
)
@click.option(
    "--name",
    default="",
    envvar="ZICHT_WATCH_NAME",
    show_envvar=True,
    help="Its name among the watches of this store.  [default: local; the host's where the store is"
    " in an object store]",
)
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How it says on standard error what it does.",
)
@click.pass_context
def command(ctx: click.Context, /, settings: Path, **options: Any) -> None:
    """Run the observatory: fetch, detect, alert, until interrupted.

    Asks every source of ENTITY (KZ, asn/9198, region/KZ-75; without any, all countries) on the
    source's own cadence, detects where data changed, and sends the alerts that the settings ask
    for. Standard output has a line wherever the state of an entity changes or something happens;
    standard error has what the observatory does. What was interrupted goes on when it is started
    again. docs/watch.md tells each setting.
    """
    import os
    import signal
    import threading

    from zicht.errors import UsageError
    from zicht.observe.watch import Watching, watch
    from zicht.observe.watch_clock import clock_of
    from zicht.observe.watch_log import open_log, secrets_of
    from zicht.store import open_store

    if ctx.obj["output_format"] not in {"table", "jsonl"}:
        raise UsageError("A watch never ends, and so would its answer.", "Take --format jsonl.")
    read = _settings(ctx, settings)
    stopped = threading.Event()
    log = open_log(sys.stderr, as_json=options["log"] == "json", secrets=secrets_of(read.channel))
    # A handler runs in the thread that waits, which may hold the event's own lock.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stopped.set).start())
    ended = watch(
        Watching(
            store=open_store(ctx.obj["store"], create=True),
            settings=read,
            log=log,
            entities=options["entities"],
            metrics=options["metrics"],
            name=options["name"],
            clock=clock_of(os.environ),
            tell=_writer(ctx.obj["output_format"]),
        ),
        stopped,
    )
    if not ended:  # a thread that waits for a slow service would hold up the end
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _settings(ctx: click.Context, path: Path) -> Settings:
    """The settings; a file that nobody named need not be there."""
    from click.core import ParameterSource

    from zicht.observe.settings import Settings, read_settings

    unnamed = ctx.get_parameter_source("settings") is ParameterSource.DEFAULT
    return Settings() if unnamed and not path.exists() else read_settings(path)


def _writer(output_format: str) -> Callable[[Sequence[Line]], None]:
    """What writes lines to standard output, at once."""
    import msgspec

    from zicht.observe.watch_lines import in_words

    def write(lines: Sequence[Line]) -> None:
        with contextlib.suppress(OSError):  # nobody may read any more; the watch goes on
            for line in lines:
                plain = output_format == "jsonl"
                click.echo(msgspec.json.encode(line).decode() if plain else in_words(line))
            sys.stdout.flush()

    return write
