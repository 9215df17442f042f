"""Compiling of kernels that make no arrays, without Numba's counting of references to arrays.

Where a dozen arrays go through small functions, counting takes five times as long as the work. What
makes an array, a view of one included, must be compiled as usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")

_compile: Any = njit  # its types know no `_nrt`, an option that Numba's own code uses


def lean(function: _F) -> _F:
    """Compile a function that only kernels call."""
    return cast("_F", _compile(nogil=True, _nrt=False)(function))


def lean_kernel(function: _F) -> _F:
    """Compile a function that Python calls, and keep it."""
    return cast("_F", _compile(nogil=True, _nrt=False, cache=True)(function))
