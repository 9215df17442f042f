"""What holds for every source that is fetched from: each service runs through the same tests."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_worlds import END, LATER, SPOKEN, START, Said, Server, Spoken, World, serving

import zicht.http
from zicht.errors import InputError, SourceRefusesError, SourceUnreachableError, UsageError
from zicht.http import open_client, user_agent
from zicht.model.entity import parse_entity
from zicht.model.series import OBSERVATIONS
from zicht.observe.fetching import fetch_source
from zicht.observe.services import SERVICES
from zicht.sources.fetch.ask import Asker
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from zicht.observe.fetching_pieces import Fetched
    from zicht.sources.service import Answer

TOKEN = "a-token-that-nobody-may-see"  # noqa: S105 - of no service
ALL = pytest.mark.parametrize("spoken", SPOKEN, ids=lambda spoken: spoken.source)
IN_JSON = pytest.mark.parametrize(
    "spoken", [one for one in SPOKEN if not one.columns], ids=lambda spoken: spoken.source
)
SEEING = pytest.mark.parametrize(
    "spoken", [one for one in SPOKEN if one.sees], ids=lambda spoken: spoken.source
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", TOKEN)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def server(spoken: Spoken) -> Iterator[Server]:
    with serving(spoken) as there:
        yield there


def fetch(
    store: Store,
    server: Server,
    *,
    at: datetime = LATER,
    start: datetime = START,
    end: datetime = END,
    pause: Callable[[float], None] = lambda _: None,
) -> Fetched:
    return fetch_source(
        store,
        server.spoken.source,
        server.spoken.entities,
        start,
        end,
        address=server.address,
        pause=pause,
        clock=lambda: at,
    )


def held(store: Store, *, as_of: datetime | None = None) -> Said:
    rows = store.table(as_of=as_of).to_pylist()
    return {
        (row["signal"], row["entity"], row["time"]): row["value"]
        for row in rows
        if row["value"] is not None
    }


def answers(spoken: Spoken, world: World | None = None) -> list[tuple[Any, Answer]]:
    """The requests of a day with their answers, and the piece that they are of."""
    with serving(spoken) as there:
        there.world = world or World()
        service = spoken.service
        entities = [parse_entity(text) for text in spoken.entities]
        (piece,) = service.plan(entities, START, END, there.address)
        with open_client() as client:
            asker = Asker(service, client, address=there.address, pause=lambda _: None)
            return [(piece, answer) for answer in asker.piece(piece)]


@ALL
def test_what_the_service_says_is_stored(spoken: Spoken, server: Server, store: Store) -> None:
    done = fetch(store, server)
    assert held(store) == pytest.approx(spoken.say(World()))
    assert (done.pieces, done.empty, done.revised) == (1, 0, 0)
    assert done.new == len(held(store))
    signals = store.signals()
    assert {signal for signal, _, _ in held(store)} == set(signals)
    (origin,) = store.origins().values()
    assert origin.source == spoken.source
    assert origin.name.startswith(server.address)
    assert origin.licence
    assert origin.citation


@ALL
def test_who_asks_is_said_and_the_pace_is_kept(
    spoken: Spoken, server: Server, store: Store
) -> None:
    waited: list[float] = []
    fetch(store, server, pause=waited.append)
    assert {headers["User-Agent"] for _, headers in server.asked} == {user_agent()}
    assert len(waited) == len(server.asked) - 1
    assert all(0 < one <= spoken.service.pace * len(server.asked) for one in waited)


@ALL
def test_what_is_fetched_for_good_is_not_asked_for_again(
    spoken: Spoken, server: Server, store: Store
) -> None:
    fetch(store, server)
    server.asked.clear()
    again = fetch(store, server)
    assert (server.asked, again.before, again.pieces) == ([], 1, 0)
    assert spoken.service.revised < LATER - END


@SEEING
def test_what_others_saw_is_theirs_with_revisions(
    spoken: Spoken, server: Server, store: Store
) -> None:
    def seen(as_of: datetime | None = None) -> list[tuple[str, datetime, datetime | None, int]]:
        found = store.sightings(as_of=as_of)
        return [(one.entity, one.start, one.end, one.revision) for one in found]

    hour = timedelta(hours=1)
    young = END + spoken.service.settling
    assert fetch(store, server, at=young).sightings == 1
    assert seen() == [("country/KZ", START + 3 * hour, START + 5 * hour, 1)]
    (one,) = store.sightings()
    assert (one.source, one.simulated) == (spoken.source, False)
    assert one.licence
    assert one.citation
    fetch(store, server, at=young + hour)
    assert [revision for *_, revision in seen()] == [1], "what is said again is said once"
    server.world.seen = ((3, 7),)
    fetch(store, server, at=young + 2 * hour)
    assert seen() == [("country/KZ", START + 3 * hour, START + 7 * hour, 2)]
    server.world.seen = ()
    fetch(store, server, at=young + 3 * hour)
    assert seen() == []
    assert seen(young) == [("country/KZ", START + 3 * hour, START + 5 * hour, 1)]


@ALL
def test_what_is_young_is_asked_for_again_and_stored_once(
    spoken: Spoken, server: Server, store: Store
) -> None:
    young = END + spoken.service.settling
    first = fetch(store, server, at=young)
    again = fetch(store, server, at=young)
    assert first.new > 0
    assert (again.new, again.revised, again.before) == (0, 0, 0)
    assert again.unchanged == first.rows - first.gaps


@ALL
def test_revised_values_are_revisions(spoken: Spoken, server: Server, store: Store) -> None:
    young = END + spoken.service.settling
    fetch(store, server, at=young)
    before = held(store)
    server.world.factor = 1.5
    done = fetch(store, server, at=young + timedelta(hours=1))
    assert done.revised > 0
    assert held(store) == pytest.approx(spoken.say(World(factor=1.5)))
    assert held(store, as_of=young) == before


@ALL
def test_late_values_are_stored_when_they_come(
    spoken: Spoken, server: Server, store: Store
) -> None:
    young = END + spoken.service.settling
    server.world.until = START + timedelta(hours=12)
    fetch(store, server, at=young)
    early = held(store)
    server.world.until = LATER
    fetch(store, server, at=young + timedelta(hours=1))
    assert held(store) == pytest.approx(spoken.say(World()))
    assert set(early) <= set(held(store))


@ALL
def test_bins_that_may_still_be_partial_are_left_out(
    spoken: Spoken, server: Server, store: Store
) -> None:
    middle = START + timedelta(hours=13)
    fetch(store, server, at=middle, end=END)
    lengths = {one.name: 0 if one.instant else one.step for one in store.signals().values()}
    for signal, _, at in held(store):
        assert at + timedelta(seconds=lengths[signal]) <= middle - spoken.service.settling


@ALL
def test_nothing_is_nothing_and_never_zero(server: Server, store: Store) -> None:
    server.world.empty = True
    done = fetch(store, server)
    assert (done.pieces, done.empty, done.rows) == (1, 1, 0)
    assert held(store) == {}
    assert store.keys() == []


@ALL
def test_what_a_service_does_not_have_is_nothing(server: Server, store: Store) -> None:
    server.faults = ["code 404"] * 100
    assert fetch(store, server).empty == 1
    assert store.keys() == []


@ALL
def test_faults_that_pass_are_waited_out(spoken: Spoken, server: Server, store: Store) -> None:
    server.faults = ["code 429", "code 503", "cut", "", "gzip", "packed"]
    waited: list[float] = []
    fetch(store, server, pause=waited.append)
    assert held(store) == pytest.approx(spoken.say(World()))
    assert len(waited) >= 3


@ALL
@pytest.mark.parametrize("fault", ["code 500", "cut", "gzip"])
def test_a_service_that_keeps_failing_is_said_to(server: Server, store: Store, fault: str) -> None:
    server.faults = [fault] * 100
    with pytest.raises(SourceUnreachableError) as raised:
        fetch(store, server)
    assert raised.value.exit_code == 4
    assert len(server.asked) == 4
    assert store.keys() == []


@ALL
def test_a_question_that_is_not_taken_is_told_with_the_reason(server: Server, store: Store) -> None:
    server.faults = ["code 400"] * 100
    with pytest.raises(SourceRefusesError, match=r"does not take this question.*unknown place"):
        fetch(store, server)
    assert len(server.asked) == 1
    assert store.keys() == []
    server.faults = []
    assert fetch(store, server).new > 0, "what was refused is asked for again"


@ALL
def test_one_entity_that_is_not_known_does_not_hide_another(
    spoken: Spoken, server: Server, store: Store
) -> None:
    server.strange = "TO"
    done = fetch_source(
        store,
        spoken.source,
        ["country/TO", *spoken.entities],
        START,
        END,
        address=server.address,
        pause=lambda _: None,
        clock=lambda: LATER,
    )
    assert held(store) == pytest.approx(spoken.say(World()))
    told = [note for note in done.notes if "unknown place" in note]
    assert (done.refused, len(told)) in {(0, 0), (1, 1)}


@ALL
def test_a_service_that_wants_to_be_left_alone_is(server: Server, store: Store) -> None:
    server.faults = ["alone"]
    with pytest.raises(SourceUnreachableError, match="left alone for 86400 seconds") as raised:
        fetch(store, server)
    assert raised.value.wait == 86_400
    assert len(server.asked) == 1


@ALL
def test_a_service_that_says_nothing_is_given_up(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zicht.http, "_TIMEOUT", 0.2)
    server.faults = ["silent"] * 100
    with pytest.raises(SourceUnreachableError, match="nothing came for"):
        fetch(store, server)


@ALL
def test_nobody_there_is_told(spoken: Spoken, store: Store) -> None:
    with serving(spoken) as there:
        pass
    with pytest.raises(SourceUnreachableError, match="could not be reached"):
        fetch(store, there)


@ALL
def test_a_redirect_elsewhere_is_refused_and_no_token_goes_there(
    spoken: Spoken, server: Server, store: Store
) -> None:
    with serving(spoken) as other:
        server.faults = [f"elsewhere {other.address}"]
        with pytest.raises(SourceUnreachableError, match="sends elsewhere") as raised:
            fetch(store, server)
        assert other.asked == []
    assert TOKEN not in str(raised.value)


@ALL
def test_a_redirect_on_the_same_host_is_followed(
    spoken: Spoken, server: Server, store: Store
) -> None:
    server.faults = ["moved"]
    fetch(store, server)
    assert held(store) == pytest.approx(spoken.say(World()))
    assert server.asked[1][0].startswith("/moved")


@ALL
def test_a_web_page_instead_of_an_answer_is_refused(server: Server, store: Store) -> None:
    server.faults = ["html"]
    with pytest.raises(InputError, match="web page"):
        fetch(store, server)
    assert store.keys() == []


@IN_JSON
def test_half_of_an_answer_is_refused(server: Server, store: Store) -> None:
    server.faults = ["short"]
    with pytest.raises(InputError):
        fetch(store, server)
    assert store.keys() == []


@ALL
def test_what_has_not_changed_is_not_sent_again(
    spoken: Spoken, server: Server, store: Store
) -> None:
    server.validators = True
    young = END + spoken.service.settling
    fetch(store, server, at=young)
    first = held(store)
    server.asked.clear()
    again = fetch(store, server, at=young)
    assert again.new == again.revised == 0
    assert again.unchanged == len(first)
    asked = [headers for _, headers in server.asked]
    assert all("If-None-Match" in headers for headers in asked)
    server.world.factor = 2.0
    assert fetch(store, server, at=young + timedelta(hours=1)).revised > 0 or not asked


@ALL
def test_more_than_is_reasonable_is_not_read(spoken: Spoken, server: Server) -> None:
    service = spoken.service
    entities = [parse_entity(text) for text in spoken.entities]
    (piece,) = service.plan(entities, START, END, server.address)
    with open_client() as client:
        asker = Asker(service, client, address=server.address, pause=lambda _: None)
        with pytest.raises(SourceUnreachableError, match="more than"):
            asker.ask(replace(piece.requests[0], largest=20))
    assert all(0 < one.largest <= 256 << 20 for one in piece.requests)


@ALL
def test_a_run_that_broke_off_goes_on_where_it_was(
    spoken: Spoken, server: Server, store: Store
) -> None:
    late = LATER + timedelta(days=1000)
    begin = START - 2 * spoken.service.longest
    server.world.until = late
    entities = [parse_entity(text) for text in spoken.entities]
    pieces = list(spoken.service.plan(entities, begin, END, server.address))
    assert len(pieces) >= 3
    assert all(one.end - one.start <= spoken.service.longest for one in pieces)
    assert [one.end for one in pieces[:-1]] == [one.start for one in pieces[1:]]
    server.faults = [""] * len(pieces[0].requests) + ["code 403"]
    with pytest.raises(SourceUnreachableError, match=f"1 of {len(pieces)} pieces are stored"):
        fetch(store, server, at=late, start=begin)
    assert min(at for _, _, at in held(store)) >= begin
    done = fetch(store, server, at=late, start=begin)
    assert (done.before, done.pieces) == (1, len(pieces) - 1)
    assert done.revised == 0


@ALL
def test_an_address_that_is_none_and_entities_that_it_does_not_tell_of_are_refused(
    spoken: Spoken, store: Store
) -> None:
    def ask(entity: str, address: str) -> None:
        fetch_source(store, spoken.source, [entity], START, END, address=address)

    with pytest.raises(UsageError, match="no address"):
        ask("country/KZ", "ftp://example.org")
    with pytest.raises(UsageError):
        ask("region/KZ/nowhere", "http://127.0.0.1:1")
    with pytest.raises(UsageError, match="Nothing lies between"):
        fetch_source(store, spoken.source, ["country/KZ"], END, START)


@ALL
def test_another_address_may_come_from_the_environment(
    spoken: Spoken, server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(spoken.service.variable, f"{server.address}/")
    done = fetch_source(
        store, spoken.source, spoken.entities, START, END, pause=lambda _: None, clock=lambda: LATER
    )
    assert done.address == server.address
    assert server.asked


@IN_JSON
def test_fields_that_are_not_known_are_passed_over(
    spoken: Spoken, server: Server, store: Store
) -> None:
    server.change = lambda text: _each_object(text, lambda one: one | {"novelty": [{"a": 1}]})
    fetch(store, server)
    assert held(store) == pytest.approx(spoken.say(World()))


@pytest.mark.parametrize(
    ("spoken", "name"),
    [(one, name) for one in SPOKEN for name in one.needed],
    ids=lambda value: value if isinstance(value, str) else value.source,
)
def test_a_field_that_is_missing_is_named(
    spoken: Spoken, name: str, server: Server, store: Store
) -> None:
    if spoken.columns:
        server.change = lambda text: text.replace(name, "other")
    else:
        server.change = lambda text: _each_object(
            text, lambda one: {key: value for key, value in one.items() if key != name}
        )
    with pytest.raises(InputError, match=name):
        fetch(store, server)


@ALL
@quick
@given(data=st.data())
def test_damaged_answers_are_read_or_refused(spoken: Spoken, data: st.DataObject) -> None:
    piece_answers = answers_of(spoken)
    index = data.draw(st.integers(0, len(piece_answers) - 1))
    piece, answer = piece_answers[index]
    text = bytearray(answer.data)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(text) - 1)))
        pieces = [b"", b'"', b",", b"-", b"9", b"e999", b"null", b"NaN", b"[", b"{}", b"\xff"]
        text[place : place + data.draw(st.integers(0, 4))] = data.draw(st.sampled_from(pieces))
    check(spoken, piece, [answer for _, answer in piece_answers], index, bytes(text))


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1e308,
        2**70,
        -(2**70),
        "",
        "x",
        "1e999",
        "NaN",
        [],
        {},
        [[]],
        [None],
        "2022",
    ]
)


@IN_JSON
@quick
@given(data=st.data())
def test_values_of_other_types_are_read_or_refused(spoken: Spoken, data: st.DataObject) -> None:
    piece_answers = answers_of(spoken)
    index = data.draw(st.integers(0, len(piece_answers) - 1))
    piece, answer = piece_answers[index]
    contents = json.loads(answer.data.removeprefix(b")]}'"))
    _spoil(contents, data)
    text = json.dumps(contents).encode()
    check(spoken, piece, [answer for _, answer in piece_answers], index, text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@ALL
@quick
@given(contents=JSON.map(lambda one: json.dumps(one).encode()) | st.binary(max_size=200))
def test_anything_is_read_or_refused(spoken: Spoken, contents: bytes) -> None:
    piece_answers = answers_of(spoken)
    for index, (piece, _) in enumerate(piece_answers[:3]):
        check(spoken, piece, [answer for _, answer in piece_answers], index, contents)


@ALL
def test_answers_nested_too_deep_are_refused(spoken: Spoken) -> None:
    piece_answers = answers_of(spoken)
    piece, answer = piece_answers[0]
    with pytest.raises(InputError):
        spoken.service.parse(piece, [replace(answer, data=b"[" * 100_000)])


@ALL
def test_what_is_recent_is_all_that_may_still_change(spoken: Spoken) -> None:
    entities = [parse_entity(text) for text in spoken.entities]
    now = START + timedelta(hours=7, minutes=3)
    pieces = list(spoken.service.recent(entities, now, "https://example.org"))
    assert min(piece.start for piece in pieces) <= now - spoken.service.revised
    assert max(piece.end for piece in pieces) >= now
    assert len(pieces) <= 2


@ALL
def test_every_service_says_how_it_wants_to_be_asked(spoken: Spoken) -> None:
    service = spoken.service
    assert (service.name, service.address[:8]) == (spoken.source, "https://")
    assert not service.address.endswith("/")
    assert service.pace >= 1.0
    assert timedelta(0) <= service.settling < service.revised
    assert timedelta(minutes=5) <= service.cadence <= timedelta(days=1)
    for signal in service.signals:
        assert signal.source == spoken.source
        assert signal.licence
        assert signal.citation
        assert signal.inputs
        assert signal.tells_outages or signal.platform or signal.scale == "index"


def test_every_service_is_in_this_suite() -> None:
    assert {one.source for one in SPOKEN} == set(SERVICES)


def test_a_source_without_a_service_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="no source that can be fetched"):
        fetch_source(store, "mlab", ["KZ"], START, END)


_ANSWERS: dict[str, list[tuple[Any, Answer]]] = {}


def answers_of(spoken: Spoken) -> list[tuple[Any, Answer]]:
    """The answers of a day, fetched once."""
    if spoken.source not in _ANSWERS:
        _ANSWERS[spoken.source] = answers(spoken)
    return _ANSWERS[spoken.source]


def check(spoken: Spoken, piece: Any, all_: list[Answer], index: int, data: bytes) -> None:
    """What is read of damaged answers is whole observations of known signals, or it is refused."""
    changed = [*all_[:index], replace(all_[index], data=data), *all_[index + 1 :]]
    with suppress(InputError):
        for one in changed[index : index + 1]:
            spoken.service.more(one)
        parsed = spoken.service.parse(piece, changed)
        table = parsed.observations
        assert table.schema == OBSERVATIONS
        keys = [tuple(row.values())[:3] for row in table.to_pylist()]
        assert len(set(keys)) == len(keys)
        assert {key[0] for key in keys} <= {signal.name for signal in parsed.signals}
        values = table["value"].drop_null().to_numpy()
        assert np.isfinite(values).all()
        assert (values >= 0).all()


def _each_object(text: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    guard = ")]}'" if text.startswith(")]}'") else ""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(one) for one in value]
        if isinstance(value, dict):
            return change({key: walk(one) for key, one in value.items()})
        return value

    return guard + json.dumps(walk(json.loads(text.removeprefix(guard))))


def _spoil(contents: Any, data: st.DataObject) -> None:
    """Put something odd somewhere."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = range(len(value)) if isinstance(value, list) else list(value)
        for key in list(keys)[:6]:
            places.append((value, key))
            if isinstance(value[key], list | dict):
                walk(value[key])

    if isinstance(contents, list | dict):
        walk(contents)
    if places:
        container, key = data.draw(st.sampled_from(places))
        container[key] = data.draw(ODD)
