"""One alert an event with updates and an end, to each channel, at least once, over restarts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from alert_world import KEY, World, at, event
from hypothesis import given, settings
from hypothesis import strategies as st
from receiving import receiver

from zicht.cli import run
from zicht.errors import InputError, NotFoundError, UsageError
from zicht.observe.alerts import confirm, refuse
from zicht.observe.delivery import try_channels
from zicht.observe.settings import read_settings
from zicht.publish.alerts.settings import Atom, Cap, Messenger, QuietHours, Rule, Webhook
from zicht.store import open_store


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(open_store(tmp_path / "store", create=True))


@pytest.fixture
def feed(tmp_path: Path) -> Atom:
    return Atom(name="desk", file=str(tmp_path / "alerts.xml"))


def test_an_event_is_told_updated_and_ended_and_never_repeated(world: World, feed: Atom) -> None:
    kinds = []
    steps = [
        (1.0, event()),
        (1.1, event()),
        (2.5, event(depth_percent=30.0)),
        (2.6, event(depth_percent=60.0)),  # too soon after the update
        (3.0, event(depth_percent=60.0, end=(at(2.9), at(2.9)), ongoing=False)),
        (4.0, event(depth_percent=60.0, end=(at(2.9), at(2.9)), ongoing=False)),
    ]
    for hours, seen in steps:
        world.see(seen, hours=hours)
        kinds.append([one.kind for one in world.tell([feed], hours)])
    assert kinds == [["new"], [], ["update"], [], ["end"], []]
    root = ET.parse(feed.file).getroot()  # noqa: S314 - our own file
    assert len(root.findall("{http://www.w3.org/2005/Atom}entry")) == 3


def test_who_is_told_of_what_lasts_is_told_though_nothing_changes(world: World, feed: Atom) -> None:
    lasting = msgspec.structs.replace(feed, rules=(Rule(lasting_minutes=120),))
    for hours in (1, 1.5, 2.5):
        world.see(event(seen_at=hours), hours=hours)
        told = world.tell([lasting], hours)
        assert len(told) == (hours > 2)
    unknown = event("IR", ongoing=None, seen_at=2.5)
    world.see(unknown, hours=2.5)
    assert [one.entity for one in world.tell([lasting], 9)] == ["country/IR"]
    world.see(event("NL", ongoing=None), hours=2.5)
    assert world.tell([lasting], 9) == [], "that it went on is not known"


def test_a_retracted_event_is_taken_back_where_it_was_told(world: World, feed: Atom) -> None:
    world.see(event(), hours=1)
    world.tell([feed], 1)
    world.see(event(retracted=True), hours=2)
    (told,) = world.tell([feed], 2)
    assert told.kind == "retracted"
    assert world.tell([feed], 3) == []


def test_what_was_retracted_before_it_went_out_is_never_told(world: World, feed: Atom) -> None:
    held = msgspec.structs.replace(feed, public=True)
    world.see(event(), hours=1)
    world.tell([held], 1)
    world.see(event(retracted=True), hours=2)
    assert world.tell([held], 2) == []
    (dropped,) = world.store.alerts()
    assert (dropped.state, dropped.because) == (
        "dropped",
        "the event was retracted before it went out",
    )


def test_a_webhook_that_is_down_is_tried_again_later_and_told_the_present_state_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", KEY)
    with receiver(503) as taken:
        hook = Webhook(name="desk", address=taken.address, secret_variable="HOOK")  # noqa: S106 - the name of a variable
        world.see(event(), hours=1)
        (tried,) = world.tell([hook], 1)
        assert (tried.state, tried.tries) == ("pending", 1)
        assert tried.fault is not None
        assert world.tell([hook], 1.01) == [], "it waits a minute"
        (tried,) = world.tell([hook], 1.02)
        assert tried.tries == 2

        taken.code = 204
        world.see(event(depth_percent=40.0), hours=3)
        reopened = World(open_store(world.store.path))
        (told,) = reopened.tell([hook], 3)
    assert (told.state, told.kind) == ("delivered", "new"), "nobody had heard of it yet"
    bodies = [json.loads(request.body) for request in taken.requests]
    assert bodies[-1]["event"]["depth_percent"] == 40.0
    assert [one.state for one in world.store.alerts()] == ["dropped", "delivered"]


def test_a_broken_channel_holds_up_no_other(world: World, feed: Atom) -> None:
    broken = Messenger(name="broken", address_variable="NOT_SET")
    world.see(event(), hours=1)
    told = {one.channel: one for one in world.tell([broken, feed], 1)}
    assert told["desk"].state == "delivered"
    assert told["broken"].state == "pending"
    assert "NOT_SET is not set" in (told["broken"].fault or "")


def test_what_is_public_waits_for_a_person(world: World, feed: Atom) -> None:
    public = msgspec.structs.replace(feed, public=True)
    world.see(event(), hours=1)
    assert world.tell([public], 1) == []
    (held,) = world.store.alerts()
    assert held.state == "held"
    confirm(world.store, held.id, by="A. Editor", now=at(2))
    (told,) = world.tell([public], 2)
    assert (told.state, told.confirmed_by) == ("delivered", "A. Editor")
    assert "A. Editor" not in Path(feed.file).read_text(encoding="utf-8")


def test_a_person_may_refuse_and_later_news_waits_anew(world: World, feed: Atom) -> None:
    public = msgspec.structs.replace(feed, public=True)
    world.see(event(), hours=1)
    world.tell([public], 1)
    refuse(world.store, "desk KZ-20300307 1", now=at(1))
    assert world.tell([public], 2) == []
    world.see(event(depth_percent=60.0), hours=3)
    world.tell([public], 3)
    assert [one.state for one in world.store.alerts()] == ["dropped", "held"]
    with pytest.raises(UsageError, match="is dropped, and not held"):
        confirm(world.store, "desk KZ-20300307 1")
    with pytest.raises(NotFoundError, match="no alert 'x'"):
        refuse(world.store, "x")


def test_quiet_hours_hold_back_but_for_what_is_loud(world: World, feed: Atom) -> None:
    quiet = QuietHours(begin=time(8), end=time(14))
    loud = Rule(below_percent=10, despite_quiet_hours=True)
    sleeping = msgspec.structs.replace(feed, quiet_hours=quiet)
    waking = msgspec.structs.replace(sleeping, name="loud", rules=(loud, Rule()))
    world.see(event(), hours=1)
    assert [one.channel for one in world.tell([sleeping, waking], 1)] == ["loud"]
    assert [one.channel for one in world.tell([sleeping, waking], 5)] == ["desk"]


def test_cap_files_are_an_exercise_and_refer_to_one_another(world: World, tmp_path: Path) -> None:
    channel = Cap(name="cap", folder=str(tmp_path), sender="o@example.org")
    world.see(event(), hours=1)
    world.tell([channel], 1)
    world.see(event(end=(at(2), at(2)), ongoing=False), hours=3)
    world.tell([channel], 3)
    first, second = (
        ET.parse(tmp_path / f"cap-KZ-20300307-{number}.xml").getroot()  # noqa: S314 - our own file
        for number in (1, 2)
    )
    space = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert first.findtext(f"{space}status") == second.findtext(f"{space}status") == "Exercise"
    assert first.findtext(f"{space}references") is None
    assert "cap-KZ-20300307-1" in (second.findtext(f"{space}references") or "")


@settings(max_examples=20)  # each on a store of its own
@given(
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["on", "over", "gone"])), max_size=8)
)
def test_no_course_of_an_event_tells_it_new_twice(
    tmp_path_factory: pytest.TempPathFactory, course: list[tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("course")
    world = World(open_store(folder / "store", create=True))
    feed = Atom(name="desk", file=str(folder / "feed.xml"), update_minutes=0)
    told = []
    for step, (depth, state) in enumerate(course):
        end = (at(step), at(step)) if state == "over" else None
        seen = event(
            depth_percent=float(depth), end=end, ongoing=end is None, retracted=state == "gone"
        )
        world.see(seen, hours=step)
        told += [one.kind for one in world.tell([feed], step)]
    assert told.count("new") <= 1
    assert "new" in told[:1] or not told
    for before, after in pairwise(told):
        assert (before, after) not in {("end", "end"), ("retracted", "retracted")}


SETTINGS = """
[[channel]]
kind = "atom"
name = "desk"
file = "{folder}/alerts.xml"
rules = [{{ entities = ["KZ"], below_percent = 50 }}]
quiet_hours = {{ begin = 22:00:00, end = 07:00:00, zone = "Europe/Amsterdam" }}

[[channel]]
kind = "webhook"
name = "hook"
address = "https://example.org/"
secret_variable = "HOOK"
public = true
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("below_percent", "below_percnt", "'below_percnt' is no key here. Did you mean"),
        ('kind = "atom"', 'kind = "atm"', "atm"),
        ("= 50", "= 500", "<= 100"),
        ('"KZ"', '"Kazachstan"', "Kazachstan"),
        ("Europe/Amsterdam", "Europe/Amsterdm", "no time zone"),
        ('name = "hook"', 'name = "desk"', "is called 'desk' too"),
        ("[[channel]]", "[[chanel]]", "Did you mean 'channel'"),
        ('name = "desk"', "", "'name' is missing"),
        ("= 22:00:00", "= 22", "begin"),
        ("[[", "[", "no TOML"),
    ],
)
def test_wrong_settings_say_where_and_what(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    path = tmp_path / "zicht.toml"
    path.write_text(SETTINGS.format(folder=tmp_path).replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"zicht\.toml") as error:
        read_settings(path)
    assert told in str(error.value)


def test_right_settings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "zicht.toml"
    path.write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    desk, hook = read_settings(path).channel
    assert isinstance(desk, Atom)
    assert isinstance(hook, Webhook)
    assert hook.public
    assert hook.embargo
    with pytest.raises(InputError, match="cannot be read"):
        read_settings(tmp_path / "other.toml")


def test_a_test_reaches_private_channels_and_public_ones_by_name(tmp_path: Path) -> None:
    private = Atom(name="desk", file=str(tmp_path / "a.xml"))
    public = Atom(name="web", file=str(tmp_path / "b.xml"), public=True)
    now = at(0)
    assert [one.channel for one in try_channels([private, public], now=now)] == ["desk"]
    assert [one.channel for one in try_channels([private, public], ["web"], now=now)] == ["web"]
    with pytest.raises(UsageError, match="Did you mean 'desk'"):
        try_channels([private], ["dsk"])
    with pytest.raises(UsageError, match="no channel to test"):
        try_channels([public])
    unset = Messenger(name="unset", address_variable="NOT_SET")
    (told,) = try_channels([unset], now=now)
    assert not told.reached


def test_a_test_leaves_a_feed_as_it_was(world: World, feed: Atom) -> None:
    world.see(event(), hours=1)
    world.tell([feed], 1)
    before = Path(feed.file).read_bytes()
    (told,) = try_channels([feed])
    assert told.reached
    assert Path(feed.file).read_bytes() == before


def test_the_commands_tell_hold_confirm_and_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    file = tmp_path / "zicht.toml"
    file.write_text(
        f'[[channel]]\nkind = "atom"\nname = "web"\nfile = "{tmp_path}/web.xml"\npublic = true\n',
        encoding="utf-8",
    )
    now = datetime.now(UTC)
    seen = event(onset=(now - timedelta(hours=1),) * 2, as_of=now)
    open_store(store, create=True).write_detection(
        outages=(), events=[seen], sicknesses=(), known_at=now
    )
    base = ["--store", str(store), "--format", "json"]
    assert run([*base, "alert", "send", "--settings", str(file)]) == 0
    assert run([*base, "alert", "list", "--held"]) == 0
    (held,) = json.loads(capsys.readouterr().out.split("\n]\n")[1] + "]")
    assert held["state"] == "held"
    assert run([*base, "alert", "confirm", held["id"], "--by", "me"]) == 0
    assert run([*base, "alert", "send", "--settings", str(file)]) == 0
    assert (tmp_path / "web.xml").exists()
    capsys.readouterr()
    assert run([*base, "alert", "list", "--undelivered"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run([*base, "alert", "test", "web", "--settings", str(file)]) == 0
    assert run([*base, "alert", "refuse", held["id"]]) == 2
    file.write_text('[[channel]]\nkind = "atom"\nname = "web"\nfile = "/nowhere/x.xml"\n')
    assert run([*base, "alert", "test", "--settings", str(file)]) == 1
