"""Alerts in the Common Alerting Protocol 1.2 (OASIS, 2010), for systems of public warning.

``status`` is *Exercise* or *Test* unless the user says otherwise: a machine's measurement should
not set off sirens. Category is *Infra*; urgency, severity and certainty follow the figures.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from zicht.model.entity import parse_entity
from zicht.publish.letters import tame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.model.alert import Alert
    from zicht.model.outage import Event

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_TYPES = {"new": "Alert", "update": "Update", "end": "Update", "retracted": "Cancel"} | {
    "health": "Update",
    "health-end": "Update",
}
_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_SEVERE, _MODERATE = 10.0, 50.0  # percent of ordinary that is left
_LIKELY, _POSSIBLE = 0.85, 0.5  # CAP: "Likely" is above about 50 %; we ask for more


def cap_message(
    alert: Alert,
    *,
    sender: str,
    status: str,
    language: str,
    earlier: Sequence[Alert],
    public: bool = False,
) -> bytes:
    """One message.

    Args:
        alert: about an event, a source's health, or a test.
        sender: who issues it.
        status: ``Exercise``, ``Test`` or ``Actual``; of the lab's data it is never ``Actual``, and
            of a source's health it is ``System``.
        language: of its text.
        earlier: the messages about the same event that went out before.
        public: anybody may read it; else its scope is ``Restricted``.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_name("alert"))
    _text(root, "identifier", identifier(alert.id))
    _text(root, "sender", sender)
    _text(root, "sent", _time(alert.made_at))
    is_health = alert.kind in {"health", "health-end"}
    real = "Exercise" if alert.simulated and status == "Actual" else status
    _text(root, "status", "System" if is_health else real)
    _text(root, "msgType", _TYPES.get(alert.kind, "Alert") if earlier else "Alert")
    _text(root, "scope", "Public" if public else "Restricted")
    if not public:
        _text(root, "restriction", "Not for publication.")
    if earlier:
        references = (f"{sender},{identifier(one.id)},{_time(one.made_at)}" for one in earlier)
        _text(root, "references", " ".join(references))
    info = ET.SubElement(root, _name("info"))
    _text(info, "language", language)
    _text(info, "category", "Infra")
    _text(info, "event", _what(alert))
    _text(info, "urgency", _urgency(alert.event))
    _text(info, "severity", _severity(alert.event))
    _text(info, "certainty", _certainty(alert.event))
    if alert.event is not None:
        _text(info, "onset", _time(alert.event.onset[0]))
    _text(info, "headline", alert.title)
    _text(info, "description", alert.text)
    if alert.entity is not None:
        area = ET.SubElement(info, _name("area"))
        _text(area, "areaDesc", alert.entity)
        country = parse_entity(alert.entity).country
        if country is not None:
            code = ET.SubElement(area, _name("geocode"))
            _text(code, "valueName", "ISO 3166-1")
            _text(code, "value", country)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def identifier(alert_id: str) -> str:
    """An alert's id without what CAP forbids in an identifier: spaces, commas, ``<`` and ``&``."""
    return _UNFIT.sub("-", alert_id)


def _what(alert: Alert) -> str:
    if alert.kind in {"health", "health-end"}:
        return "Health of a measurement"
    if alert.event is not None and alert.event.event_class == "platform-block":
        return "Blocked internet service"
    if alert.event is not None and alert.event.event_class == "throttling":
        return "Slow internet connections"
    return "Internet outage"


def _urgency(event: Event | None) -> str:
    if event is None or event.ongoing is None:
        return "Unknown"
    return "Immediate" if event.ongoing else "Past"


def _severity(event: Event | None) -> str:
    if event is None:
        return "Unknown"
    if event.depth_percent < _SEVERE:
        return "Severe"  # not "Extreme", which is said of threats to life
    return "Moderate" if event.depth_percent < _MODERATE else "Minor"


def _certainty(event: Event | None) -> str:
    if event is None or event.belief is None:
        return "Unknown"
    if event.belief >= _LIKELY:
        return "Likely"  # not "Observed", which leaves no doubt
    return "Possible" if event.belief >= _POSSIBLE else "Unlikely"


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _text(parent: ET.Element, tag: str, text: str) -> None:
    element = ET.SubElement(parent, _name(tag))
    element.text = "\n".join(tame(line, 2000) for line in text.splitlines())


def _time(time: datetime) -> str:
    """The time as CAP writes it: whole seconds, and UTC as -00:00."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")
