"""Whether this machine heard what came: a flood of strangers' messages can drown answers."""

from __future__ import annotations

DEAF = 0.05
"""Share of messages that there was no room for, above which silence says nothing: as many answers
as a bad path loses (``sources.probe.chances``)."""
DEAF_FROM = 1000
"""Messages in a minute, of which fewer make nobody deaf: Linux also counts those of ICMPv6 whose
checksum is wrong, which anybody can send."""


class Hearing:
    """What came in each minute, and what there was no room for."""

    def __init__(self) -> None:
        self._heard = self._dropped = 0  # of the whole run
        self._minutes: dict[int, list[int]] = {}  # of those that are not told yet

    def note(self, minute: int, heard: int, dropped: int) -> None:
        """So many messages came since the run began, and so many more there was no room for."""
        own = self._minutes.setdefault(minute, [0, 0])
        own[0] += heard - self._heard
        own[1] += max(dropped - self._dropped, 0)  # it is a number of 32 bits
        self._heard, self._dropped = heard, dropped

    def was_deaf(self, minute: int) -> bool:
        """Whether too much was dropped in a minute or the next, in which its last turns end.

        Minutes before it are forgotten.
        """
        self._minutes = {one: own for one, own in self._minutes.items() if one >= minute}
        return any(
            dropped >= DEAF_FROM and dropped > DEAF * (heard + dropped)
            for heard, dropped in (self._minutes.get(one, (0, 0)) for one in (minute, minute + 1))
        )
