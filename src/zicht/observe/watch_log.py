"""What a watch says of itself: one record a line, for people or as JSON, never with a secret."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, MutableMapping
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from zicht.observe.services import SERVICES, service_of
from zicht.publish.alerts.settings import Messenger, Webhook

if TYPE_CHECKING:
    from zicht.publish.alerts.settings import Channel

Log = structlog.typing.FilteringBoundLogger
_Record = MutableMapping[str, Any]

HIDDEN = "[hidden]"
_SHORTEST = 6  # characters; what is shorter would hide ordinary words


def open_log(file: TextIO, *, as_json: bool, secrets: Collection[str] = ()) -> Log:
    """A log that writes to a file.

    Args:
        file: such as standard error.
        as_json: one JSON object a line, else words.
        secrets: texts that are replaced wherever they stand.
    """
    render: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    log: Log = structlog.wrap_logger(
        structlog.PrintLogger(cast("TextIO", _Unfailing(file))),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _hiding(secrets),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        cache_logger_on_first_use=False,
    )
    return log


class _Unfailing:
    """A file of which it is no fault that it cannot be written: what is said is lost, no more."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()


_OF_STORES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_STORAGE_ACCOUNT_KEY")


def secrets_of(channels: Collection[Channel]) -> list[str]:
    """The secrets that the environment holds for sources, channels and an object store."""
    names = [*(service_of(name).token for name in SERVICES), *_OF_STORES]
    for channel in channels:
        if isinstance(channel, Messenger):
            names.append(channel.address_variable)
        elif isinstance(channel, Webhook):
            names.append(channel.secret_variable)
    found = (os.environ.get(name, "").strip() for name in names if name)
    return [secret for secret in found if secret]


def _hiding(secrets: Collection[str]) -> Callable[[Any, str, _Record], _Record]:
    long = [one for one in secrets if len(one) >= _SHORTEST]

    def hide(_: Any, __: str, record: _Record) -> _Record:
        for key, value in record.items():
            text = str(value)
            if any(one in text for one in long):
                for one in long:
                    text = text.replace(one, HIDDEN)
                record[key] = text
        return record

    return hide
