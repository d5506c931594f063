"""Plain decisions about when a task is to be acted on, and the weeks of a month."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, timedelta
from enum import StrEnum


class Timing(StrEnum):
    """How near the day is on which an open task is to be done."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


def timing(act_on: date, today: date) -> Timing:
    """Place a day: past, today, within this calendar week, or later."""
    if act_on < today:
        return Timing.OVERDUE
    if act_on == today:
        return Timing.TODAY
    return Timing.WEEK if act_on <= week_end(today) else Timing.LATER


def week_end(today: date) -> date:
    """The Sunday of a day's week."""
    return today + timedelta(days=6 - today.weekday())


def weeks(month: date) -> list[list[date]]:
    """The weeks, Monday first, that a month touches."""
    return Calendar(firstweekday=0).monthdatescalendar(month.year, month.month)


def month_start(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)
