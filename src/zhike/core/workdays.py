"""The Chinese working calendar with its holidays and make-up days; Monday to Friday in years it does not know."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar


@lru_cache(maxsize=8192)
def is_workday(day: date) -> bool:
    """Tell whether people in China work on a day."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_workdays(start: date, count: int) -> date:
    """Find the day `count` working days after `start`, or before it when negative; 0 gives `start` or the next working day."""
    step = timedelta(days=-1 if count < 0 else 1)
    day, left = start, abs(count)
    while left:
        day += step
        left -= is_workday(day)
    while not is_workday(day):
        day += step
    return day


def workdays_between(start: date, end: date) -> int:
    """Count the working days after `start` up to and including `end`; negative when `end` lies before."""
    if end < start:
        return -workdays_between(end, start)
    return sum(is_workday(start + timedelta(days=offset)) for offset in range(1, (end - start).days + 1))
