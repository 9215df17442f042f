"""``zicht place``: which addresses are where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime

_IMPORTED = ("name", "kind", "as_of", "records", "unknown", "skipped", "new")
_STATEMENT = ("range", "place", "share_percent", "status", "since", "source", "as_of", "line")
_PLACE = ("place", "ipv4_addresses", "ipv6_48s", "ioda", "formerly", "as_of")
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("place")
def command() -> None:
    """Say which addresses are where, and who says so.

    Countries come of the delegated files of the five regional internet registries. Regions come
    only of geofeeds or tables of locations that you have.
    """


@command.command("update")
@click.option(
    "--mirror",
    envvar="ZICHT_RIR_MIRROR",
    show_envvar=True,
    help="Where copies of the registries' files are, a folder each, if not at the registries.",
)
@click.pass_obj
def update(obj: dict[str, Any], /, mirror: str | None) -> None:
    """Fetch the registries' newest files into the store.

    Needs a network. Each file is checked against the MD5 sum that is published with it. Files of
    earlier days are kept, so that the past is judged by what was so then.
    """
    from zicht.cli.output import write_records
    from zicht.observe.place_update import update_places
    from zicht.store import open_store

    store = open_store(obj["store"], create=True)
    records = update_places(store.path, mirror=mirror, tell=lambda text: click.echo(text, err=True))
    write_records(records, obj["output_format"], _IMPORTED)


@command.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--kind",
    type=click.Choice(["delegated", "geofeed", "geolocation", "origins", "users"]),
    default="delegated",
    show_default=True,
    help="A registry's file; a geofeed (RFC 8805); a CSV with the columns network, country and"
    " region; which AS originates which prefix (pfx2as, or a dump of tables in MRT); users by AS"
    " and country (APNIC's JSON, or a CSV).",
)
@click.option(
    "--day",
    type=_DAY,
    help="The day that files tell of which do not say it, if not today.",
)
@click.option(
    "--on-bad",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do at a row that cannot be read: stop, or leave it out and count.",
)
@click.pass_obj
def import_(obj: dict[str, Any], /, files: tuple[str, ...], **options: Any) -> None:
    """Take in files by hand; they may be compressed, and - is standard input."""
    from zicht.cli.output import write_records
    from zicht.observe.place_tables import import_tables
    from zicht.observe.places import import_places
    from zicht.store import open_store

    store = open_store(obj["store"], create=True)
    options["day"] = _day(options["day"])
    take_in = import_tables if options["kind"] in {"origins", "users"} else import_places
    records = take_in(store.path, files, **options)
    write_records(records, obj["output_format"], _IMPORTED)


@command.command("show")
@click.argument("asked", metavar="ADDRESS|PREFIX|ASN|COUNTRY|REGION")
@click.option("--as-of", type=_DAY, help="The day, if not that of the newest files.")
@click.pass_obj
def show(obj: dict[str, Any], /, asked: str, as_of: datetime | None) -> None:
    """Tell where addresses are, or how much is in a place, and who says so.

    A region may be given by today's code of ISO 3166-2, by an earlier one (KZ-ALA), or by IODA's
    number (region/1906).
    """
    from zicht.cli.output import write_records
    from zicht.observe.place_show import PlaceSize, show_place
    from zicht.store import open_store

    records = show_place(
        open_store(obj["store"]).path, asked, _day(as_of), lambda text: click.echo(text, err=True)
    )
    is_place = isinstance(records[0], PlaceSize)
    write_records(records, obj["output_format"], _PLACE if is_place else _STATEMENT)


@command.command("list")
@click.pass_obj
def list_(obj: dict[str, Any], /) -> None:
    """List the files that are kept."""
    from zicht.cli.output import write_records
    from zicht.observe.places import kept_places
    from zicht.store import open_store

    records = [
        {"name": file.name, "kind": file.kind, "as_of": file.as_of.isoformat()}
        for file in kept_places(open_store(obj["store"]).path)
    ]
    write_records(records, obj["output_format"], ("name", "kind", "as_of"))


def _day(time: datetime | None) -> Any:
    return time.date() if time else None
