"""Alerts as an Atom feed (RFC 4287), newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from zicht.model.time import format_time
from zicht.publish.letters import tame
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from zicht.model.alert import Alert

NAMESPACE = "http://www.w3.org/2005/Atom"
_ORIGIN = "https://zicht.invalid/alerts/"  # a name and no place; only the hash of it is shown


def feed(
    alerts: Sequence[Alert],
    *,
    title: str,
    language: str,
    empty_since: datetime,
    site: str | None = None,
    address_of: Callable[[Alert], str] | None = None,
) -> bytes:
    """A feed of alerts.

    Args:
        alerts: newest first.
        title: of the feed.
        language: of its texts.
        empty_since: the time of a feed that holds nothing.
        site: the address of the page that the feed belongs to, where there is one.
        address_of: the address of the page that tells more of an alert.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_name("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _text(root, "id", _identifier(title))
    _text(root, "title", title)
    updated = max((alert.made_at for alert in alerts), default=empty_since)
    _text(root, "updated", format_time(updated))
    _text(root, "generator", "Zicht", version=__version__)
    if site is not None:
        ET.SubElement(root, _name("link"), {"rel": "alternate", "href": site})
    author = ET.SubElement(root, _name("author"))
    _text(author, "name", "Zicht")
    for alert in alerts:
        entry = ET.SubElement(root, _name("entry"))
        _text(entry, "id", _identifier(f"{alert.id} {format_time(alert.made_at)}"))
        _text(entry, "title", alert.title)
        _text(entry, "updated", format_time(alert.made_at))
        if address_of is not None:
            ET.SubElement(entry, _name("link"), {"rel": "alternate", "href": address_of(alert)})
        for term in (alert.kind, alert.entity, "simulated" if alert.simulated else None):
            if term:
                ET.SubElement(entry, _name("category"), {"term": term})
        _text(entry, "content", alert.text, type="text")
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    element = ET.SubElement(parent, _name(tag), attributes)
    element.text = "\n".join(tame(line, 2000) for line in text.splitlines())


def _identifier(text: str) -> str:
    return uuid5(NAMESPACE_URL, _ORIGIN + text).urn
