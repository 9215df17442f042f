from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zicht.errors import InputError, UsageError
from zicht.sources.bgp.archives import (
    ArchiveFile,
    Gap,
    lengths_of,
    months_of,
    parse_listing,
    ribs_for,
    steps_of,
    updates_for,
)
from zicht.sources.bgp.collectors import PROJECTS, collectors, find_collectors

MIDNIGHT = datetime(2024, 10, 1, tzinfo=UTC)

APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of /c/bgpdata/2022.10/UPDATES</title></head><body>
<table><tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><a href="/c/bgpdata/2022.10/">Parent Directory</a></td><td>&nbsp;</td><td>-</td></tr>
<tr><td><a href="updates.20221001.0000.bz2">updates.20221001.000..&gt;</a></td>
<td align="right">2022-10-01 00:02  </td><td align="right"> 14 </td><td>&nbsp;</td></tr>
<tr><td><a href="updates.20221001.0015.bz2">updates.20221001.001..&gt;</a></td>
<td align="right">2022-10-01 00:17  </td><td align="right">1.5M</td><td>&nbsp;</td></tr>
</table></body></html>"""

NGINX = """<html><head><title>Index of /rrc00/2001.01/</title></head><body>
<h1>Index of /rrc00/2001.01/</h1><hr><pre><a href="../">../</a>
<a href="latest-bview.gz">latest-bview.gz</a>                 01-Jan-2001 06:09     12M
<a href="bview.20010101.0609.gz">bview.20010101.0609.gz</a>   01-Jan-2001 06:10     12M
<a href="updates.20010131.2251.gz">updates.20010131.2251.gz</a>  31-Jan-2001 22:51     97K
<a href="updates.20010131.2236.gz">updates.20010131.2236.gz</a>  31-Xyz-2001 22:36     98K
<a href="updates.20010132.2236.gz">no such day</a>
<a href="bview.20010101.0609.gz.md5">check sum</a>
</pre></body></html>"""


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def updates(*minutes: float) -> list[ArchiveFile]:
    return [file("updates", minute) for minute in minutes]


def file(kind: str, minutes: float) -> ArchiveFile:
    word = "bview" if kind == "rib" else kind
    name = f"{word}.{at(minutes):%Y%m%d.%H%M}.gz"
    return ArchiveFile(
        collector="rrc00",
        kind="rib" if kind == "rib" else "updates",
        name=name,
        address=f"http://archive/{name}",
        time=at(minutes),
    )


def test_a_listing_of_apache_tells_names_and_times() -> None:
    listed = parse_listing(APACHE.encode(), address="http://a/UPDATES/", collector="c")
    assert [one.name for one in listed] == [
        "updates.20221001.0000.bz2",
        "updates.20221001.0015.bz2",
    ]
    assert listed[1].address == "http://a/UPDATES/updates.20221001.0015.bz2"
    assert listed[1].time == datetime(2022, 10, 1, 0, 15, tzinfo=UTC)
    assert listed[1].changed == datetime(2022, 10, 1, 0, 17, tzinfo=UTC)


def test_a_listing_of_nginx_is_sorted_and_what_is_no_mrt_file_passed_over() -> None:
    listed = parse_listing(NGINX.encode(), address="http://a/rrc00/2001.01/", collector="rrc00")
    assert [(one.kind, one.name) for one in listed] == [
        ("rib", "bview.20010101.0609.gz"),
        ("updates", "updates.20010131.2236.gz"),
        ("updates", "updates.20010131.2251.gz"),
    ]
    assert listed[0].changed == datetime(2001, 1, 1, 6, 10, tzinfo=UTC)
    assert listed[1].changed is None


def test_a_name_never_leads_out_of_its_folder() -> None:
    page = (
        b'<a href="/../../updates.20221001.0000.bz2">x</a><a href="http://b/rib.20221001.0000.bz2">'
    )
    listed = parse_listing(page, address="http://a/x/", collector="c")
    assert {one.address.rpartition("/")[0] for one in listed} == {"http://a/x"}
    assert all("/" not in one.name for one in listed)


def test_the_same_file_in_two_compressions_counts_once() -> None:
    page = b'<a href="rib.20221001.0000.bz2"></a><a href="rib.20221001.0000.gz"></a>'
    assert len(parse_listing(page, address="http://a/", collector="c")) == 1


def test_a_page_without_links_is_no_listing() -> None:
    with pytest.raises(InputError, match="no listing"):
        parse_listing(b"<html>Service unavailable</html>", address="http://a/", collector="c")


@given(st.binary(max_size=300))
@example(b"<![")
def test_no_page_breaks_the_reading_of_listings(noise: bytes) -> None:
    page = noise + APACHE.encode()[:900] + noise
    for one in parse_listing(b'<a href="x">' + page, address="http://a/", collector="c"):
        assert one.name.startswith(("updates.", "rib.", "bview."))


def test_the_months_of_a_stretch_are_those_it_touches() -> None:
    december = datetime(2021, 12, 31, 23, tzinfo=UTC)
    assert [f"{month:%Y.%m}" for month in months_of(december, december + timedelta(hours=2))] == [
        "2021.12",
        "2022.01",
    ]
    first = datetime(2022, 1, 1, tzinfo=UTC)
    assert months_of(december, first)[-1].month == 12, "the end does not belong to it"


def test_the_newest_rib_at_or_before_the_start_comes_first() -> None:
    files = [file("rib", minutes) for minutes in (-480 * 30, -960, -480, 0, 480, 960)]
    assert [one.time for one in ribs_for(files, at(0), at(500))] == [
        at(0),
        at(-480),
        at(-960),
        at(480),
    ]
    assert [one.time for one in ribs_for(files, at(-1), at(10))] == [at(-480), at(-960), at(0)]


def test_updates_that_overlap_are_needed_and_no_others() -> None:
    files = updates(-10, -5, 0, 5, 10, 15)
    assert [one.time for one in updates_for(files, at(2), at(10))] == [at(0), at(5)]
    assert [one.time for one in updates_for(files, at(0), at(11))] == [at(0), at(5), at(10)]
    assert updates_for([], at(0), at(10)) == []


def test_ris_named_by_local_time_before_2002_so_two_more_hours_are_read() -> None:
    start = datetime(1999, 9, 3, tzinfo=UTC)
    old = [
        ArchiveFile(
            collector="rrc00",
            kind="updates",
            name=f"updates.{time:%Y%m%d.%H%M}.gz",
            address="",
            time=time,
        )
        for time in (start + timedelta(minutes=10 * number) for number in range(30))
    ]
    wanted = updates_for(old, start, start + timedelta(hours=1))
    assert wanted[-1].time == start + timedelta(hours=2, minutes=50)
    assert wanted[0].earliest == start - timedelta(hours=2)


def test_a_file_lasts_until_the_next_but_not_over_a_gap() -> None:
    files = updates(0, 15, 30, 45, 60, 65, 70, 75, 80, 85, 115, 120, 125, 130, 135)
    lengths = [length.total_seconds() / 60 for length in lengths_of(files, 300)]
    assert lengths == [15, 15, 15, 15, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5], "half an hour is a gap"
    assert lengths_of(updates(0), 300) == [timedelta(minutes=5)]


def test_steps_go_from_the_rib_through_the_updates() -> None:
    files = [file("rib", 0), *updates(0, 5, 10, 15), file("rib", 10)]
    steps = steps_of(files, files[0], at(15), 300)
    assert steps == [files[0], *files[1:4]]


def test_after_a_gap_the_next_rib_is_gone_through() -> None:
    ribs = [file("rib", 0), file("rib", 120)]
    before, after = updates(*range(0, 60, 5)), updates(*range(90, 180, 5))
    steps = steps_of([*ribs, *before, *after], ribs[0], at(180), 300)
    gap = Gap("rrc00", at(60), at(120), "files of updates are missing")
    again = [one for one in after if one.time >= at(120)]
    assert steps == [ribs[0], *before, gap, ribs[1], *again]


def test_a_gap_without_a_rib_after_it_lasts_to_the_end() -> None:
    rib = file("rib", 0)
    steps = steps_of([rib, *updates(0, 5, 10, 60, 65, 70)], rib, at(75), 300)
    assert steps[-1] == Gap("rrc00", at(15), at(75), "files of updates are missing")


def test_where_the_archive_ends_the_rest_is_a_gap() -> None:
    rib = file("rib", 0)
    steps = steps_of([rib, *updates(0, 5, 10), file("rib", 60)], rib, at(120), 300)
    assert steps[-1] == Gap("rrc00", at(15), at(120), "there are no more files of updates")
    assert steps_of([rib], rib, at(10), 300) == [
        rib,
        Gap("rrc00", at(0), at(10), "there are no more files of updates"),
    ]


@given(
    st.lists(st.integers(0, 2000), unique=True, max_size=60),
    st.lists(st.integers(0, 2000), unique=True, min_size=1, max_size=6),
    st.integers(1, 2200),
)
def test_steps_and_gaps_cover_the_stretch_in_order_whatever_is_missing(
    minutes: list[int], ribs: list[int], end: int
) -> None:
    files = [*updates(*minutes), *(file("rib", minute) for minute in ribs)]
    first = min((one for one in files if one.kind == "rib"), key=lambda one: one.time)
    steps = steps_of(files, first, max(at(end), first.time + timedelta(minutes=1)), 300)
    assert steps[0] == first
    begins = [step.start if isinstance(step, Gap) else step.time for step in steps]
    order = [begin for step, begin in zip(steps, begins, strict=True) if is_rib_or_gap(step)]
    assert order == sorted(order)
    for one, following in pairwise(steps):
        if isinstance(one, Gap):
            assert isinstance(following, ArchiveFile)
            assert following.kind == "rib", "after a gap only a RIB is believed"
            assert following.time == one.end


def is_rib_or_gap(step: ArchiveFile | Gap) -> bool:
    return isinstance(step, Gap) or step.kind == "rib"


def test_the_table_of_collectors_names_each_once_with_a_folder_of_its_own() -> None:
    known = collectors()
    assert len({one.path for one in known.values()}) == len(known) > 70
    assert {one.project for one in known.values()} == set(PROJECTS)
    month = datetime(2022, 6, 1, tzinfo=UTC)
    assert known["rrc00"].folder("rib", month) == "https://data.ris.ripe.net/rrc00/2022.06/"
    assert (
        known["route-views2"].folder("updates", month)
        == "https://archive.routeviews.org/bgpdata/2022.06/UPDATES/"
    )
    assert (
        known["route-views.sydney"].folder("rib", month, "http://mirror/")
        == "http://mirror/route-views.sydney/bgpdata/2022.06/RIBS/"
    )


def test_collectors_are_found_by_name_and_unknown_ones_refused() -> None:
    found = find_collectors(["RRC00", " route-views2", "rrc00", ""])
    assert [one.name for one in found] == ["rrc00", "route-views2"]
    with pytest.raises(UsageError, match="rrc99"):
        find_collectors(["rrc99"])
    with pytest.raises(UsageError, match="No collector"):
        find_collectors([""])
