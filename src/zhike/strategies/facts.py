"""What the strategies stage tells others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zhike.core.blueprints import Every
from zhike.core.text import Text
from zhike.strategies.cycles import REPEATING, cycle_key, cycle_start, cycle_text, once_key, quarter_span
from zhike.tiers.facts import TierName

__all__ = [
    "REPEATING",
    "AdoptReceipt",
    "DueMeasure",
    "Every",
    "MeasureRow",
    "StrategyRow",
    "cycle_key",
    "cycle_start",
    "cycle_text",
    "once_key",
    "quarter_span",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMeasure:
    """A measure in force on a day, ready to become tasks; `key` stays the same across versions."""

    measure: int
    key: str
    tier: str
    every: Every
    days_due: int
    role: str
    title: Text
    standard: Text
    from_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptReceipt:
    """What adopting a blueprint version changed: strategies begun, ended and left as they were."""

    version: int
    begun: int
    ended: int
    kept: int
    measures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One measure of a strategy as a table shows it."""

    key: str
    title: Text
    standard: Text
    every: Text
    days_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRow:
    """One line of the strategy table 客户分层维护策略表."""

    mark: TierName
    customers: int
    traits: Text
    measures: tuple[MeasureRow, ...]
    owner: str
    by_manager: bool
    cycle: Text
    since: date
    exceptions: int
