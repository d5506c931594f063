"""Plain decisions about months: which to measure, and whether a KPI moved the way it should."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Reached(StrEnum):
    """Where a KPI stands against its target."""

    YES = "yes"
    NO = "no"
    NO_TARGET = "no_target"
    UNKNOWN = "unknown"


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def quarter_ends(months: list[date]) -> list[date]:
    """Of some months in order the last of each quarter, and the newest."""
    return [month for month in months if month.month % 3 == 0 or month == months[-1]]


def named(month: date, *, quarterly: bool) -> str:
    """A month, or the quarter it ends or stands in."""
    return f"{month.year}-Q{(month.month + 2) // 3}" if quarterly else f"{month:%Y-%m}"


def to_measure(last: date | None, as_of: date) -> list[date]:
    """The months that need a reading: the one of `as_of`, and those left unfinished since the `last` reading."""
    month = month_of(as_of)
    if last is None or last >= as_of:
        return [month]
    found = []
    first = month_of(last if last < month_end(last) else last + timedelta(days=1))
    while first <= month:
        found.append(first)
        first = month_end(first) + timedelta(days=1)
    return found


def reached(value: Decimal | None, target: Decimal | None, *, up: bool) -> Reached:
    """Whether a value meets its target, in the direction that is better."""
    if target is None:
        return Reached.NO_TARGET
    if value is None:
        return Reached.UNKNOWN
    return Reached.YES if (value >= target if up else value <= target) else Reached.NO


def improved(before: Decimal | None, after: Decimal | None, *, up: bool) -> bool | None:
    """Whether a figure moved the better way; None when it did not move or is not known."""
    if before is None or after is None or before == after:
        return None
    return (after > before) is up


def window(began_on: date, first_fact_on: date | None, as_of: date, longest: int = 90) -> int:
    """How many days can be compared: no more than lie before the beginning with facts, nor after it."""
    if first_fact_on is None:
        return 0
    return max(0, min(longest, (began_on - first_fact_on).days, (as_of - began_on).days + 1))
