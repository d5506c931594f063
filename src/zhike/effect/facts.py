"""What the effect stage tells others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReceipt:
    """What measuring wrote; measuring again on the same facts writes nothing."""

    as_of: date
    months: tuple[date, ...]
    readings: int
    changed: int
    effects: int
