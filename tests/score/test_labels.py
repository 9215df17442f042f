"""Label files: our own format, the lab's truth, IODA's investigated outages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zicht.errors import BadRowError, InputError
from zicht.score.labels import LabelFile, parse_labels

RECORDINGS = Path(__file__).parents[2] / "benchmarks" / "labels" / "recordings.toml"
HEADER = (
    "ID,Begin time,End time,Country,IODA BGP visible by human,IODA AP visible by human,"
    "IODA IBR visible by human,"
    "Scope (based on granularity at which the outage appears in IODA),Region,AS,Cause\n"
)


def read(text: str, name: str = "labels.csv", *, skip_bad: bool = False) -> LabelFile:
    return parse_labels(text.encode(), name=name, skip_bad=skip_bad)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, 7, day, hour, minute, tzinfo=UTC)


def test_three_columns_are_enough() -> None:
    (one,) = read("entity,begin,end\nKZ,2022-01-05T10:30,\n").labels
    assert (one.entity, one.end, one.signal, one.plane) == ("country/KZ", None, None, None)
    assert one.begin[0] == one.begin[1] == datetime(2022, 1, 5, 10, 30, tzinfo=UTC)
    assert one.event == "country/KZ 2022-01-05"
    assert one.source == "labels.csv"


def test_all_columns_are_read() -> None:
    text = (
        "entity,begin,begin_latest,end,end_latest,event,signal,plane,depth_percent,cause,"
        "simulated,source\n"
        "AS9198,2020-07-01,2020-07-02,2020-07-03,2020-07-04,e,s.t,data,12.5,cut,true,me\n"
    )
    (one,) = read(text).labels
    assert one.begin == (utc(1, 0), utc(2, 0))
    assert one.end == (utc(3, 0), utc(4, 0))
    assert (one.event, one.signal, one.plane, one.depth_percent) == ("e", "s.t", "data", 12.5)
    assert (one.cause, one.simulated, one.source) == ("cut", True, "me")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("KZ,yesterday,", "begin"),
        ("KZ,2022-01-05,soon", "end"),
        ("Nowhere,2022-01-05,", "entity"),
        ("KZ,2022-01-05,2022-01-04", "end"),
        ("KZ,2022-01-05,2022-01-05", "end"),
    ],
)
def test_a_bad_row_is_named_or_skipped_and_counted(row: str, column: str) -> None:
    text = f"entity,begin,end\nKZ,2022-01-01,\n{row}\n"
    with pytest.raises(BadRowError) as raised:
        read(text)
    assert (raised.value.line, raised.value.column) == (3, column)
    file = read(text, skip_bad=True)
    assert (len(file.labels), len(file.bad_rows)) == (1, 1)


@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", "entity,begin,end,colour\n"])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no label file"):
        read(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="no text"):
        parse_labels(b"\xff\xfe", name="labels.csv")


def test_the_labs_truth_is_of_a_simulated_world() -> None:
    text = (
        "signal,entity,plane,begin,end,depth_percent,unseen_by,simulated\n"
        "lab.x,country/KZ,data,2022-01-05T10:30:00Z,2022-01-05T12:00:00Z,3.5,atlas counts 1,true\n"
    )
    (one,) = read(text).labels
    assert one.simulated
    assert (one.signal, one.depth_percent) == ("lab.x", 3.5)


def test_toml_has_intervals_several_entities_and_quiet_stretches() -> None:
    text = """
        [[label]]
        event = "e"
        entities = ["KZ", "AS9198"]
        signals = ["a.b", "c.d"]
        begin = [2020-07-01T00:00:00Z, 2020-07-01T06:00:00Z]
        end = 2020-07-03T00:00:00Z
        source = "me"
        [[quiet]]
        entities = ["KZ"]
        signals = ["e.f"]
        begin = 2020-07-01T00:00:00Z
        end = 2020-07-02T00:00:00Z
        source = "me"
    """
    file = read(text, "labels.toml")
    assert [(one.entity, one.signal) for one in file.labels] == [
        ("country/KZ", "a.b"),
        ("country/KZ", "c.d"),
        ("asn/9198", "a.b"),
        ("asn/9198", "c.d"),
    ]
    assert file.labels[0].begin == (utc(1, 0), utc(1, 6))
    assert file.labels[0].end == (utc(3, 0), utc(3, 0))
    assert (file.quiet[0].entity, file.quiet[0].signal) == ("country/KZ", "e.f")


@pytest.mark.parametrize(
    "text",
    [
        "[[label]",
        '[[label]]\nentities = ["KZ"]\nsource = "me"\n',
        '[[label]]\nentities = ["nowhere"]\nbegin = 2020-07-01T00:00:00Z\nsource = "me"\n',
        (
            '[[label]]\nentities = ["KZ"]\nbegin = 2020-07-02T00:00:00Z\n'
            'end = 2020-07-01T00:00:00Z\nsource = "me"\n'
        ),
        '[[lable]]\nentities = ["KZ"]\nbegin = 2020-07-02T00:00:00Z\nsource = "me"\n',
    ],
)
def test_toml_that_is_not_right_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"labels\.toml"):
        read(text, "labels.toml")


def test_the_facts_of_the_recordings_can_be_read_and_each_says_who_read_it_where() -> None:
    file = parse_labels(RECORDINGS.read_bytes(), name=RECORDINGS.name)
    assert len({one.event for one in file.labels}) == 2
    sources = [one.source for one in file.labels] + [one.source for one in file.quiet]
    for source in sources:
        assert any(word in source for word in ("README", "notes", "list", "read by us"))


@pytest.mark.parametrize(
    ("begin", "end", "wanted"),
    [
        ('"Tuesday, July 28, 2020, 11:10:00 AM"', "7/28/2020  17:00:00 PM", (28, 11, 10, 28, 17)),
        ('"Tuesday, July 28, 2020, 12:10:00 AM"', "7/28/2020  16:1:00 PM", (28, 0, 10, 28, 16)),
        ('"Wednesday July 1, 2020, 11:00 PM"', "7/2/2020 23:40:00 AM", (1, 23, 0, 2, 23)),
        ('"July 1, 2020, 12:00:00 PM"', '"Monday, July 2, 2020, 9:00 PM"', (1, 12, 0, 2, 21)),
    ],
)
def test_the_lists_ways_to_write_a_time(
    begin: str, end: str, wanted: tuple[int, int, int, int, int]
) -> None:
    (one,) = read(f"{HEADER}A,{begin},{end},Turkey,TRUE,FALSE,NA,Country,,,Exams\n").labels
    assert one.begin[0] == utc(*wanted[:3])
    assert one.end is not None
    assert (one.end[0].day, one.end[0].hour) == wanted[3:]
    assert (one.entity, one.signal, one.event, one.cause) == (
        "country/TR",
        "ioda.bgp",
        "A",
        "Exams",
    )


@pytest.mark.parametrize(
    ("country", "scope", "entity"),
    [
        ("Venezuela", "Region (Táchira)", "region/VE/tachira"),
        ("Iran", "AS (12880)", "asn/12880"),
        ("Ivory Coast (Cote d'Ivoire)", "Country", "country/CI"),
        ("Democratic Republic of (DRC)", "Country", "country/CD"),
        ("Myanmar/Burma", "Country", "country/MM"),
        ("Timor Leste", "Country", "country/TL"),
        ("Reunion", "Country", "country/RE"),
    ],
)
def test_the_lists_ways_to_name_a_place(country: str, scope: str, entity: str) -> None:
    text = (
        f'{HEADER}A,"July 1, 2020, 1:00 AM","July 1, 2020, 2:00 AM",{country},NA,,NA,{scope},,,\n'
    )
    (one,) = read(text).labels
    assert one.entity == entity
    assert one.signal is None, "the row does not say in which signal it was seen"


def test_of_the_real_list_a_hundred_rows_are_named_as_bad(data_folder: Path) -> None:
    path = data_folder / "labels/ioda-investigated-outages-2018-2020.csv"
    file = parse_labels(path.read_bytes(), name=path.name, skip_bad=True)
    kinds = Counter(row.expected for row in file.bad_rows)
    assert sorted(kinds.values()) == [29, 71], "29 lack an end, 71 end before they begin"
    assert len({one.event for one in file.labels}) == 1253 - 100
    national = {one.event for one in file.labels if one.entity.startswith("country/")}
    assert len(national) == 619
    assert {one.signal for one in file.labels} <= {
        None,
        "ioda.bgp",
        "ioda.ping-slash24",
        "ioda.ucsd-nt",
    }
