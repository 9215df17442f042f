"""Where an error arose, for a log that never tells what was asked."""

from __future__ import annotations


def place_of(error: Exception) -> str:
    """The module and line at which an error arose; what was asked is not told."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
