"""Quiet series to inject into: generated ones of many kinds, and quiet stretches of recordings."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec
import numpy as np
from numba import njit

from zicht.model.series import Series
from zicht.model.signal import Plane, Scale, Signal  # msgspec reads them

if TYPE_CHECKING:
    from numpy.typing import NDArray

START = 1_709_510_400_000_000  # Monday 4 March 2024, 00:00 UTC
_DAY = 86_400
H = 3600
KINDS_FILE = Path(__file__).with_name("kinds.csv")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a generated series behaves when nothing is wrong. Spreads are of logarithms.

    Attributes:
        name: what to call it.
        step: seconds of a bin.
        plane: the signal's plane.
        scale: the signal's scale.
        level: what it is about.
        day: amplitude of the rhythm of the day.
        week: how much lower a weekend is.
        white: noise of each bin by itself.
        slow: spread of the noise that remembers (a first-order autoregression).
        memory: hours in which that noise forgets to a third.
        daily: how days as a whole differ from each other.
        tails: degrees of freedom of the white noise (Student's t); 0 is normal.
        trend: growth a week.
        missing: part of the bins that is missing by itself.
        gaps: stretches of a few hours that are missing, a week.
        glitches: bins a week that lose half or more by the collector's fault, one at a time.
        holidays: a day in two weeks is like a Sunday, and two days a year run deeper.
        counting: how counts are counted: not at all, ``poisson``, or ``blocks`` of which nine in
            ten answer, each on its own.
    """

    name: str
    step: int
    plane: Plane
    scale: Scale = "index"
    level: float = 100.0
    day: float = 0.0
    week: float = 0.0
    white: float = 0.0
    slow: float = 0.0
    memory: float = 6.0
    daily: float = 0.0
    tails: int = 0
    trend: float = 0.0
    missing: float = 0.0
    gaps: float = 0.0
    glitches: float = 0.0
    holidays: bool = False
    counting: str = ""

    @property
    def signal(self) -> Signal:
        """Its spec."""
        return Signal(
            name=f"lab.{self.name}",
            source="lab",
            title=self.name,
            unit="",
            step=self.step,
            plane=self.plane,
            scale=self.scale,
            lag=0,
            licence="CC0-1.0",
            citation="generated",
        )

    @property
    def days(self) -> int:
        """Four weeks, three of minutes, eight where bins are hours, a year where they are days."""
        if self.step < 300:  # noqa: PLR2004
            return 21
        return 28 if self.step < 3600 else 56 if self.step < _DAY else 364  # noqa: PLR2004

    @property
    def learning(self) -> int:
        """Bins before anything is scored: two weeks, half of eight, twelve of a year."""
        days = 14 if self.step < H else 28 if self.step < _DAY else 84
        return days * _DAY // self.step


def kinds() -> tuple[Kind, ...]:
    """The kinds of ``kinds.csv``, a line each; an empty field is the default."""
    with KINDS_FILE.open(encoding="utf-8", newline="") as lines:
        rows = [{key: text for key, text in row.items() if text} for row in csv.DictReader(lines)]
    return tuple(msgspec.convert(row, Kind, strict=False) for row in rows)


def generate(kind: Kind, number: int, seed: int = 0) -> Series:
    """A quiet series; the same for the same kind, number and seed."""
    random = np.random.default_rng([seed, number, crc32(kind.name.encode())])
    length = kind.days * _DAY // kind.step
    hours = np.arange(length) * kind.step / H
    logarithm = _rhythm(kind, hours, random)
    logarithm += np.log1p(kind.trend) * hours / 168
    if kind.slow > 0:
        memory = np.exp(-kind.step / H / kind.memory)
        steps = random.standard_normal(length) * kind.slow * np.sqrt(1 - memory**2)
        logarithm += _remember(steps, memory, random.standard_normal() * kind.slow)
    if kind.white > 0:
        noise = random.standard_t(kind.tails, length) if kind.tails else random.normal(size=length)
        logarithm += kind.white * noise
    values = kind.level * np.exp(logarithm)
    if kind.scale == "share":
        values = np.minimum(values, 100.0)
    values = _count(kind, values, random)
    for position in random.integers(0, length, random.poisson(kind.glitches * kind.days / 7)):
        values[position] = np.rint(values[position] * random.uniform(0, 0.5))
    values[random.random(length) < kind.missing] = np.nan
    for _ in range(round(kind.gaps * kind.days / 7)):
        first = int(random.integers(0, length))
        values[first : first + int(random.uniform(1, 10) * H / kind.step)] = np.nan
    return Series(kind.signal, f"asn/{number}", START, values, np.full(length, np.nan))


def _rhythm(
    kind: Kind, hours: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    turn = 2 * np.pi / 24
    phase = random.uniform(0, 24)
    rhythm = np.zeros(len(hours))
    if kind.step < _DAY:
        rhythm += kind.day * (
            np.cos((hours - phase) * turn) + 0.25 * np.cos(2 * (hours - phase - 4) * turn)
        )
    day = (hours // 24).astype(np.int64)
    resting = day % 7 >= 5  # noqa: PLR2004 - Saturday
    depth = np.full(day[-1] + 1, kind.week)
    if kind.holidays:
        resting |= (random.random(day[-1] + 1) < 1 / 14)[day]
        depth += 0.25 * (random.random(day[-1] + 1) < 2 / 365)
        resting |= (depth > kind.week)[day]
    rhythm -= resting * depth[day]
    if kind.daily > 0:
        days = np.arange(day[-1] + 2) * 24.0
        rhythm += np.interp(hours, days, random.normal(0, kind.daily, len(days)))
    return rhythm


def _count(
    kind: Kind, values: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    if kind.counting == "poisson":
        return random.poisson(values).astype(np.float64)
    if kind.counting == "blocks":
        # A block that answers now mostly answers next time too: one in five is drawn anew.
        return _blocks(np.rint(values / 0.9).max(), values, random)
    return np.rint(values) if kind.scale == "count" else values


def _blocks(
    blocks: float, values: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    """Blocks, each up or not, that keep their state in four bins of five."""
    chance = np.clip(values / blocks, 0, 1)
    counts = np.empty(len(values))
    up = random.binomial(int(blocks), chance[0])
    for i in range(len(values)):
        redrawn = random.binomial(int(blocks), 0.2)
        kept = random.hypergeometric(up, int(blocks) - up, int(blocks) - redrawn)
        up = int(kept + random.binomial(redrawn, chance[i]))
        counts[i] = up
    return counts


@njit(cache=True)
def _remember(steps: NDArray[np.float64], memory: float, first: float) -> NDArray[np.float64]:
    noise = np.empty(len(steps))
    last = first
    for i in range(len(steps)):
        last = memory * last + steps[i]
        noise[i] = last
    return noise
