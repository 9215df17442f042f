"""What a demo shows while it runs: a line that moves on a terminal, plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Screen:
    """Lines on standard error, and on a terminal below them how far it is and how things stand.

    Args:
        steps: how much there is to do, in any unit.
    """

    def __init__(self, steps: float) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=18),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._task = self._progress.add_task("", total=steps)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def line(self, text: str, style: str = "") -> None:
        """Write a line that stays."""
        self.console.print(text, style=style, markup=False)

    def now(self, text: str, done: float) -> None:
        """Say how things stand and how much is done; only a terminal shows it."""
        self._progress.update(self._task, description=text, completed=done)

    @property
    def moves(self) -> bool:
        """Whether there is a line that moves."""
        return self.console.is_terminal
