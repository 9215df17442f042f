"""What each channel sends: real HTTP, real feeds, and nothing that is secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from receiving import receiver
from worlds import ALMATY, blackout

from zicht.errors import NotFoundError, SourceUnreachableError, UsageError
from zicht.model.alert import Alert
from zicht.publish.alerts import cap, messenger, webhook
from zicht.publish.alerts.atom import NAMESPACE as ATOM
from zicht.publish.alerts.atom import feed
from zicht.publish.alerts.text import event_text, event_title
from zicht.publish.bulletin import Context
from zicht.publish.language import language

if TYPE_CHECKING:
    from zicht.model.alert import AlertKind

NOW = datetime(2030, 3, 8, 12, 0, 0, 123456, tzinfo=UTC)
WORLD = blackout()
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOSTILE = "<script>alert(1)</script> \u202e & \x00 ]]>"


def alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "id": "desk KZ-20300307 1",
        "channel": "desk",
        "subject": "KZ-20300307",
        "number": 1,
        "kind": "new",
        "entity": "country/KZ",
        "title": "Kazakhstan: connectivity fell to 3% of ordinary",
        "text": "Began on 7 March.\nMeasured by: routes.",
        "event": WORLD.event,
        "simulated": True,
        "made_at": NOW,
        "state": "pending",
        "not_before": NOW,
    }
    return Alert(**(fields | changes))


@pytest.mark.parametrize("code", ["en", "nl"])
def test_the_words_say_what_was_measured_and_not_who_did_it(code: str) -> None:
    words = language(code)
    context = Context(words, ALMATY, WORLD.facts, {})
    kinds: tuple[AlertKind, ...] = ("new", "update")
    for kind in kinds:
        title = event_title(WORLD.event, kind, context)
        assert words.country("KZ") in title
        assert title.startswith(words.say("Simulated."))
    text = event_text(WORLD.event, context, name_operators=True)
    assert "AS64501" in text
    assert WORLD.event.id in text


@pytest.mark.parametrize(
    ("event_class", "said"),
    [("platform-block", "a service is blocked"), ("throttling", "connections slowed to")],
)
def test_of_what_cuts_off_nobody_no_outage_is_told(event_class: Any, said: str) -> None:
    context = Context(language("en"), ALMATY, WORLD.facts, {})
    apart = msgspec.structs.replace(WORLD.event, event_class=event_class, end=None, ongoing=True)
    assert said in event_title(apart, "new", context)
    assert "connectivity" not in event_title(apart, "update", context)
    over = msgspec.structs.replace(apart, end=(NOW, NOW), ongoing=False)
    assert "outage" not in event_title(over, "end", context)
    assert "outage" not in capped(alert(event=apart))["event"].lower()


def test_operators_are_named_only_where_they_may_be() -> None:
    context = Context(language("en"), ALMATY, WORLD.facts, {})
    text = event_text(WORLD.event, context, name_operators=False)
    assert not any(one.entity.split("/")[1] in text for one in WORLD.event.operators)


def test_a_retraction_says_so() -> None:
    context = Context(language("en"), ALMATY, WORLD.facts, {})
    gone = msgspec.structs.replace(WORLD.event, retracted=True)
    assert "Retracted" in event_title(gone, "retracted", context)
    assert "no such outage" in event_text(gone, context, name_operators=True)


def test_a_webhook_is_signed_and_has_the_same_id_at_each_attempt() -> None:
    with receiver() as taken:
        for _ in range(2):
            webhook.deliver(alert(), taken.address, SECRET, NOW)
    assert len(taken.requests) == 2
    assert len({request.headers["webhook-id"] for request in taken.requests}) == 1
    for request in taken.requests:
        said = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
        digest = hmac.new(bytes(range(32)), said.encode() + request.body, hashlib.sha256).digest()
        expected = f"v1,{base64.b64encode(digest).decode()}"
        assert request.headers["webhook-signature"] == expected
        body = json.loads(request.body)
        assert body["event"]["id"] == WORLD.event.id
        assert body["simulated"] is True
        assert "state" not in body


def test_a_webhook_in_public_names_no_operator_that_nobody_confirmed() -> None:
    assert WORLD.event.operators
    place = WORLD.event.entity.split("/")[1]
    named = json.loads(webhook.body_of(alert()))["event"]
    bare = json.loads(webhook.body_of(alert(operators_named=False)))["event"]
    assert named["operators"]
    assert bare["operators"] == []
    assert bare["outages"] == [one for one in named["outages"] if one.startswith(f"{place}-")]
    told = json.dumps(bare)
    assert not any(one["entity"].split("/")[1] in told for one in named["operators"])


def test_an_address_of_a_webhook_is_shown_in_no_fault() -> None:
    with receiver(404) as taken, pytest.raises(NotFoundError) as told:
        webhook.deliver(alert(), f"{taken.address}hunter2", SECRET, NOW)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("code", [500, 429, 400])
def test_a_webhook_that_is_not_taken_is_told_at_once(code: int) -> None:
    with receiver(code) as taken, pytest.raises(SourceUnreachableError, match=str(code)):
        webhook.deliver(alert(), taken.address, SECRET, NOW)
    assert len(taken.requests) == 1


def test_a_webhook_that_is_not_there_is_told() -> None:
    with receiver(404) as taken, pytest.raises(NotFoundError):
        webhook.deliver(alert(), taken.address, SECRET, NOW)
    with pytest.raises(SourceUnreachableError):
        webhook.deliver(alert(), "http://127.0.0.1:1/", SECRET, NOW)


def test_a_webhook_follows_no_redirect() -> None:
    with receiver(302) as taken, pytest.raises(SourceUnreachableError, match="302"):
        webhook.deliver(alert(), taken.address, SECRET, NOW)


@pytest.mark.parametrize("address", ["http://example.org/", "ftp://127.0.0.1/", "nonsense"])
def test_a_webhook_in_the_clear_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        webhook.deliver(alert(), address, SECRET, NOW)


@pytest.mark.parametrize("secret", ["whsec_", "hunter2", "whsec_hunter2é"])
def test_a_secret_that_is_none_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(UsageError, match="secret is none") as told:
        webhook.deliver(alert(), "https://127.0.0.1:1/", secret, NOW)
    assert "hunter2" not in str(told.value)


def test_a_messenger_sends_title_text_and_id() -> None:
    with receiver() as taken:
        address = taken.address.replace("http://", "json://")
        messenger.deliver(alert(), address, name="desk")
    (request,) = taken.requests
    body = json.loads(request.body)
    assert body["title"] == alert().title
    assert alert().text in body["message"]
    assert alert().id in body["message"]


def test_a_messenger_that_fails_shows_no_secret() -> None:
    for address in ("json://user:hunter2@127.0.0.1:1/", "nonsense://hunter2"):
        with pytest.raises((SourceUnreachableError, UsageError)) as told:
            messenger.deliver(alert(), address, name="desk")
        assert "hunter2" not in str(told.value)


def test_a_feed_holds_the_newest_first_and_survives_hostile_words() -> None:
    alerts = [alert(id="b", title=HOSTILE, text=f"{HOSTILE}\n{HOSTILE}"), alert(id="a")]
    written = feed(alerts, title="Zicht: desk", language="en", empty_since=NOW)
    root = ET.fromstring(written)  # noqa: S314 - our own bytes
    entries = root.findall(f"{{{ATOM}}}entry")
    titles = [entry.findtext(f"{{{ATOM}}}title") for entry in entries]
    assert titles == ["<script>alert(1)</script> & ]]>", alerts[1].title]
    ids = [entry.findtext(f"{{{ATOM}}}id") for entry in entries]
    assert len(set(ids)) == 2
    assert all(one and one.startswith("urn:uuid:") for one in ids)
    assert root.findtext(f"{{{ATOM}}}updated") == "2030-03-08T12:00:00.123456Z"
    assert feed(alerts, title="Zicht: desk", language="en", empty_since=NOW) == written


def test_an_empty_feed_is_a_feed() -> None:
    root = ET.fromstring(feed([], title="x", language="nl", empty_since=NOW))  # noqa: S314 - ours
    assert root.findtext(f"{{{ATOM}}}updated")


def capped(one: Alert, **changes: Any) -> dict[str, str]:
    fields: dict[str, Any] = {
        "sender": "observatory@example.org",
        "status": "Exercise",
        "language": "en",
        "earlier": (),
    }
    root = ET.fromstring(cap.cap_message(one, **(fields | changes)))  # noqa: S314 - our own bytes
    return {
        element.tag.removeprefix(f"{{{cap.NAMESPACE}}}"): element.text or ""
        for element in root.iter()
    }


def test_a_cap_message_says_what_the_figures_say() -> None:
    message = capped(alert())
    assert message["status"] == "Exercise"
    assert message["msgType"] == "Alert"
    assert message["sent"] == "2030-03-08T12:00:00-00:00"
    assert message["identifier"] == "desk-KZ-20300307-1"
    assert message["category"] == "Infra"
    assert message["severity"] == "Severe"
    assert message["value"] == "KZ"


def test_a_cap_message_of_the_lab_is_never_actual() -> None:
    assert capped(alert(), status="Actual")["status"] == "Exercise"
    assert capped(alert(simulated=False), status="Actual")["status"] == "Actual"


def test_a_cap_message_is_restricted_unless_the_channel_is_public() -> None:
    assert capped(alert())["scope"] == "Restricted"
    assert capped(alert())["restriction"]
    public = capped(alert(), public=True)
    assert (public["scope"], "restriction" in public) == ("Public", False)


def test_a_cap_message_on_a_source_is_of_the_system_and_of_no_outage() -> None:
    message = capped(alert(kind="health", event=None, entity=None), status="Actual")
    assert message["status"] == "System"
    assert "outage" not in message["event"].lower()


def test_later_cap_messages_refer_to_the_earlier_ones() -> None:
    first = alert()
    for kind, said in (("update", "Update"), ("end", "Update"), ("retracted", "Cancel")):
        message = capped(alert(kind=kind, number=2), earlier=[first])
        assert message["msgType"] == said
        assert message["references"] == (
            "observatory@example.org,desk-KZ-20300307-1,2030-03-08T12:00:00-00:00"
        )


def test_cap_messages_survive_hostile_words() -> None:
    message = capped(alert(title=HOSTILE, text=HOSTILE, id="a <b>,& c", entity="country/KZ"))
    assert message["headline"] == "<script>alert(1)</script> & ]]>"
    assert not set(message["identifier"]) & set(" ,<&")
