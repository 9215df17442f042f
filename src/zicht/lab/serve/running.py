"""Running a world: its mouths are opened, told of, and closed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from zicht.errors import InputError, UsageError
from zicht.lab.serve.mouths import MOUTHS

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from zicht.lab.serve.mouths import Mouth, Opened, Stage


def chosen(names: Sequence[str]) -> tuple[Mouth, ...]:
    """The mouths of these names; all of them for none.

    Raises:
        UsageError: there is no such mouth.
    """
    known = {mouth.name: mouth for mouth in MOUTHS}
    for name in names:
        if name not in known:
            raise UsageError(f"The lab has no mouth {name!r}.", f"Take of {', '.join(known)}.")
    return tuple(mouth for mouth in MOUTHS if not names or mouth.name in names)


async def run_world(
    stage: Stage,
    mouths: Sequence[Mouth],
    *,
    port: int,
    needed: bool,
    opened: Callable[[dict[str, Opened]], None],
    tell: Callable[[str], None],
    stopped: asyncio.Event,
) -> None:
    """Let mouths speak until stopped.

    Args:
        stage: the world, its clock and faults.
        mouths: who speaks.
        port: the first mouth's; each has the port of its place among all. Any free ones if 0.
        needed: a mouth that cannot be opened here is an error; else it is told and left out.
        opened: called with all of them once they speak.
        tell: called with what was left out.
        stopped: set from outside to end it.

    Raises:
        InputError: a port is taken.
        UsageError: a mouth that is needed cannot be opened here.
    """
    async with AsyncExitStack() as stack:
        speaking: dict[str, Opened] = {}
        for mouth in mouths:
            own = port + MOUTHS.index(mouth) if port else 0
            try:
                speaking[mouth.name] = await stack.enter_async_context(mouth.open(stage, own))
            except UsageError as refused:
                if needed:
                    raise
                tell(f"Left out: {mouth.name}. {refused}")
            except OSError as error:
                raise InputError(
                    f"{mouth.name} cannot listen on port {own}: {error.strerror}.",
                    "Take another --port, or 0 for any that is free.",
                ) from None
        opened(speaking)
        await stopped.wait()
