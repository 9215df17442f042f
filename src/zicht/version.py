"""Which Zicht this is; every picture and export names it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("zicht")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0.0.0+unknown"
