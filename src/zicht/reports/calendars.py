"""Days: the Solar Hijri (Jalali) calendar of Iran and Afghanistan, weekdays, years left unsaid."""

from __future__ import annotations

from datetime import date, timedelta

JALALI_MONTHS = {
    "farvardin": 1, "فروردین": 1,
    "ordibehesht": 2, "اردیبهشت": 2,
    "khordad": 3, "خرداد": 3,
    "tir": 4, "تیر": 4,
    "mordad": 5, "مرداد": 5,
    "shahrivar": 6, "شهریور": 6,
    "mehr": 7, "مهر": 7,
    "aban": 8, "ابان": 8,
    "azar": 9, "اذر": 9,
    "dey": 10, "دی": 10,
    "bahman": 11, "بهمن": 11,
    "esfand": 12, "اسفند": 12,
    "حمل": 1, "ثور": 2, "جوزا": 3, "سرطان": 4, "اسد": 5, "سنبله": 6,
    "میزان": 7, "عقرب": 8, "قوس": 9, "جدی": 10, "دلو": 11, "حوت": 12,
}  # fmt: skip
"""Months of the Solar Hijri calendar, as Iran, Afghanistan and English write them, folded."""

JALALI_MONTHS |= {
    f"{name}ماه": month for name, month in JALALI_MONTHS.items() if not name.isascii()
}

JALALI_YEARS = range(1300, 1500)
"""Years that are of this calendar and no other: 1921 to 2121."""

_FIRST_DAYS = (0, 31, 62, 93, 124, 155, 186, 216, 246, 276, 306, 336)
_CYCLE_YEARS, _CYCLE_DAYS = 33, 12_053
_LEAP_YEARS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_EPOCH_YEAR, _EPOCH = (
    1342,
    date(1963, 3, 21),
)  # 1342 is the first year of a cycle of 33 whose year is 22


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian day of one of the Solar Hijri calendar.

    Leap years follow the cycle of 33 years (K. Borkowski, The Persian calendar for 3000 years,
    Earth, Moon and Planets 74, 1996), which gives the official calendar of 1244 to 1502.

    Raises:
        ValueError: there is no such day.
    """
    lengths = [31] * 6 + [30] * 5 + [30 if is_jalali_leap(year) else 29]
    if not (1 <= month <= 12 and 1 <= day <= lengths[month - 1]):  # noqa: PLR2004 - months
        raise ValueError(f"{year}-{month}-{day} is no day of the Solar Hijri calendar")
    days = 0
    step = 1 if year >= _EPOCH_YEAR else -1
    for passed in range(_EPOCH_YEAR, year, step):
        counted = passed if step > 0 else passed - 1
        days += step * (366 if is_jalali_leap(counted) else 365)
    return _EPOCH + timedelta(days=days + _FIRST_DAYS[month - 1] + day - 1)


def is_jalali_leap(year: int) -> bool:
    """Whether a year of the Solar Hijri calendar has 366 days."""
    return year % _CYCLE_YEARS in _LEAP_YEARS


def weekday_before(day: date, weekday: int) -> date:
    """The last such weekday (Monday is 0) up to and with a day."""
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def weekday_after(day: date, weekday: int) -> date:
    """The next such weekday after a day."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def year_of(month: int, day: int, reference: date, weekday: int | None) -> int | None:
    """The year of a day that is written without one: the last that fits, up to a week ahead.

    A weekday that is written beside it decides among the years of ten.
    """
    for year in range(reference.year + 1, reference.year - 10, -1):
        try:
            there = date(year, month, day)
        except ValueError:
            continue
        if there > reference + timedelta(days=7):
            continue
        if weekday is None or there.weekday() == weekday:
            return year
    return None
