from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.clock import Clock

FIRST = 27_000_000
BEGIN = FIRST * 60.0


def run(
    changes: list[tuple[float, float]], last: int | None = None
) -> tuple[list[int], list[tuple[int, int]]]:
    """Let (seconds passed, seconds that the clock is set by) pass: minutes told, minutes lost."""
    wall, steady = BEGIN, 100.0
    clock = Clock(wall, steady, last)
    told, lost = [], []
    for passed, by in changes:
        minute = clock.minute(steady)
        wall, steady = wall + passed + by, steady + passed
        if clock.minute(steady) > minute and clock.tell(minute):
            told.append(minute - FIRST)
        if clock.moved(wall, steady):
            minutes = clock.set(wall, steady)
            lost.append((minutes.start - FIRST, minutes.stop - FIRST))
    return told, lost


def test_each_minute_is_told_when_it_is_over() -> None:
    assert run([(10.0, 0.0)] * 25) == ([0, 1, 2, 3], [])


def test_a_clock_set_back_tells_no_minute_twice() -> None:
    told, lost = run([(10.0, 0.0)] * 15 + [(10.0, -200.0)] + [(10.0, 0.0)] * 40)
    assert told == [0, 1, 2, 3, 4, 5]
    assert lost == [(-1, 2)]


def test_a_clock_set_forward_leaves_minutes_out_and_says_so() -> None:
    told, lost = run([(10.0, 0.0)] * 15 + [(10.0, 600.0)] + [(10.0, 0.0)] * 12)
    assert told == [0, 1, 12, 13]
    assert lost == [(3, 12)]


def test_what_was_told_before_a_restart_is_not_told_again() -> None:
    assert run([(10.0, 0.0)] * 25, last=FIRST + 1)[0] == [2, 3]
    assert run([(10.0, 0.0)] * 25, last=FIRST - 9)[0] == [0, 1, 2, 3]


def test_a_minute_may_come_after_a_later_one() -> None:
    clock = Clock(BEGIN, 0.0)
    assert [clock.tell(FIRST + minute) for minute in (1, 0, 1, 3, 2)] == [
        *(True, True, False, True, True)
    ]
    clock.set(BEGIN - 600, 0.0)
    assert not clock.tell(FIRST + 3)
    assert clock.tell(FIRST + 4)


def test_slewing_is_no_setting() -> None:
    assert run([(10.0, 0.005)] * 12)[1] == []


@given(
    st.lists(
        st.tuples(st.floats(0.1, 90.0), st.one_of(st.just(0.0), st.floats(-4000, 4000))),
        max_size=80,
    )
)
def test_whatever_is_done_to_the_clock_minutes_are_told_once_and_in_order(
    changes: list[tuple[float, float]],
) -> None:
    told, _ = run(changes)
    assert told == sorted(set(told))
