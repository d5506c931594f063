"""The months of the Chinese lunar calendar from 1900 to 2099 and the solar days they cover."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lunardate import LunarDate

FIRST_YEAR, LAST_YEAR = 1900, 2099


@dataclass(frozen=True, slots=True)
class LunarMonth:
    """One month: its number, whether it is the leap month of that number, its first day as an ordinal, its length."""

    year: int
    month: int
    leap: bool
    first: int
    days: int


@lru_cache(maxsize=1)
def months() -> tuple[LunarMonth, ...]:
    """List all months in order; made once per process."""
    found = []
    first = LunarDate(FIRST_YEAR, 1, 1).to_solar_date().toordinal()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        leap_month = LunarDate.leap_month_for_year(year)
        for month in range(1, 13):
            for leap in (False, True) if month == leap_month else (False,):
                found.append(LunarMonth(year, month, leap, first, _length(year, month, leap)))
                first += found[-1].days
    return tuple(found)


def _length(year: int, month: int, leap: bool) -> int:
    try:
        LunarDate(year, month, 30, leap).to_solar_date()
    except ValueError:
        return 29
    return 30


@lru_cache(maxsize=1)
def _firsts() -> tuple[int, ...]:
    return tuple(month.first for month in months())


def month_of(day: date) -> LunarMonth | None:
    """Find the lunar month a solar day lies in; None before 1900-01-31 and after the lunar year 2099."""
    number = day.toordinal()
    place = bisect_right(_firsts(), number) - 1
    if place < 0:
        return None
    found = months()[place]
    return found if number < found.first + found.days else None
