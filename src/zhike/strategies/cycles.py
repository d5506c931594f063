"""Plain decisions about time: which cycle a day belongs to, and by when something is due."""

from __future__ import annotations

import re
from datetime import date, timedelta

from zhike.core.blueprints import Every

MONTHS = {Every.MONTHLY: 1, Every.BIMONTHLY: 2, Every.QUARTERLY: 3, Every.HALF_YEARLY: 6, Every.YEARLY: 12}
REPEATING = tuple(every for every in Every if every is not Every.ONCE)


def cycle_key(every: Every, day: date) -> str:
    """Name the cycle a day belongs to, such as "2017-W09", "2017-03", "2017-Q1", "2017-H1" or "2017"."""
    start = cycle_start(every, day)
    match every:
        case Every.ONCE:
            raise ValueError("a measure taken once has no repeating cycle; its cycle is the placement")
        case Every.WEEKLY:
            return _week(start)
        case Every.BIWEEKLY:
            return f"{_week(start)}/{(start + timedelta(days=7)).isocalendar().week:02d}"
        case Every.MONTHLY:
            return f"{start:%Y-%m}"
        case Every.BIMONTHLY:
            return f"{start:%Y-%m}/{start.month + 1:02d}"
        case Every.QUARTERLY:
            return f"{start.year}-Q{start.month // 3 + 1}"
        case Every.HALF_YEARLY:
            return f"{start.year}-H{start.month // 6 + 1}"
        case Every.YEARLY:
            return f"{start.year}"


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def cycle_start(every: Every, day: date) -> date:
    """The first day of the cycle a day belongs to; pairs of weeks are counted from the calendar's first Monday."""
    if every is Every.ONCE:
        return day
    if every in (Every.WEEKLY, Every.BIWEEKLY):
        length = 7 if every is Every.WEEKLY else 14
        return date.fromordinal((day.toordinal() - 1) // length * length + 1)
    months = MONTHS[every]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def once_key(placement: int) -> str:
    """The cycle of a measure taken once: the placement that called for it."""
    return f"once:{placement}"


def cycle_text(key: str) -> str:
    """A cycle as a reader sees it; the inner key of a placement is not shown."""
    return "" if key.startswith("once:") else key


def quarter_span(quarter: str) -> tuple[date, date]:
    """First and last day of a quarter named like "2017-Q4"."""
    if not re.fullmatch(r"[12]\d{3}-Q[1-4]", quarter):
        raise ValueError(f"not a quarter: {quarter!r}")
    year, number = int(quarter[:4]), int(quarter[-1])
    after = date(year + number // 4, number % 4 * 3 + 1, 1)
    return date(year, number * 3 - 2, 1), after - timedelta(days=1)
