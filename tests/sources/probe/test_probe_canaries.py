"""Control blocks as canaries: a vantage point to which they are down is sick."""

from __future__ import annotations

from readings_world import World

from zicht.sources.probe.canaries import look_at_controls


def test_control_blocks_that_answer_are_up_to_everybody() -> None:
    found = look_at_controls(World().readings())
    assert (found.up, found.down) == (60, 0)
    assert (found.well, found.sick) == (("ams", "fra", "prg"), ())


def test_the_last_minute_of_a_vantage_point_counts() -> None:
    world = World(control_share=lambda name, minute: float(name != "fra" or minute < 19))
    found = look_at_controls(world.readings())
    assert (found.up, found.down) == (40, 20)
    assert (found.well, found.sick) == (("ams", "prg"), ("fra",))


def test_too_few_control_blocks_accuse_nobody() -> None:
    world = World(controls=20, control_share=lambda *_: 0.0)
    assert look_at_controls(world.readings()).sick == ()


def test_without_readings_there_are_no_vantage_points() -> None:
    found = look_at_controls(World().readings().slice(0, 0))
    assert (found.up, found.down, found.well, found.sick) == (0, 0, (), ())
