"""What is missing or sick here: Python, libraries, store, cache, renderer, room, sockets, clock."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.errors import NotFoundError, ZichtError
from zicht.model.time import format_time
from zicht.sources.probe.fetch.sockets import REMEDY, permitted
from zicht.sources.probe.replies import Kind
from zicht.store.location import host_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zicht.sources.probe.fetch.sockets import Sort

State = Literal["ok", "warning", "fault"]

_OLDEST_PYTHON = (3, 11)
_LITTLE_ROOM = 1_000_000_000  # bytes: a few years of one country at 5 minutes, with its history
_NO_ROOM = 50_000_000  # bytes: compaction writes new files before the old ones go
_MODULES = {"jinja2": "jinja2", "vl-convert-python": "vl_convert"}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        check: what was looked at.
        state: ``ok``, ``warning`` (works, with a limit) or ``fault`` (something will not work).
        detail: what was found.
        remedy: what to do; empty when nothing needs doing.
    """

    check: str
    state: State
    detail: str
    remedy: str = ""


def diagnose(place: Path | str) -> list[Finding]:
    """Look at everything that Zicht needs here; nothing is changed.

    ``place`` is the store's folder, which need not exist yet, or its address.
    """
    now = datetime.now(UTC)
    host = host_folder(place)
    return [
        check_python(sys.version_info[:3]),
        *check_libraries(),
        *check_store(place, now),
        check_room(shutil.disk_usage(_nearest_folder(host)).free, host),
        check_kernel_cache([Path(os.environ["NUMBA_CACHE_DIR"])]),
        check_renderer(),
        check_sockets(
            {
                f"{name} over {family}": permitted(ipv4=ipv4, kind=kind)
                for name, kind in (("ICMP", Kind.ECHO), ("TCP", Kind.SYN))
                for family, ipv4 in (("IPv4", True), ("IPv6", False))
            }
        ),
        check_clock(now),
    ]


def check_python(version: tuple[int, ...]) -> Finding:
    """Whether this Python is new enough."""
    shown = ".".join(str(part) for part in version)
    if version < _OLDEST_PYTHON:
        return Finding(
            check="python", state="fault", detail=shown, remedy="Use Python 3.11 or later."
        )
    return Finding(check="python", state="ok", detail=f"{shown} at {sys.executable}")


def check_libraries() -> Iterator[Finding]:
    """Whether each library that Zicht names is there, new enough, and can be loaded."""
    found = []
    for requirement in metadata.requires("zicht") or ():
        match = re.match(r"([A-Za-z0-9._-]+?)(?:>=([0-9.]+))?(?:;.*)?$", requirement.strip())
        if match is None or ";" in requirement:
            continue
        name, lowest = match[1].lower(), match[2]
        problem = _problem_with(name, lowest)
        if problem is None:
            found.append(f"{name} {metadata.version(name)}")
        else:
            yield Finding(
                check=f"library {name}",
                state="fault",
                detail=problem,
                remedy="Install Zicht again, into an environment of its own.",
            )
    yield Finding(check="libraries", state="ok", detail=", ".join(found))


def _problem_with(name: str, lowest: str | None) -> str | None:
    try:
        version = metadata.version(name)
        import_module(_MODULES.get(name, name.replace("-", "_")))
    except metadata.PackageNotFoundError:
        return "is not installed"
    except Exception as error:  # noqa: BLE001 - a broken library may fail in any way
        return f"is installed and cannot be loaded: {error}"
    if lowest and _numbers(version) < _numbers(lowest):
        return f"is {version} and should be {lowest} or later"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def check_store(place: Path | str, now: datetime) -> Iterator[Finding]:
    """Whether the store can be read and written, how large it is, and how fresh its data are."""
    if isinstance(place, Path) and not place.exists():
        yield _not_yet(place)
        return
    yield _check_writable(place)
    try:
        yield from _look_into(place, now)
    except NotFoundError as error:
        yield (
            _not_yet(place)
            if isinstance(place, str)
            else Finding(
                check="store", state="fault", detail=error.message, remedy=error.hint or ""
            )
        )
    except ZichtError as error:
        yield Finding(check="store", state="fault", detail=error.message, remedy=error.hint or "")


def _not_yet(place: Path | str) -> Finding:
    return Finding(
        check="store",
        state="ok",
        detail=f"{place} does not exist yet",
        remedy="The first import makes it.",
    )


def _check_writable(place: Path | str) -> Finding:
    if isinstance(place, str):
        return _check_conditional_puts(place)
    path = place
    try:
        with tempfile.TemporaryFile(dir=path):
            return Finding(check="store is writable", state="ok", detail=str(path))
    except OSError as error:
        return Finding(
            check="store is writable",
            state="fault",
            detail=f"{path}: {error.strerror}",
            remedy="Give yourself the right to write there, or name another with --store.",
        )


def _check_conditional_puts(address: str) -> Finding:
    from zicht.store.location import lake_of  # noqa: PLC0415 - so that a broken library is a finding
    from zicht.store.opening import check_conditional_puts  # noqa: PLC0415 - likewise

    check = "store is writable"
    try:
        check_conditional_puts(lake_of(address))
    except ZichtError as error:
        return Finding(check=check, state="fault", detail=error.message, remedy=error.hint or "")
    return Finding(check=check, state="ok", detail=f"{address}, by several hosts at once")


def _look_into(place: Path | str, now: datetime) -> Iterator[Finding]:
    from zicht.store import open_store  # noqa: PLC0415 - so that a broken library is a finding

    store = open_store(place)
    holdings = store.holdings()
    size = _size(store.path)
    where = f"{size / 1e6:,.1f} MB on disk" + ", a cache of it" * store.lake.shared
    yield Finding(
        check="store",
        state="ok",
        detail=f"rows: {sum(holding.rows for holding in holdings):,},"
        f" signals: {len(holdings):,}, {where}",
    )
    for holding in holdings:
        ahead = holding.known_at > now
        yield Finding(
            check=f"signal {holding.signal}",
            state="fault" if ahead else "ok",
            detail=f"rows: {holding.rows:,}, entities: {holding.entities:,},"
            f" {format_time(holding.first)} to {format_time(holding.last)}"
            + (f", known at {format_time(holding.known_at)}, which is still to come" * ahead),
            remedy="Set the clock; what is stored now would count as older." if ahead else "",
        )


def _size(folder: Path) -> int:
    size = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a writer beside us may clean up
            size += file.stat().st_size
    return size


def check_room(free: int, path: Path) -> Finding:
    """Whether ``free`` bytes are enough for a store at ``path`` to grow and be compacted."""
    state: State = "fault" if free < _NO_ROOM else "warning" if free < _LITTLE_ROOM else "ok"
    return Finding(
        check="free disk space",
        state=state,
        detail=f"{free / 1e9:.1f} GB at {_nearest_folder(path)}",
        remedy="" if state == "ok" else "Make room, or put the store elsewhere with --store.",
    )


def _nearest_folder(path: Path) -> Path:
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.is_dir())


def check_kernel_cache(folders: list[Path]) -> Finding:
    """Whether compiled kernels can be kept in the first of ``folders`` that takes them."""
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=_nearest_folder(folder)):
                return Finding(check="kernel cache", state="ok", detail=str(folder))
        except OSError:
            continue
    return Finding(
        check="kernel cache",
        state="fault",
        detail="no folder for compiled kernels is writable: "
        + ", ".join(str(folder) for folder in folders),
        remedy="Set NUMBA_CACHE_DIR to a folder that is.",
    )


def check_renderer() -> Finding:
    """Whether charts can be drawn, text included."""
    try:
        import vl_convert  # noqa: PLC0415 - so that a broken library is a finding

        drawn, blank = (vl_convert.vegalite_to_png(_drawing_of(text)) for text in ("Zicht", ""))
    except Exception as error:  # noqa: BLE001 - the renderer may fail in any way
        return Finding(
            check="renderer",
            state="fault",
            detail=f"draws no chart: {error}",
            remedy="Install Zicht again, into an environment of its own.",
        )
    if drawn == blank:
        return Finding(
            check="renderer",
            state="fault",
            detail="draws charts without their text",
            remedy="Install a font (Debian, Ubuntu: apt install fonts-dejavu-core).",
        )
    return Finding(check="renderer", state="ok", detail="draws charts with their text")


def _drawing_of(text: str) -> dict[str, object]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 100,
        "height": 20,
        "data": {"values": [{}]},
        "mark": {"type": "text", "text": text},
    }


def check_sockets(found: Mapping[str, Sequence[Sort]]) -> Finding:
    """Which sockets may be opened here for each family and kind of probe, best first.

    None is a warning and no fault: nothing but ``zicht probe`` needs them.
    """
    detail = "; ".join(f"{name}: {', '.join(sorts) or 'none'}" for name, sorts in found.items())
    short = not all("raw" in sorts for sorts in found.values())
    return Finding(
        check="sockets to probe with",
        state="warning" if short else "ok",
        detail=detail if any(found.values()) else f"{detail}. Nothing can be probed",
        remedy=REMEDY if short else "",
    )


def check_clock(now: datetime) -> Finding:
    """Whether ``now`` can be: not before Zicht was installed here, and not far beyond."""
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < installed - timedelta(days=1):
        return Finding(
            check="clock",
            state="fault",
            detail=f"{format_time(now)} is before Zicht was installed ({format_time(installed)})",
            remedy="Set the clock; what is stored now would be dated wrongly.",
        )
    return Finding(check="clock", state="ok", detail=format_time(now.replace(microsecond=0)))
