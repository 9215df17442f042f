"""Every signal of every source goes through detection, and tells what it may tell and no more."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import numpy as np
import pytest

import zicht.sources
from zicht.detect.detection import detect
from zicht.model.entity import EntityFact
from zicht.model.outage import APART
from zicht.model.series import Series

if TYPE_CHECKING:
    from zicht.model.signal import Signal

START = 1_636_329_600 * 1_000_000  # Monday 8 November 2021
DAY = 86_400
ORDINARY = {"count": 1000.0, "share": 95.0, "index": 40.0}


def signals() -> list[Signal]:
    modules = [
        import_module(f"zicht.sources.{one.name}") for one in iter_modules(zicht.sources.__path__)
    ]
    found = {signal.name: signal for module in modules for signal in getattr(module, "SIGNALS", ())}
    return [found[name] for name in sorted(found)]


def falling(signal: Signal) -> Series:
    """Weeks of ordinary values, then next to nothing for a tenth of the time."""
    days = 70 if signal.step >= DAY else 15
    count = days * DAY // signal.step
    random = np.random.Generator(np.random.PCG64(3))
    values = ORDINARY[signal.scale] * (1 + 0.02 * random.standard_normal(count))
    down = max(count // 10, 4)
    values[-2 * down : -down] *= 0.02
    return Series(signal, "country/KZ", START, values, np.full(count, 500.0))


@pytest.mark.parametrize("signal", signals(), ids=lambda signal: signal.name)
def test_what_falls_is_an_outage_a_block_or_neither(signal: Signal) -> None:
    facts = {"country/KZ": EntityFact(entity="country/KZ", country="KZ")}
    found = detect([falling(signal)], facts)
    assert bool(found.events) == signal.tells_outages
    assert bool(found.blocks.events) == (bool(signal.platform) or signal.throughput)
    assert signal.tells_outages + bool(signal.platform) + signal.throughput <= 1
    for event in found.events:
        assert event.event_class not in APART
        assert event.depth_percent < 10


def test_there_are_signals_of_every_kind() -> None:
    found = signals()
    assert len(found) > 30
    assert {one.plane for one in found} == {"control", "data", "user"}
    assert any(one.instant for one in found)
    assert any(one.platform for one in found)
    assert any(one.throughput for one in found)
    assert any(not (one.tells_outages or one.platform or one.throughput) for one in found)
