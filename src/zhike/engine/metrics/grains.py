"""Facts brought to a finer grain than the customer first: one row per customer and channel, category, month or order in turn.

Counting what is different, or the largest of several, needs a second level. A grain is computed once and shared by every metric
that starts from it; it is a source like a table of the lake. Each is said twice: `build` for an engine that is asked in SQL, `fold`
for histories that stand in order already.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from zhike.engine.histories import History
from zhike.engine.metrics import grains_in_order as in_order
from zhike.engine.metrics.exact import days_between
from zhike.engine.metrics.windows import When, Window

YEAR = 12


@dataclass(frozen=True, slots=True)
class Grain:
    """How a table of the lake, already cut at the reporting day, becomes the rows that parts are taken from."""

    table: str
    build: Callable[[ir.Table, When], ir.Table]
    fold: Callable[[History, date], History]


def _by(column: str) -> Callable[[ir.Table, When], ir.Table]:
    """Orders of a customer under each value of a column that is filled in: `name`, `n`."""

    def build(seen: ir.Table, _: When) -> ir.Table:
        named = seen.filter(seen[column].notnull() & (seen[column] != ""))
        return named.group_by("customer_id", name=named[column]).aggregate(n=named.count())

    return build


def _lines_by_category(seen: ir.Table, _: When) -> ir.Table:
    """Order lines of a customer in each category that is filled in: `bought`."""
    named = seen.filter(seen.category.notnull() & (seen.category != ""))
    return named.group_by("customer_id", name=named.category).aggregate(bought=named.amount.sum())


def _orders_by_month(seen: ir.Table, when: When) -> ir.Table:
    """Orders of a customer in each calendar month of the year up to the reporting day: `n`, `sold`."""
    ago = _months(when.as_of) - _months(seen.placed_on)
    lately = seen.mutate(ago=ago)
    lately = lately.filter(lately.ago < YEAR)
    return lately.group_by("customer_id", "ago").aggregate(n=lately.count(), sold=lately.amount.sum())


def _months(day: ir.Value) -> ir.Value:
    return day.year() * YEAR + day.month()


def _orders_in_turn(seen: ir.Table, _: When) -> ir.Table:
    """Orders of a customer one after another: `place` from 0, and `gap`, the days since the one before (null for the first).

    Orders of one day change places without changing any answer; sorting by the day alone costs half.
    """
    turn = ibis.window(group_by=seen.customer_id, order_by=seen.placed_on)
    told = seen.select(
        "customer_id",
        "placed_on",
        place=ibis.row_number().over(turn),
        before=seen.placed_on.lag().over(turn),
    )
    return told.select("customer_id", "placed_on", "place", gap=days_between(told.before, told.placed_on))


def _within(window: Window) -> Callable[[ir.Table, When], ir.Table]:
    """Orders of a window only: an aggregate over few rows costs little, one over all rows that passes most by does not."""
    return lambda seen, when: seen.filter(seen.placed_on > when.before(window))


def _ratings_backwards(seen: ir.Table, _: When) -> ir.Table:
    """Ratings of a customer, the latest first: `place` from 0."""
    rated = seen.filter(seen.rating.notnull())
    back = ibis.window(group_by=rated.customer_id, order_by=[rated["at"].desc(), rated.id.desc()])
    return rated.select("customer_id", "rating", place=ibis.row_number().over(back))


_YEAR, _TWO_YEARS = Window(months=YEAR), Window(months=2 * YEAR)

GRAINS: Mapping[str, Grain] = MappingProxyType(
    {
        "orders_12m": Grain("orders", _within(_YEAR), in_order.within(_YEAR)),
        "orders_24m": Grain("orders", _within(_TWO_YEARS), in_order.within(_TWO_YEARS)),
        "orders_by_channel": Grain("orders", _by("channel"), in_order.by("channel")),
        "orders_by_store": Grain("orders", _by("store"), in_order.by("store")),
        "orders_by_month": Grain("orders", _orders_by_month, in_order.orders_by_month),
        "orders_in_turn": Grain("orders", _orders_in_turn, in_order.orders_in_turn),
        "lines_by_category": Grain("order_lines", _lines_by_category, in_order.lines_by_category),
        "ratings_backwards": Grain("feedback", _ratings_backwards, in_order.ratings_backwards),
    }
)


def table_of(source: str) -> str:
    """The table of the lake that a source is read from."""
    return GRAINS[source].table if source in GRAINS else source
