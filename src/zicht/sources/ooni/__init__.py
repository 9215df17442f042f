"""OONI: how many measurements people made, and how many of them show signs of interference."""

from __future__ import annotations

from zicht.sources.ooni.service import ANOMALIES, SERVICE
from zicht.sources.ooni.tables import BY_COLUMN, MEASUREMENTS, parse

__all__ = ["ANOMALIES", "MEASUREMENTS", "SERVICE", "SIGNALS", "parse"]

SIGNALS = (*BY_COLUMN.values(), *ANOMALIES.values())
