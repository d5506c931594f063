"""What the execution stage tells others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReceipt:
    """What planning a cycle did to the tasks; a second run on the same day reports only what stood already."""

    as_of: date
    wanted: int
    made: int = 0
    revived: int = 0
    reassigned: int = 0
    cancelled: int = 0
    missed: int = 0
    unassigned: int = 0

    @property
    def stood(self) -> int:
        """Tasks that were there before."""
        return self.wanted - self.made

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.made or self.revived or self.reassigned or self.cancelled or self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCounts:
    """How much was done and left for one tier in a span of days."""

    planned: int = 0
    done: int = 0
    open: int = 0
    overdue: int = 0
    cancelled: int = 0
    missed: int = 0
    records: int = 0
    success: int = 0
    by_measure: dict[str, tuple[int, int]] = field(default_factory=dict)  # measure key -> planned, done
