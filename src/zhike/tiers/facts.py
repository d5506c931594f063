"""What the tiers stage hands to others: receipts, the tier of a customer, moves between tiers, and segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from zhike.core.errors import Refusal
from zhike.core.text import Text


class TierRefusal(Refusal):
    """Something about tiers or tags was asked that cannot be done."""


@dataclass(frozen=True, slots=True)
class Move:
    """How many customers went from one tier (None: had none yet) to another."""

    was: str | None
    now: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementReceipt:
    """What a run found and changed: counts per tier sum to the customers placed."""

    as_of: date
    run: UUID
    customers: int
    counts: Mapping[str, int]
    moves: tuple[Move, ...]
    tags: Mapping[str, int]
    tagged: int
    untagged: int
    seconds: float

    @property
    def moved(self) -> int:
        """Customers who changed tier."""
        return sum(move.customers for move in self.moves if move.was is not None)

    @property
    def placed(self) -> int:
        """Customers who got their first tier."""
        return sum(move.customers for move in self.moves if move.was is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierName:
    """A tier as badges, lists and charts show it."""

    key: str
    label: Text
    color: str
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReceipt:
    """What a refresh of one segment changed; with an error the members are those of the last good refresh."""

    segment: UUID
    name: str
    as_of: date
    members: int
    added: int = 0
    removed: int = 0
    seconds: float = 0.0
    error: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsReceipt:
    """What a refresh of all segments changed."""

    as_of: date
    segments: tuple[SegmentReceipt, ...]
    seconds: float

    @property
    def failed(self) -> tuple[SegmentReceipt, ...]:
        """The segments that could not be refreshed."""
        return tuple(one for one in self.segments if one.error is not None)

    def told(self) -> dict[str, object]:
        """The receipt as a job shows it."""
        return {
            "segments": len(self.segments),
            "added": sum(one.added for one in self.segments),
            "removed": sum(one.removed for one in self.segments),
            "failed": len(self.failed),
        }
