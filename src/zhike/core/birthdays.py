"""Whose birthday falls within the next days, by the solar or the lunar calendar.

Solar: who was born on 29 February celebrates on the 28th in a year without that day. Lunar: who was born in a leap month
celebrates in the month of the same number, who was born on the 30th celebrates on the 29th where the month ends there.
"""

from __future__ import annotations

from calendar import isleap
from collections import defaultdict
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from zhike.core import lunar

MOST_DAYS = 366
EVE, LEAP_DAY = (2, 28), (2, 29)


class Calendar(StrEnum):
    """By which calendar a birthday comes round."""

    SOLAR = "solar"
    LUNAR = "lunar"


def solar_month_days(as_of: date, days: int) -> frozenset[tuple[int, int]]:
    """Give month and day of every birth celebrated on one of `days` days, the first of them `as_of`."""
    found = set()
    for day in _coming(as_of, days):
        found.add((day.month, day.day))
        if (day.month, day.day) == EVE and not isleap(day.year):
            found.add(LEAP_DAY)
    return frozenset(found)


@lru_cache(maxsize=64)
def lunar_births(as_of: date, days: int) -> tuple[tuple[date, date], ...]:
    """Give the solar days since 1900 on which somebody was born whose lunar birthday falls on one of the days.

    As stretches from a first to a last day: one or two for each year, however many days are asked about.
    """
    celebrated = defaultdict(list)
    for month, day in _lunar_month_days(as_of, days):
        celebrated[month].append(day)
    last = as_of.toordinal()
    born = [
        month.first + day - 1
        for month in lunar.months()
        if month.first <= last
        for day in celebrated[month.month]
        if day <= month.days and month.first + day - 1 <= last
    ]
    return tuple(
        (date.fromordinal(first), date.fromordinal(last)) for first, last in _stretches(sorted(born))
    )


def _stretches(numbers: list[int]) -> list[tuple[int, int]]:
    """Runs of numbers that follow upon each other, by their first and last."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


@lru_cache(maxsize=64)
def _lunar_month_days(as_of: date, days: int) -> frozenset[tuple[int, int]]:
    found = set()
    for day in _coming(as_of, days):
        month = lunar.month_of(day)
        if month is None or month.leap:
            continue
        number = day.toordinal() - month.first + 1
        found.add((month.month, number))
        if number == month.days == 29:
            found.add((month.month, 30))
    return frozenset(found)


def comes(born: date, as_of: date, days: int, calendar: Calendar) -> bool:
    """Tell whether a birthday falls on one of `days` days, the first of them `as_of`."""
    if calendar is Calendar.SOLAR:
        return (born.month, born.day) in solar_month_days(as_of, days)
    month = lunar.month_of(born)
    if month is None or born > as_of:
        return False
    return (month.month, born.toordinal() - month.first + 1) in _lunar_month_days(as_of, days)


def _coming(as_of: date, days: int) -> list[date]:
    return [as_of + timedelta(days=ahead) for ahead in range(days)]
