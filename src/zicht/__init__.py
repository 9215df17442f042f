"""Zicht: an open, self-hosted observatory of connectivity."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("zicht")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0.0.0+unknown"
