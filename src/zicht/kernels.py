"""Where compiled kernels are kept, so that they are compiled once and not in each run.

Numba tells whether a cached kernel is stale by the file of its function alone. A kernel that uses
constants or functions of other modules would be run as it was before they changed, so the folder's
name has a hash over all of their sources.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

_PACKAGE = Path(__file__).parent
# Rooms with kernels, and place and lab, whose constants they use.
_ROOMS_OF_KERNELS = ("detect", "lab", "place", "sources/bgp", "sources/probe")


def keep_compiled() -> None:
    """Name the folder of Numba's cache: one for each state of the sources.

    It lies in the folder that ``NUMBA_CACHE_DIR`` names, else beside the code, else under the
    home, else, where all are read-only as in many containers, in the system's temporary folder.
    What lies in the cache is run, so nobody else may write there.
    """
    name = f"zicht-kernels-{_hash_of_sources()}"
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named is not None and Path(named).name == name:
        return  # a parent process has done so
    root = Path(named) if named else next(filter(_takes_files, usual_folders()), None)
    folder = (root or _own_temporary_folder()) / name
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:  # it reads the environment only once
        sys.modules["numba"].config.CACHE_DIR = str(folder)


def usual_folders() -> list[Path]:
    """Where the cache may lie, the best first: beside the code, and under the home."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return [_PACKAGE / "__pycache__", home / "zicht"]


def are_compiled(room: str) -> bool:
    """Whether kernels of a room, the last part of its folder's path, lie compiled in the cache.

    Some may have to be compiled all the same: those that were never called.
    """
    cache = Path(os.environ.get("NUMBA_CACHE_DIR", ""))
    return any(cache.glob(f"{room}_*/*.nbi"))


def _hash_of_sources() -> str:
    digest = hashlib.sha256()
    for room in _ROOMS_OF_KERNELS:
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _takes_files(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def _own_temporary_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"zicht-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        mine = _is_mine_alone(folder)
    except OSError:
        mine = False
    return folder if mine else Path(tempfile.mkdtemp(prefix="zicht-"))


def _is_mine_alone(folder: Path) -> bool:
    status = folder.lstat()
    others = stat.S_IRWXG | stat.S_IRWXO
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.getuid()
        and not stat.S_IMODE(status.st_mode) & others
    )
