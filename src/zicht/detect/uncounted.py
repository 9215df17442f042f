"""Arrays whose references Numba does not count.

Numba counts the references to an array in each call that takes it, by instructions that lock the
memory. The kernels of detection call small functions in every bin: counting took more than half of
their time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from numba.core import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray


def _uncounted(_: Any, array: types.Array) -> tuple[Any, Callable[..., Any]]:
    """The same array within a kernel; who calls must hold on to the array itself meanwhile.

    What a compiled function was called with is held by its caller until it returns.
    """

    def build(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        view = context.make_array(array)(context, builder, arguments[0])
        view.meminfo = context.get_constant_null(types.voidptr)
        return view._getvalue()  # noqa: SLF001 - Numba has no other name for it

    return array(array), build


uncounted = cast("Callable[[NDArray[np.float64]], NDArray[np.float64]]", intrinsic(_uncounted))
