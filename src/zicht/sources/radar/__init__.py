"""Cloudflare Radar: traffic and quality as Cloudflare's network sees them."""

from __future__ import annotations

from zicht.sources.radar.service import BANDWIDTH, SERVICE, TRAFFIC

__all__ = ["BANDWIDTH", "SERVICE", "SIGNALS", "TRAFFIC"]

SIGNALS = (TRAFFIC, BANDWIDTH)
