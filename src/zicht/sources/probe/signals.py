"""The signals of probing: how much of an operator or a country answers.

What answers is counted in blocks, as what routes lead to is (``bgp.visible24``). A round asks each
block once and takes five minutes, so a bin of five minutes holds a whole round; a bin of one minute
rests on that minute's random fifth of the blocks, and is told where a fifth says anything.
"""

from __future__ import annotations

import msgspec

from zicht.model.signal import Signal

ROUND = 300
"""Seconds of a round (``zicht.sources.probe.chances.ROUND``) and of the bins that hold one."""
MINUTE = 60
"""Seconds of a bin of a minute."""

UP_24 = Signal(
    name="probe.up24",
    source="probe",
    title="Answering /24 blocks of IPv4",
    unit="/24 blocks",
    step=ROUND,
    plane="data",
    scale="count",
    lag=2 * MINUTE,  # a minute is told when the next one has shown that the prober was well
    licence="own measurement",
    citation="Own measurement by Zicht",
)
UP_48 = msgspec.structs.replace(
    UP_24, name="probe.up48", title="Answering /48 blocks of IPv6", unit="/48 blocks"
)
UP_24_MINUTE = msgspec.structs.replace(UP_24, name="probe.up24.1m", step=MINUTE)
UP_48_MINUTE = msgspec.structs.replace(UP_48, name="probe.up48.1m", step=MINUTE)

COVERAGE = msgspec.structs.replace(
    UP_24,
    name="probe.coverage",
    title="Share of the known /24 blocks that was measured",
    unit="percent of blocks",
    scale="share",
    tells_outages=False,
)
RTT = msgspec.structs.replace(
    UP_24,
    name="probe.rtt",
    title="Median round-trip time of IPv4",
    unit="ms",
    scale="index",
    tells_outages=False,
)
LOSS = msgspec.structs.replace(
    UP_24,
    name="probe.loss",
    title="Answers missing from addresses of IPv4 that answered lately",
    unit="percent of answers",
    scale="share",
    tells_outages=False,
)
COVERAGE_6 = msgspec.structs.replace(
    COVERAGE, name="probe.coverage6", title="Share of the known /48 blocks that was measured"
)
RTT_6 = msgspec.structs.replace(RTT, name="probe.rtt6", title="Median round-trip time of IPv6")
LOSS_6 = msgspec.structs.replace(
    LOSS,
    name="probe.loss6",
    title="Answers missing from addresses of IPv6 that answered lately",
)

SIGNALS_4 = (UP_24_MINUTE, UP_24, COVERAGE, RTT, LOSS)
"""Of IPv4: the minute's, then the round's."""
SIGNALS_6 = (UP_48_MINUTE, UP_48, COVERAGE_6, RTT_6, LOSS_6)
"""Of IPv6, in the same order."""
SIGNALS = (*SIGNALS_4, *SIGNALS_6)
