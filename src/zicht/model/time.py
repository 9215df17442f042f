"""Times: UTC everywhere, microseconds since 1970 inside, ISO 8601 outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from zicht.errors import UsageError

MICROSECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3600 * MICROSECONDS
WEEK = 168 * HOUR
_FIRST_MONDAY = 4 * 24 * HOUR  # from 1970-01-01, a Thursday, to the Monday that followed

Clock = tuple[tuple[int, int], ...]
"""Since when, and by how much, clocks are ahead of UTC, in order of time: microseconds since 1970,
and microseconds. The first holds for all that was before, too."""


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time; one without a zone is UTC, a date alone is its midnight.

    Raises:
        UsageError: the text is no time.
    """
    try:
        time = datetime.fromisoformat(text.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter in the first and the last hours of all
        raise UsageError(
            f"{text!r} is no time.", "Write it as 2022-01-05 or 2022-01-05T10:45Z (ISO 8601)."
        ) from None


def format_time(time: datetime) -> str:
    """Write a time as ISO 8601 in UTC, to the second or finer where it is finer."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_microseconds(time: datetime) -> int:
    """Microseconds since 1970-01-01 UTC."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(microseconds: int) -> datetime:
    """The UTC time of so many microseconds since 1970-01-01."""
    return _EPOCH + timedelta(microseconds=int(microseconds))


def since_monday(microseconds: int) -> int:
    """Microseconds from Monday 00:00 UTC to an instant in microseconds since 1970."""
    return (microseconds - _FIRST_MONDAY) % WEEK
