"""Ray in the place of processes of one machine: the same interface, on as many machines as it has.

Needs the extra ``cluster`` (``pip install zicht[cluster]``). Ray's reports on its own use are
switched off, and a Ray that is started here listens on loopback alone.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from zicht.errors import SourceUnreachableError, UsageError
from zicht.observe.workers import cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import ParamSpec

    _Params = ParamSpec("_Params")

_ResultT = TypeVar("_ResultT")

_LOOPBACK = "127.0.0.1"

# Read by Ray when it is imported, and by the servers that it starts.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns that this default will change
}
_LOOPBACK_ALONE = {
    # Else Ray takes the machine's outer address for 127.0.0.1 and listens on all interfaces.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


@contextmanager
def open_cluster(address: str | None = None) -> Iterator[RayExecutor]:
    """An executor whose work is done by Ray.

    Args:
        address: of a running cluster, such as ``10.0.0.1:6379``, which must be as trusted as this
            machine and have Zicht installed; one is started here, for loopback alone, when not
            given.

    Raises:
        SourceUnreachableError: no cluster answers there.
        UsageError: Ray is not installed.
    """
    ray = _import_ray(alone=address is None)
    try:
        if address is None:
            ray.init(
                address="local",
                num_cpus=cores(),
                _node_ip_address=_LOOPBACK,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="error",
            )
        else:
            ray.init(address=address, log_to_driver=False, logging_level="error")
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise SourceUnreachableError(
            f"Ray could not be reached at {address or _LOOPBACK}: {error}.",
            "Is the cluster running, with the same releases of Ray and Python?",
        ) from error
    executor = RayExecutor(ray)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
        ray.shutdown()


def _import_ray(*, alone: bool) -> Any:
    os.environ.update(_ENVIRONMENT | (_LOOPBACK_ALONE if alone else {}))
    try:
        import ray  # noqa: PLC0415 - large, and optional
    except ImportError:
        raise UsageError(
            "A cluster needs Ray, which is not installed.", "pip install 'zicht[cluster]'"
        ) from None
    return ray


class RayExecutor(Executor):
    """An executor over a Ray that was initialised.

    Attributes:
        workers: how many calls the cluster can do at once.
    """

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._waiting: dict[Future[Any], Any] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._call = ray.remote(max_retries=1)(_call)
        self.workers = max(1, int(ray.cluster_resources().get("CPU", 1)))

    def submit(
        self, fn: Callable[_Params, _ResultT], /, *args: _Params.args, **kwargs: _Params.kwargs
    ) -> Future[_ResultT]:
        """Have Ray call ``fn``; see ``concurrent.futures.Executor``."""
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future: Future[_ResultT] = Future()
        future.set_running_or_notify_cancel()
        reference = self._call.remote(fn, args, kwargs)
        with self._lock:
            self._waiting[future] = reference
        reference.future().add_done_callback(lambda done: self._settle(future, done))
        return future

    def _settle(self, future: Future[Any], done: Future[Any]) -> None:
        with self._lock:
            self._waiting.pop(future, None)
        error = done.exception()
        if error is None:
            future.set_result(done.result())
        else:
            future.set_exception(_cause(self._ray, error))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as the base class has it
        """Take no more calls, and wait for those under way or cancel them."""
        self._closed = True
        with self._lock:
            waiting = dict(self._waiting)
        if cancel_futures:
            for reference in waiting.values():
                self._ray.cancel(reference, force=True)
        if wait:
            for future in waiting:
                future.exception()


def _call(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return fn(*args, **kwargs)


def _cause(ray: Any, error: BaseException) -> BaseException:
    """What the function itself raised, as another executor would tell it."""
    if isinstance(error, ray.exceptions.RayTaskError):
        cause: BaseException = error.cause or error
        return cause
    if isinstance(error, ray.exceptions.RayError):
        broken = BrokenExecutor(str(error))
        broken.__cause__ = error
        return broken
    return error
