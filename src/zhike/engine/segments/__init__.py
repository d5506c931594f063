"""Who meets a rule: the members of a segment, counted live, refreshed with a diff, and what looking costs."""

from zhike.engine.segments.costs import Cost, Reading, cost
from zhike.engine.segments.following import snapshot
from zhike.engine.segments.limits import TooSlow
from zhike.engine.segments.live import Found, count_and_sample
from zhike.engine.segments.members import members
from zhike.engine.segments.narrowing import Narrowed
from zhike.engine.segments.refreshing import Difference, Followed, Seen, follow, refresh
from zhike.engine.segments.sources import stands_alone, tables_of

__all__ = [
    "Cost",
    "Difference",
    "Followed",
    "Found",
    "Narrowed",
    "Reading",
    "Seen",
    "TooSlow",
    "cost",
    "count_and_sample",
    "follow",
    "members",
    "refresh",
    "snapshot",
    "stands_alone",
    "tables_of",
]
