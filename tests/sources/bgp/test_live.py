from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from speaking import announce

from zicht.errors import InputError
from zicht.sources.bgp import live
from zicht.sources.bgp.elements import Kind, Peer
from zicht.sources.bgp.live import Batch, decode_batch
from zicht.sources.bgp.recording import Session, State, record_message, record_state

if TYPE_CHECKING:
    from zicht.sources.bgp.decode import Decoder

SESSION = Session(ip_address("192.0.2.9"), 64500)


def batch(*names: str, number: int = 0) -> Batch:
    prefix = f"10.0.{number}.0/24"
    return Batch({name: record_message(SESSION, 1, announce(prefix)) for name in names})


def test_each_collector_has_a_decoder_that_remembers_its_peers() -> None:
    decoders: dict[str, Decoder] = {}
    up = record_state(SESSION, 1, old=State.IDLE, new=State.ESTABLISHED)
    found = [
        (name, Kind(int(elements.kind[0])), int(elements.peer[0]))
        for one in (Batch({"rrc00": up}), batch("rrc00", "rrc01"), batch("rrc01", number=1))
        for name, elements in decode_batch(one, decoders)
    ]
    assert found == [
        ("rrc00", Kind.STATE, 0),
        ("rrc00", Kind.ANNOUNCE, 0),
        ("rrc01", Kind.ANNOUNCE, 0),
        ("rrc01", Kind.ANNOUNCE, 0),
    ]
    assert decoders["rrc01"].peers == [Peer("rrc01", ip_address("192.0.2.9"), 64500)]


def test_collectors_without_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_COLLECTORS", 2)
    decoders: dict[str, Decoder] = {}
    list(decode_batch(batch("a", "b"), decoders))
    list(decode_batch(batch("a", "b"), decoders))
    with pytest.raises(InputError, match="more than 2 collectors"):
        list(decode_batch(batch("c"), decoders))
