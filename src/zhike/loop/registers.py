"""What the loop adds to the whole: its jobs, and when they run by themselves."""

from zhike.core.text import Text
from zhike.kernel import jobs, slots
from zhike.loop import collecting, daily, days, quarterly, upkeep

__all__ = ["collecting"]

jobs.every("10 3 * * *", "loop.daily", daily.TITLE)
jobs.every("40 3 1 1,4,7,10 *", "loop.quarterly", quarterly.TITLE)
jobs.every("50 2 * * *", "loop.upkeep", upkeep.TITLE)

slots.invariant(
    Text("没有按未来日期的计算", "Nothing is computed for a day that has not come"), days.nothing_ahead
)
