"""``zicht watch``."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import settings_of, settings_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from zicht.observe.watch import Watching
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
    "--serve",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Show pages and answer programs on this port of the loopback; 0 takes any that is free.",
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
    source's own cadence, follows routes where the settings name them, looks at what probers write,
    detects where data changed, and sends the alerts that the settings ask for. Standard output has
    a line wherever the state of an entity changes or something happens; standard error has what the
    observatory does. What was interrupted goes on when it is started again. docs/watch.md tells
    each setting.
    """
    import os

    from zicht.cli.stopping import stop_when_told
    from zicht.errors import UsageError
    from zicht.observe.watch import Watching, watch
    from zicht.observe.watch_clock import clock_of
    from zicht.observe.watch_log import open_log, secrets_of
    from zicht.store import open_store

    if ctx.obj["output_format"] not in {"table", "jsonl"}:
        raise UsageError("A watch never ends, and so would its answer.", "Take --format jsonl.")
    read = settings_of(ctx, settings)
    stopped = stop_when_told()
    log = open_log(sys.stderr, as_json=options["log"] == "json", secrets=secrets_of(read.channel))
    watching = Watching(
        store=open_store(ctx.obj["store"], create=True),
        settings=read,
        log=log,
        entities=options["entities"],
        metrics=options["metrics"],
        name=options["name"],
        clock=clock_of(os.environ),
        tell=_writer(ctx.obj["output_format"]),
    )
    with _serving(watching, options["serve"]):
        ended = watch(watching, stopped)
    if not ended:  # a thread that waits for a slow service would hold up the end
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


@contextlib.contextmanager
def _serving(watching: Watching, port: int | None) -> Iterator[None]:
    """Serve pages while the block runs, where a port is given."""
    if port is None:
        yield
        return
    from zicht.web.serving import serving

    with serving(watching.store, port=port, now=watching.clock.now) as address:
        watching.log.info("pages", address=address)
        yield


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
