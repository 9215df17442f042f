"""The file of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from zicht.errors import InputError, UsageError
from zicht.model.entity import parse_entity
from zicht.publish.alerts.settings import Channel
from zicht.toml import decode_toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zicht.toml import Problem


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may set.

    Attributes:
        channel: the channels that alerts go to.
    """

    channel: tuple[Channel, ...] = ()


def read_settings(path: Path) -> Settings:
    """Read a file of settings.

    Raises:
        InputError: it cannot be read or is wrong; the line, the key, what was expected and the
            nearest right name are said.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The settings {path} cannot be read: {error.strerror}.",
            "docs/alerts.md shows such a file; --settings names another.",
        ) from None
    return decode_toml(
        data, Settings, name=str(path), guide="docs/alerts.md", first_problem=_first_problem
    )


def _first_problem(settings: Settings) -> Problem | None:
    return next(_problems(settings), None)


def _problems(settings: Settings) -> Iterator[Problem]:
    names: set[str] = set()
    for place, channel in enumerate(settings.channel):
        here = ("channel", place)
        if channel.name in names:
            yield (*here, "name"), f"a channel before it is called {channel.name!r} too.", ()
        names.add(channel.name)
        if channel.quiet_hours is not None:
            zone = channel.quiet_hours.zone
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError):
                what = f"{zone!r} is no time zone such as Europe/Amsterdam."
                yield (*here, "quiet_hours"), what, ()
        for rule in channel.rules:
            for text in rule.entities:
                try:
                    parse_entity(text)
                except UsageError as error:
                    yield (*here, "rules"), error.message, ()
