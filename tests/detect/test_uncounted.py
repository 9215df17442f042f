"""Kernels see an array without counting who refers to it."""

from __future__ import annotations

import numpy as np
from numba import njit

from zicht.detect.uncounted import uncounted


@njit
def _write_through_a_view(array: np.ndarray) -> float:
    view = uncounted(array[1:])
    view[0] = 7.0
    return float(view.sum())


def test_a_view_shares_the_arrays_values() -> None:
    array = np.array([1.0, 2.0, 3.0])
    assert _write_through_a_view(array) == 10
    np.testing.assert_array_equal(array, [1.0, 7.0, 3.0])
