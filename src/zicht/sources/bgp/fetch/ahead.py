"""Work that runs ahead in a thread: decompression beside decoding."""

from __future__ import annotations

from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_T = TypeVar("_T")
_DEPTH = 4  # pieces that wait: enough to even out both sides
_PATIENCE = 0.05  # seconds between looks at whether a thread has ended


def run_ahead(make: Callable[[Event], Iterator[_T]]) -> Generator[_T]:
    """Give what an iterator gives, which runs in a thread and a few pieces ahead.

    The thread ends with the iterator, with an error in it, or as soon as the consumer closes this
    generator; it is joined before this returns.

    Args:
        make: makes the iterator, in the thread. The event is set when nobody wants more: what
            waits for something must look at it.

    Raises:
        Exception: whatever the iterator raised, behind all that it gave before.
    """
    queue: Queue[tuple[_T] | BaseException | None] = Queue(_DEPTH)
    stop = Event()
    thread = Thread(target=_work, args=(make, queue, stop), name="zicht-ahead", daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        stop.set()
        while thread.is_alive():
            try:
                queue.get(timeout=_PATIENCE)  # makes room for one that waits to put
            except Empty:
                continue
        thread.join()


def _work(
    make: Callable[[Event], Iterator[_T]],
    queue: Queue[tuple[_T] | BaseException | None],
    stop: Event,
) -> None:
    try:
        for item in make(stop):
            queue.put((item,))
            if stop.is_set():
                return
    except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
        queue.put(error)
    else:
        queue.put(None)
