"""What a metric is: its names, unit, formula in words, and the aggregates it is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.grains import table_of
from zhike.engine.metrics.windows import When


class Unit(StrEnum):
    """How a metric's value is read and shown."""

    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    DATE = "date"
    SHARE = "share"  # 0 to 1
    RATIO = "ratio"
    RATING = "rating"
    FLAG = "flag"  # 0 or 1


class Group(StrEnum):
    """Under which heading a metric stands."""

    PURCHASE = "purchase"
    VALUE = "value"
    ENGAGEMENT = "engagement"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Part:
    """One aggregate over the facts of one customer in one source: a table of the lake, or a grain of one.

    `take` gets the source table, already cut at the reporting day, and the days by name; `empty` is the value of a
    customer without any such fact (None: unknown).
    """

    key: str
    source: str
    take: Callable[[ir.Table, When], ir.Value]
    empty: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure of one customer at a date.

    `value` gets the table that holds every part as a column named by its key, and the days by name. Values are whole numbers,
    dates or decimals, never floats, so that two runs give equal results. `ageing`: days up to the reporting day, which grow by one
    a day for everybody; whoever keeps them keeps the day they count from.
    """

    key: str
    label: Text
    unit: Unit
    group: Group
    formula: Text
    null_means: Text
    parts: tuple[Part, ...]
    value: Callable[[ir.Table, When], ir.Value]
    grain: str = "customer"
    ageing: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The lake tables that the metric is computed from."""
        return tuple(dict.fromkeys(table_of(part.source) for part in self.parts))

    @property
    def numeric(self) -> bool:
        """Whether the value can be averaged."""
        return self.unit is not Unit.DATE
