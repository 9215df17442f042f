"""Where compiled kernels are kept, so that they are compiled once and not in each run."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def keep_compiled() -> None:
    """Name a folder for Numba's cache where neither the package nor the home takes one.

    Numba looks beside the code and under the home, and fails when both are read-only, as they are
    in many containers. A folder of this user's alone in the system's temporary folder serves then:
    what lies in the cache is run, so nobody else may write there.
    """
    if "NUMBA_CACHE_DIR" in os.environ or any(_takes_files(folder) for folder in _usual_folders()):
        return
    folder = Path(tempfile.gettempdir()) / f"zicht-kernels-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        mine = _is_mine_alone(folder)
    except OSError:
        mine = False
    os.environ["NUMBA_CACHE_DIR"] = str(folder) if mine else tempfile.mkdtemp("-zicht-kernels")


def _usual_folders() -> list[Path]:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return [Path(__file__).parent / "detect" / "__pycache__", home / "numba"]


def _takes_files(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def _is_mine_alone(folder: Path) -> bool:
    status = folder.lstat()
    others = stat.S_IRWXG | stat.S_IRWXO
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.getuid()
        and not stat.S_IMODE(status.st_mode) & others
    )
