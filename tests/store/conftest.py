"""Fixtures of this folder; mypy reads them where they are written."""

from store_fixtures import bucket, object_store, place

__all__ = ["bucket", "object_store", "place"]
