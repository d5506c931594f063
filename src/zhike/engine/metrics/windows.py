"""Stretches of time that end at `as_of`."""

from dataclasses import dataclass
from datetime import date, timedelta

from zhike.core.text import Text


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
