"""What the loop adds to the whole: its jobs, and when they run by themselves."""

from zhike.kernel import jobs
from zhike.loop import collecting, daily, quarterly, upkeep

__all__ = ["collecting"]

jobs.every("10 3 * * *", "loop.daily", daily.TITLE)
jobs.every("40 3 1 1,4,7,10 *", "loop.quarterly", quarterly.TITLE)
jobs.every("50 2 * * *", "loop.upkeep", upkeep.TITLE)
