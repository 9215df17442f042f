"""Single measurements of OONI Probe in a world, as its API lists them.

The keys are those of recorded answers; which measurement is of which minute and site is drawn.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.lab import chance
from zicht.lab.services.ooni_values import HOUR, counts_of
from zicht.lab.services.telling import When

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.lab.services.ooni_values import Test
    from zicht.lab.services.telling import Teller

    Wanted = tuple[Test, str, int]

_SITES = ("https://www.example.org/", "https://news.example.com/", "https://video.example.net/")
_RAW = "https://api.ooni.io/api/v1/raw_measurement"


def newest(
    teller: Teller, wanted: Sequence[Wanted], span: When, enough: int
) -> list[dict[str, Any]]:
    """The newest measurements of a time, at most ``enough``, the newest first."""
    found: list[tuple[int, dict[str, Any]]] = []
    last = -(-min(span.end, int(span.now.timestamp())) // HOUR) * HOUR
    for end in range(last, span.begin, -HOUR):
        begin = max(end - HOUR, span.begin // HOUR * HOUR)
        hour: list[tuple[int, dict[str, Any]]] = []
        for one in wanted:
            hour += _of_hour(teller, one, When(begin, begin + HOUR, span.now))
        hour = [row for row in hour if span.begin <= row[0] < span.end]
        found += sorted(hour, key=lambda row: (-row[0], row[1]["measurement_uid"]))
        if len(found) >= enough:
            break
    return [row for _, row in found[:enough]]


def _of_hour(teller: Teller, wanted: Wanted, when: When) -> Iterator[tuple[int, dict[str, Any]]]:
    test, country, asn = wanted
    counts = counts_of(teller, test, f"asn/{asn}/{country}", when)
    kinds = [
        kind
        for kind in ("ok", "anomaly", "confirmed", "failure")
        for _ in range(int(np.sum(getattr(counts, kind))))
    ]
    luck = chance.uniforms(
        teller.world.seed, "ooni", "rows", test.name, country, asn, when.begin, count=len(kinds)
    )
    for place, (kind, part) in enumerate(zip(kinds, luck.tolist(), strict=True)):
        time = when.begin + int(part * HOUR)
        yield time, _row(test, country, asn, time, kind, place)


def _row(test: Test, country: str, asn: int, time: int, kind: str, place: int) -> dict[str, Any]:
    moment = datetime.fromtimestamp(time, UTC)
    plain = test.name.replace("_", "")
    mark = blake2b(
        f"{country} {asn} {test.name} {time} {place}".encode(), digest_size=8
    ).hexdigest()
    uid = f"{moment + timedelta(seconds=30):%Y%m%d%H%M%S}.{place:06}_{country}_{plain}_{mark}"
    return {
        "anomaly": kind in {"anomaly", "confirmed"},
        "confirmed": kind == "confirmed",
        "failure": kind == "failure",
        "input": _SITES[time % 3] if test.name == "web_connectivity" else None,
        "probe_asn": f"AS{asn}",
        "probe_cc": country,
        "report_id": f"{moment:%Y%m%dT%H%M%SZ}_{plain}_{country}_{asn}_n1_{mark}",
        "scores": {
            "blocking_general": 1.0 if kind in {"anomaly", "confirmed"} else 0.0,
            "blocking_global": 0.0,
            "blocking_country": 1.0 if kind == "confirmed" else 0.0,
            "blocking_isp": 0.0,
            "blocking_local": 0.0,
        },
        "test_name": test.name,
        "measurement_url": f"{_RAW}?measurement_uid={uid}",
        "measurement_start_time": f"{moment:%Y-%m-%dT%H:%M:%S}.000000Z",
        "measurement_uid": uid,
        "verification_status": "unverified",
    }
