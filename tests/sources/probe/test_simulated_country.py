"""What is promised of blocks, on a small country; ``benchmarks/blocks.py`` has the whole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from simulated_country import KIND, UTC, Country, country, run

from zicht.sources.probe.aggregate import advance, aggregate, new_panel
from zicht.sources.probe.rounds import Rounds
from zicht.sources.probe.spells import Spells

HOUR = 3600.0
BLOCKS = 600
BLACKOUT, RESTORED, END = 4.25 * HOUR, 4.75 * HOUR, 5.2 * HOUR


class Told(NamedTuple):
    where: Country
    outages: list[tuple[int, float, float, float]]
    share: dict[float, float]
    loss: list[float]
    sent: int


@pytest.fixture(scope="module")
def told() -> Told:
    where = country(21, BLOCKS)
    draw = np.random.default_rng(22)
    answering = where.expected * np.diff(where.hosts.begin)
    steady = np.flatnonzero(
        (where.expected >= 0.3) & (answering >= 12) & (where.kind != KIND["diurnal"])
    )
    for block in draw.permutation(steady)[:60].tolist():
        begin = float(draw.uniform(2.5 * HOUR, 3 * HOUR))
        where.down.append((block, begin, begin + float(draw.uniform(660, HOUR))))
    where.down += [(block, BLACKOUT, RESTORED) for block in range(BLOCKS)]

    rounds, spells, panel = Rounds(where.history, where.operator, 1, utc=UTC), Spells(BLOCKS), None
    outages: list[tuple[int, float, float, float]] = []
    share: dict[float, float] = {}
    loss: list[float] = []

    def each_minute(now: float) -> None:
        nonlocal panel
        for sample in rounds.samples(now):
            ended = spells.follow(sample)
            outages.extend(
                zip(
                    ended.block.tolist(),
                    (ended.answered - UTC).tolist(),
                    (ended.answers - UTC).tolist(),
                    ended.duration.tolist(),
                    strict=True,
                )
            )
            panel = advance(panel or new_panel(BLOCKS), sample, where.operator)
            figures = aggregate(panel, sample, np.zeros(BLOCKS, dtype=np.int32), 1)
            share[sample.time - UTC] = figures.up24[0] / figures.measured[0]
            loss.append(figures.loss[0])

    sent = run(where, rounds, 0, END, each_minute)
    return Told(where, outages, share, loss, sent)


def test_every_outage_of_eleven_minutes_is_found_and_hardly_any_length_wrong_by_half_of_that(
    told: Told,
) -> None:
    single = [outage for outage in told.where.down if outage[1] < BLACKOUT]
    assert len(single) == 60
    errors = []
    for block, begin, end in single:
        (error,) = [
            abs(duration - (end - begin))
            for of, first, last, duration in told.outages
            if of == block and first < end and last > begin
        ]
        errors.append(error)
    assert np.mean(np.array(errors) <= 330) >= 0.95
    assert max(errors) <= 660


def test_no_block_is_taken_for_down_that_was_up(told: Told) -> None:
    for block, first, last, _ in told.outages:
        assert any(
            of == block and first < end and last > begin for of, begin, end in told.where.down
        )


def test_the_country_is_seen_to_go_dark_and_to_come_back_within_a_minute(told: Told) -> None:
    times = np.array(sorted(told.share))
    share = np.array([told.share[time] for time in times])
    assert (share[(times > HOUR) & (times < 2.4 * HOUR)] > 0.95).all()
    assert share[(times >= BLACKOUT) & (times < BLACKOUT + 60)] < 0.35
    assert (share[(times > BLACKOUT + 120) & (times < RESTORED - 60)] < 0.03).all()
    assert (share[times > RESTORED + 120] > 0.97).all()


def test_blocks_get_fewer_than_20_probes_an_hour_but_in_a_blackout(told: Told) -> None:
    dark = (RESTORED - BLACKOUT) / HOUR
    assert told.sent / BLOCKS < 20 * (END / HOUR - dark) + 140 * dark


def test_loss_is_that_of_packets_and_of_hosts_that_left(told: Told) -> None:
    assert 0.01 < np.nanmedian(told.loss) < 0.12
