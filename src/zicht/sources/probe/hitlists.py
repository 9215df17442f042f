"""Lists of addresses that are known to answer, made by others.

- A **plain list** has an address a line, as the IPv6 Hitlist Service of TU München publishes them
  (Gasser et al., "Clusters in the Expanse", IMC 2018, https://ipv6hitlist.github.io).
- **ISI's IPv4 response history** (https://ant.isi.edu/datasets/ipv4_history/format.html) is a table
  of *fsdb*, whose first line names the columns: ``#fsdb -F t hex_ip history score``. ``history`` is
  a number in hexadecimal, a bit for each census, the last one the latest; ``score`` runs from 0 to
  99. Of the history the last 16 censuses count, as for the score. Tables of addresses and scores
  alone, and addresses with dots, are read too; who has score 0 is left out.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.errors import BadRowError, InputError
from zicht.sources.probe.history import BlockHistory, unmeasured
from zicht.sources.probe.sorts import sort_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CENSUSES = 16
"""Censuses of ISI's history that count, as for its score: several years."""
_LARGEST = 2**32 - 1
_LOW = 2**64 - 1
_HEX = ("hex_ip", "hexip", "hexaddr", "hex_addr")
_DOTTED = ("ip", "addr", "address", "ipaddr")


@dataclass(frozen=True)
class Hitlist:
    """What a list tells.

    Attributes:
        ipv4: the history of its IPv4 blocks; A(E(b)) is known only of response histories.
        ipv6: of its IPv6 blocks.
        skipped: addresses that did not answer lately, or have score 0.
        bad_rows: rows that were left out.
    """

    ipv4: BlockHistory
    ipv6: BlockHistory
    skipped: int
    bad_rows: tuple[BadRowError, ...]


def parse_hitlist(
    data: bytes, *, name: str, seen: int, on_bad: Literal["stop", "skip"] = "stop"
) -> Hitlist:
    """Read a list of addresses that answer.

    Args:
        data: the file.
        name: its name.
        seen: when it was made or taken in, microseconds since 1970 UTC.
        on_bad: what to do at a row that cannot be read.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: it is no text, its columns are not known, or it has no addresses.
    """
    try:
        lines = data.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}, line {line}: this is no list of addresses.", "Give an address a line."
        ) from None
    read = _Rows(name, on_bad)
    if lines and lines[0].startswith("#fsdb"):
        read.table(lines)
    else:
        read.plain(lines)
    if not read.four and not read.six_high:
        raise InputError(f"{name} has no addresses that answer.", "Give an address a line.")
    return Hitlist(read.history_4(seen), read.history_6(seen), read.skipped, tuple(read.bad))


class _Rows:
    """Addresses as they are read."""

    def __init__(self, name: str, on_bad: str) -> None:
        self.four, self.times = array("Q"), array("B")
        self.six_high, self.six_low = array("Q"), array("Q")
        self.skipped = 0
        self.bad: list[BadRowError] = []
        self._with_history = False
        self._name, self._on_bad = name, on_bad

    def plain(self, lines: list[str]) -> None:
        for number, line in enumerate(lines, 1):
            text = line.partition("#")[0].strip()
            if not text:
                continue
            try:
                self._add(text)
            except AddressValueError:
                self._refuse(number, "1", text, "an address")

    def table(self, lines: list[str]) -> None:
        columns, separator = self._header(lines[0])
        ip = next((c for c in columns if c in _HEX or c in _DOTTED), None)
        if ip is None:
            raise InputError(
                f"{self._name} has the columns {', '.join(columns)}, none of them of addresses.",
                "A response history has hex_ip, history and score.",
            )
        self._with_history = "history" in columns
        for number, line in enumerate(lines[1:], 2):
            if not line.strip() or line.startswith("#"):
                continue
            words = [word.strip() for word in line.split(separator) if word.strip()]
            if len(words) != len(columns):
                self._refuse(number, "1", line, f"a row of {len(columns)} columns")
                continue
            row = dict(zip(columns, words, strict=True))
            for column, wrong in self._wrong(row, ip):
                self._refuse(number, column, row[column], wrong)
                break
            else:
                self._take(row, ip)

    def _header(self, line: str) -> tuple[list[str], str | None]:
        words = line.split()[1:]
        separator = None
        if words[:1] == ["-F"]:
            separator = "\t" if words[1:2] == ["t"] else None
            words = words[2:]
        return words, separator

    def _wrong(self, row: dict[str, str], ip: str) -> Iterator[tuple[str, str]]:
        """What of a row cannot be read, and what should stand there."""
        if ip in _HEX and not _is_hexadecimal(row[ip], _LARGEST):
            yield ip, "an address of 8 hexadecimal digits"
        if ip in _DOTTED:
            try:
                IPv4Address(row[ip])
            except AddressValueError:
                yield ip, "an IPv4 address"
        if "history" in row and not _is_hexadecimal(row["history"]):
            yield "history", "a number in hexadecimal"
        if "score" in row and not row["score"].removeprefix("-").isdecimal():
            yield "score", "a number"

    def _take(self, row: dict[str, str], ip: str) -> None:
        times = 1
        if "history" in row:
            times = (int(row["history"], 16) & ((1 << CENSUSES) - 1)).bit_count()
        elif "score" in row:
            times = max(int(row["score"]), 0)
        if times <= 0:
            self.skipped += 1
            return
        self.four.append(int(row[ip], 16) if ip in _HEX else int(IPv4Address(row[ip])))
        self.times.append(min(times, CENSUSES))

    def _add(self, text: str) -> None:
        if ":" in text:
            number = int(IPv6Address(text))
            self.six_high.append(number >> 64)
            self.six_low.append(number & _LOW)
        else:
            self.four.append(int(IPv4Address(text)))
            self.times.append(1)

    def _refuse(self, line: int, column: str, value: str, expected: str) -> None:
        error = BadRowError(self._name, line, column, value, expected)
        if self._on_bad == "stop":
            raise error
        self.bad.append(error)

    def history_4(self, seen: int) -> BlockHistory:
        numbers = np.array(self.four, dtype=np.uint64)
        times = np.array(self.times, dtype=np.int64)
        numbers, first = np.unique(numbers, return_index=True)
        times = times[first]
        history = unmeasured(numbers << np.uint64(32), np.zeros_like(numbers), ipv4=True, seen=seen)
        return _measured(history, numbers, times) if self._with_history else history

    def history_6(self, seen: int) -> BlockHistory:
        high = np.array(self.six_high, dtype=np.uint64)
        return unmeasured(high, np.array(self.six_low, dtype=np.uint64), ipv4=False, seen=seen)


def _measured(
    history: BlockHistory, numbers: NDArray[np.uint64], times: NDArray[np.int64]
) -> BlockHistory:
    """A(E(b)) by the censuses; each tells of those that answered in another (``census.found``)."""
    row = np.searchsorted(history.high >> np.uint64(40), numbers >> np.uint64(8))
    n = len(history)
    ever = np.bincount(row, minlength=n)
    once = np.bincount(row, weights=times == 1, minlength=n)
    answers = np.bincount(row, weights=times, minlength=n)
    probes = CENSUSES * ever - once
    share = ((answers - once) / probes).astype(np.float32)
    return replace(
        history,
        availability=share,
        weight=probes.astype(np.float32),
        rounds=np.full(n, CENSUSES, dtype=np.int32),
        sort=sort_blocks(history.ever_active, share, history.hourly),
    )


def _is_hexadecimal(text: str, largest: int | None = None) -> bool:
    try:
        number = int(text, 16)
    except ValueError:
        return False
    return text.isalnum() and (largest is None or number <= largest)
