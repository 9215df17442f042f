"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zicht.errors import UsageError
from zicht.model.time import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from zicht.observe.settings import Settings


class _Time(click.ParamType[Any]):
    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            return parse_time(value) if isinstance(value, str) else value
        except UsageError as error:
            self.fail(str(error), param, ctx)


TIME = _Time()


class _Place(click.ParamType[Any]):
    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        if "://" not in value:
            return Path(value)
        from zicht.store.location import place_of

        try:
            return place_of(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


PLACE = _Place()


NOTHING_KNOWN = (
    "Nothing was known here at that time: --as-of asks what this store knew, and a recording is"
    " known from its import on. What was the case at a time is asked with --at or --until."
)


def settings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--settings FILE``."""
    return click.option(
        "--settings",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="ZICHT_SETTINGS",
        default=Path("zicht.toml"),
        show_default=True,
        show_envvar=True,
        help="The file of settings.",
    )(command)


def settings_of(ctx: click.Context, path: Path) -> Settings:
    """The settings in a file; one that nobody named need not be there.

    Raises:
        InputError: they cannot be read or are wrong.
    """
    from click.core import ParameterSource

    from zicht.observe.settings import Settings, read_settings

    unnamed = ctx.get_parameter_source("settings") is ParameterSource.DEFAULT
    return Settings() if unnamed and not path.exists() else read_settings(path)


def simulated_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--simulated``."""
    return click.option(
        "--simulated",
        is_flag=True,
        envvar="ZICHT_SIMULATED",
        show_envvar=True,
        help="What is stored is of the lab, no measurement; this shows.",
    )(command)


def as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--as-of TIME``."""
    return click.option(
        "--as-of", type=TIME, default=None, help="Take only what was known at this time."
    )(command)


def report_language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--language CODE``, as ``code``: of what is said of reports."""
    return click.option(
        "--language",
        "code",
        type=click.Choice(["en", "nl", "fr", "ru", "fa", "ar"]),
        default="en",
        show_default=True,
        envvar="ZICHT_LANGUAGE",
        show_envvar=True,
        help="The language of the answer; JSON and CSV stay in English.",
    )(command)
