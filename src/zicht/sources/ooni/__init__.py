"""OONI: how many measurements people made, and how many of them show signs of interference."""

from __future__ import annotations

from zicht.sources.ooni.service import SERVICE, WORKING
from zicht.sources.ooni.tables import BY_COLUMN, MEASUREMENTS, parse

__all__ = ["MEASUREMENTS", "SERVICE", "SIGNALS", "WORKING", "parse"]

SIGNALS = (*BY_COLUMN.values(), *WORKING.values())
