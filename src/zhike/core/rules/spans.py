"""Stretches of time in a rule: so many days or months back or ahead, and the window in which something was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS, MOST_MONTHS = 3660, 120


def months_later(day: date, months: int) -> date:
    """Give the same day some months later (earlier when negative), or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, or so many calendar months; one of the two is zero."""

    days: int = 0
    months: int = 0

    def before(self, day: date) -> date:
        """The day that lies so far back; it is the last one outside the span that ends on `day`."""
        return months_later(day, -self.months) if self.months else day - timedelta(days=self.days)

    def after(self, day: date) -> date:
        """The day that lies so far ahead; it is the first one outside the span that begins on `day`."""
        return months_later(day, self.months) if self.months else day + timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """When something was done: in the last `span`, before the last `skip`, from a day on, up to a day; all that are said.

    Days count with the day of asking: the last 1 day is that day alone. What lies after it is never seen.
    """

    span: Span | None = None
    skip: Span | None = None
    since: date | None = None
    until: date | None = None

    def bounds(self, as_of: date) -> tuple[date | None, date]:
        """The first day that counts (None: any) and the last one."""
        first = [self.since] if self.since else []
        if self.span:
            first.append(self.span.before(as_of) + timedelta(days=1))
        last = [as_of] + ([self.until] if self.until else [])
        if self.skip:
            last.append(self.skip.before(as_of))
        return max(first, default=None), min(last)

    @property
    def moves(self) -> bool:
        """Whether the window moves on from day to day."""
        return self.span is not None or self.skip is not None


ALWAYS = Within()
