"""The file of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from zicht.errors import InputError, UsageError
from zicht.http import host_of
from zicht.model.entity import parse_entity
from zicht.observe.watch_settings import SourceSettings, WatchSettings
from zicht.publish.alerts.settings import Channel
from zicht.toml import decode_toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zicht.toml import Problem


_GUIDE = "docs/watch.md (of channels docs/alerts.md)"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may set.

    Attributes:
        watch: what is watched, and how.
        source: the sources that are watched; none means all.
        channel: the channels that alerts go to.
    """

    watch: WatchSettings = WatchSettings()
    source: tuple[SourceSettings, ...] = ()
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
            f"{_GUIDE} shows such a file; --settings names another.",
        ) from None
    return decode_toml(data, Settings, name=str(path), guide=_GUIDE, first_problem=_first_problem)


def _first_problem(settings: Settings) -> Problem | None:
    return next(_problems(settings), None)


def _problems(settings: Settings) -> Iterator[Problem]:
    for text in settings.watch.entities:
        try:
            parse_entity(text)
        except UsageError as error:
            yield ("watch", "entities"), error.message, ()
    yield from _problems_of_sources(settings)
    yield from _problems_of_channels(settings)


def _problems_of_sources(settings: Settings) -> Iterator[Problem]:
    named: set[str] = set()
    for place, source in enumerate(settings.source):
        if source.name in named:
            yield ("source", place, "name"), f"{source.name!r} stands there twice.", ()
        named.add(source.name)
        if source.address is not None:
            try:
                host_of(source.address)
            except UsageError as error:
                yield ("source", place, "address"), error.message, ()


def _problems_of_channels(settings: Settings) -> Iterator[Problem]:
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
