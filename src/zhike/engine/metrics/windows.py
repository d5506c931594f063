"""Stretches of time that end at `as_of`, and names for their days inside an expression."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.exact import day


@dataclass(frozen=True, slots=True)
class Window:
    """The last `days` days, or the last `months` calendar months, up to and including `as_of`."""

    days: int = 0
    months: int = 0

    @property
    def key(self) -> str:
        """The suffix of metric keys, such as 90d or 12m."""
        return f"{self.months}m" if self.months else f"{self.days}d"

    @property
    def words(self) -> Text:
        """The window in words."""
        if self.months:
            return Text(f"近{self.months}个月", f"the last {self.months} months")
        return Text(f"近{self.days}天", f"the last {self.days} days")

    def before(self, as_of: date) -> date:
        """The last day that is too early; facts later than it are inside."""
        return months_back(as_of, self.months) if self.months else as_of - timedelta(days=self.days)


def months_back(as_of: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month when it is shorter."""
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(as_of.day, (following - timedelta(days=1)).day))


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def getvariable(variable: str) -> date:
    """A day that was set on the session before the query runs."""
    raise AssertionError("runs in the database")


@dataclass(slots=True)
class When:
    """The days an expression depends on, by name: so its SQL is the same every day and is compiled only once.

    With `on`, the days themselves: for an engine without such names.
    """

    windows: dict[str, Window] = field(default_factory=dict)
    on: date | None = None

    @property
    def as_of(self) -> ir.DateScalar:
        """The reporting day."""
        return getvariable("as_of") if self.on is None else day(self.on)

    def before(self, window: Window) -> ir.DateScalar:
        """The last day before a window; facts later than it are inside."""
        if self.on is not None:
            return day(window.before(self.on))
        self.windows[window.key] = window
        return getvariable(f"before_{window.key}")

    def days(self, as_of: date) -> Iterator[tuple[str, date]]:
        """The value of each name on a reporting day."""
        yield "as_of", as_of
        for key, window in self.windows.items():
            yield f"before_{key}", window.before(as_of)
