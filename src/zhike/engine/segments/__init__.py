"""Who meets a rule: the members of a segment, counted live, refreshed with a diff, and what looking costs."""

from zhike.engine.segments.limits import TooSlow
from zhike.engine.segments.live import Found, count_and_sample
from zhike.engine.segments.members import members

__all__ = ["Found", "TooSlow", "count_and_sample", "members"]
