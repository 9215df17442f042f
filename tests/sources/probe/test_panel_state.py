from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from test_aggregate import BLOCKS, World

from zicht.errors import InputError
from zicht.sources.probe.aggregate import new_panel
from zicht.sources.probe.panel_state import panel_state, restore_panel


def assert_same(one: object, other: object) -> None:
    for name in ("up", "mean", "turn", "pool", "carried"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("moved", "pace"):
        assert getattr(one, name) == getattr(other, name)


def test_figures_go_on_over_a_restart_as_if_there_was_none() -> None:
    stopped, ran_on = World(3), World(3)
    for world in (stopped, ran_on):
        world.go(10)
        world.up &= world.draw.random(BLOCKS) >= 0.5
        world.go(2)
    high = np.arange(BLOCKS, dtype=np.uint64) << np.uint64(40)
    stopped.panel = restore_panel(panel_state(stopped.panel, high), high)
    assert_same(stopped.panel, ran_on.panel)
    assert stopped.go(4) == ran_on.go(4)
    assert_same(stopped.panel, ran_on.panel)


def test_blocks_that_came_and_went_leave_the_others_alone() -> None:
    world = World(4, blocks=100)
    world.go(10)
    high = np.arange(100, dtype=np.uint64)
    table = panel_state(world.panel, high)
    later = restore_panel(table, np.arange(50, 150, dtype=np.uint64))
    np.testing.assert_array_equal(later.up[:50], world.panel.up[50:])
    assert np.isnan(later.up[50:]).all()


def test_a_new_panel_comes_back_as_new() -> None:
    high = np.arange(3, dtype=np.uint64)
    assert_same(restore_panel(panel_state(new_panel(3), high), high), new_panel(3))


@pytest.mark.parametrize("drop", ["form", "up", "of_all"])
def test_what_is_no_panel_is_refused(drop: str) -> None:
    high = np.arange(3, dtype=np.uint64)
    table = panel_state(new_panel(3), high)
    if drop in table.column_names:
        table = table.drop_columns([drop])
    else:
        kept = {k: v for k, v in table.schema.metadata.items() if k != drop.encode()}
        table = table.replace_schema_metadata(kept)
    with pytest.raises(InputError, match="no state of a panel"):
        restore_panel(table, high)
    with pytest.raises(InputError):
        restore_panel(pa.table({"high": [1]}), high)
