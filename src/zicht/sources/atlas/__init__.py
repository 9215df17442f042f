"""RIPE Atlas: how many probes, small devices in people's homes and offices, are connected."""

from __future__ import annotations

from zicht.sources.atlas.service import CONNECTED, SERVICE

__all__ = ["CONNECTED", "SERVICE", "SIGNALS"]

SIGNALS = (CONNECTED,)
