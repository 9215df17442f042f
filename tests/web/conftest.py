"""Fixtures of this folder; mypy reads them where they are written."""

from web_fixtures import client, desk, store

__all__ = ["client", "desk", "store"]
