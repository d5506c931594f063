"""Sales, orders, active and new customers and the share who came back, by month or week."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import ibis
import ibis.expr.types as ir

from zhike.engine.cohorts import months_after
from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day

Step = Literal["month", "week"]
SHORTEST = 8  # months that are over, below which nothing is foretold
UNITS: dict[str, Literal["M", "W"]] = {"month": "M", "week": "W"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One month or week, by its first day: `sales` are orders minus returns booked in it, `new` bought for the first time."""

    begins: date
    sales: Decimal
    orders: int
    active: int
    new: int

    @property
    def returning(self) -> Decimal | None:
        """The share of the active who had bought in an earlier period; None when nobody was active."""
        return (
            (Decimal(self.active - self.new) / self.active).quantize(Decimal("0.0001"))
            if self.active
            else None
        )


def periods(
    session: Session, as_of: date, step: Step = "month", *, only: ir.Table | None = None, channel: str = ""
) -> tuple[Period, ...]:
    """Every period from the first order up to `as_of`, those without an order too; weeks begin on Monday.

    `only` (customer_id) limits whose orders count, `channel` which; a return belongs to no channel and then does not count.
    The last period may not be over (`over`).
    """
    orders = session.table("orders")
    placed = orders.filter(orders.placed_on <= day(as_of))
    returns = session.table("returns")
    back = returns.filter(returns.returned_on <= day(as_of))
    if only is not None:
        placed, back = (one.semi_join(only, "customer_id") for one in (placed, back))
    if channel:
        placed, back = placed.filter(placed.channel == channel), back.filter(ibis.literal(False))
    bought = placed.select("customer_id", "amount", begins=placed.placed_on.truncate(UNITS[step]))
    first = bought.group_by(buyer=bought.customer_id).aggregate(first=bought.begins.min())
    joined = bought.inner_join(first, bought.customer_id == first.buyer)
    counted = joined.group_by("begins").aggregate(
        sold=joined.amount.sum(),
        orders=joined.count(),
        active=joined.customer_id.nunique(),
        new=joined.customer_id.nunique(where=joined["first"] == joined.begins),
    )
    given = back.group_by(begins=back.returned_on.truncate(UNITS[step])).aggregate(given=back.amount.sum())
    refunds = {_day(row["begins"]): Decimal(row["given"]) for row in session.rows(given)}
    found = {_day(row["begins"]): row for row in session.rows(counted)}
    return tuple(_period(one, found.get(one), refunds) for one in _all([*found, *refunds], as_of, step))


def over(begins: date, as_of: date, step: Step = "month") -> bool:
    """Whether a period ended on `as_of` or before."""
    return following(begins, step) - timedelta(days=1) <= as_of


def following(begins: date, step: Step) -> date:
    """The first day of the next period."""
    return months_after(begins, 1) if step == "month" else begins + timedelta(days=7)


def _all(seen: list[date], as_of: date, step: Step) -> list[date]:
    found = [min(seen)] if seen else []
    while found and following(found[-1], step) <= as_of:
        found.append(following(found[-1], step))
    return found


def _period(begins: date, row: dict[str, object] | None, refunds: dict[date, Decimal]) -> Period:
    figures = row or {"sold": 0, "orders": 0, "active": 0, "new": 0}
    orders, active, new = (int(str(figures[key])) for key in ("orders", "active", "new"))
    sales = Decimal(str(figures["sold"])) - refunds.get(begins, Decimal(0))
    return Period(begins=begins, sales=sales, orders=orders, active=active, new=new)


def _day(value: object) -> date:
    found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return date(found.year, found.month, found.day)
