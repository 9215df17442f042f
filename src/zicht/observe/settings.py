"""The file of settings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from zicht.errors import InputError, UsageError
from zicht.explain.unweighed import Occasion
from zicht.http import host_of
from zicht.model.entity import parse_entity
from zicht.observe.explaining import Premises
from zicht.observe.watch_settings import SourceSettings, WatchSettings, listening_address
from zicht.place.names import country_codes
from zicht.publish.alerts.settings import Channel
from zicht.sources.bgp.collectors import collectors
from zicht.toml import decode_toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zicht.toml import Problem


_CERTAIN = 100  # percent
_GUIDE = "docs/watch.md (of channels docs/alerts.md)"


class ExplainSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How events are explained.

    Attributes:
        prior_percent: the probability of an ordered shutdown before any mark is seen, in percent,
            above 0 and below 100; by default the one that was fitted with the weights.
    """

    prior_percent: float | None = None


class OccasionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exam, an election or the like, for explanations to mention.

    Attributes:
        country: ISO 3166-1 code.
        first: its first day there, as 2026-06-20.
        last: its last day; by default the first.
        what: what it is, in your words.
    """

    country: str
    first: date
    last: date | None = None
    what: str


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may set.

    Attributes:
        watch: what is watched, and how.
        source: the sources that are watched; none means all.
        channel: the channels that alerts go to.
        explain: how events are explained.
        occasion: exams, elections and the like.
    """

    watch: WatchSettings = WatchSettings()
    source: tuple[SourceSettings, ...] = ()
    channel: tuple[Channel, ...] = ()
    explain: ExplainSettings = ExplainSettings()
    occasion: tuple[OccasionSettings, ...] = ()


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


def premises_of(settings: Settings) -> Premises:
    """What the settings bring to explanations."""
    return Premises(
        prior_percent=settings.explain.prior_percent,
        occasions=tuple(
            (one.country, Occasion(first=one.first, last=one.last or one.first, what=one.what))
            for one in settings.occasion
        ),
    )


def _first_problem(settings: Settings) -> Problem | None:
    return next(_problems(settings), None)


def _problems(settings: Settings) -> Iterator[Problem]:
    for text in settings.watch.entities:
        try:
            parse_entity(text)
        except UsageError as error:
            yield ("watch", "entities"), error.message, ()
    yield from _problems_of_explaining(settings)
    yield from _problems_of_sources(settings)
    yield from _problems_of_channels(settings)


def _problems_of_explaining(settings: Settings) -> Iterator[Problem]:
    prior = settings.explain.prior_percent
    if prior is not None and not 0 < prior < _CERTAIN:
        yield ("explain", "prior_percent"), f"{prior:g} is not above 0 and below 100.", ()
    codes = country_codes()
    for place, one in enumerate(settings.occasion):
        if one.country not in codes:
            yield (
                ("occasion", place, "country"),
                f"{one.country!r} is no country's code.",
                list(codes),
            )
        if one.last is not None and one.last < one.first:
            yield ("occasion", place, "last"), "it ends before it begins.", ()


def _problems_of_sources(settings: Settings) -> Iterator[Problem]:
    named: set[str] = set()
    for place, source in enumerate(settings.source):
        if source.name in named:
            yield ("source", place, "name"), f"{source.name!r} stands there twice.", ()
        named.add(source.name)
        if source.address is not None and source.name != "bgp":  # that is no address of HTTP
            try:
                host_of(source.address)
            except UsageError as error:
                yield ("source", place, "address"), error.message, ()
        yield from _problems_of_routes(place, source)


_OF_ROUTES = ("collectors", "bmp", "step_seconds", "archive")


def _problems_of_routes(place: int, source: SourceSettings) -> Iterator[Problem]:
    here = ("source", place)
    plain = SourceSettings(name=source.name)
    if source.name != "bgp":
        for key in _OF_ROUTES:
            if getattr(source, key) != getattr(plain, key):
                yield (*here, key), f"{key} is of 'bgp' alone, and not of {source.name!r}.", ()
        if source.name == "probe" and source != plain:
            yield (*here, "name"), "what probers write is looked at as it comes.", ()
        return
    if source.cadence_minutes is not None:
        what = "routes come by themselves; the length of their bins is 'step_seconds'."
        yield (*here, "cadence_minutes"), what, ()
    if not source.collectors and source.bmp is None:
        what = 'there is nothing to follow; say collectors = ["rrc00"] or bmp.'
        yield (*here, "name"), what, ()
    yield from _problems_of_feeds(place, source)


def _problems_of_feeds(place: int, source: SourceSettings) -> Iterator[Problem]:
    ris = [one.name for one in collectors().values() if one.project == "ris"]
    for name in source.collectors:
        if name not in ris:
            yield ("source", place, "collectors"), f"{name!r} is no collector of RIS.", ris
    if source.bmp is not None:
        try:
            listening_address(source.bmp)
        except UsageError as error:
            yield ("source", place, "bmp"), error.message, ()


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
