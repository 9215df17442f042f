"""``zicht demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ZICHT_DEMO_FOLDER",
    default=Path("zicht-demo"),
    show_default=True,
    show_envvar=True,
    help="Where the store, charts, bulletins, exports and the page are written.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "nl"]),
    envvar="ZICHT_LANGUAGE",
    default="en",
    show_default=True,
    show_envvar=True,
    help="The language of the screen, the charts and the page; bulletins come in all.",
)
@click.option(
    "--open/--no-open",
    "show",
    default=False,
    help="Open the page in a browser in the end.",
)
@click.option(
    "--serve/--no-serve",
    default=False,
    help="Show the store as `zicht serve` does in the end, until interrupted.",
)
@click.pass_obj
def command(obj: dict[str, Any], folder: Path, language: str, *, show: bool, serve: bool) -> None:
    """Run a documented blackout through the whole pipeline.

    Needs no network and no set-up. The blackout of Kazakhstan of January 2022, reconstructed from
    published times, runs through the store, the detection and the publishing as if it happened now.
    It is a reconstruction and no measurement: every picture, text and export of it says so.

    A run starts afresh and replaces what a former run left in the folder; a folder that holds
    something else is left alone. The store of --store is not touched.
    """
    from zicht.cli.demonstration import demonstrate
    from zicht.cli.output import write_records
    from zicht.publish.language import language as language_of

    rows, page = demonstrate(folder, language)
    write_records(rows, obj["output_format"], ("what", "published", "found", "agrees"))
    click.echo(language_of(language).say("Everything is in {folder}.", folder=folder), err=True)
    click.echo(language_of(language).say("Open {page}", page=page), err=True)
    if serve:
        _serve(folder / "store", language, show=show)
    elif show:
        click.launch(str(page))


def _serve(folder: Path, language: str, *, show: bool) -> None:
    """Show pages of the store until interrupted."""
    import os
    import sys

    from zicht.cli.stopping import stop_when_told
    from zicht.publish.language import language as language_of
    from zicht.store import open_store
    from zicht.web.serving import serving

    stopped = stop_when_told()
    with serving(open_store(folder)) as address:
        page = f"{address}{language}/"
        words = language_of(language)
        click.echo(words.say("Pages are at {page} (Ctrl+C ends it).", page=page), err=True)
        if show:
            click.launch(page)
        stopped.wait()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a detection under way would hold up the end
