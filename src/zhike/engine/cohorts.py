"""Cohorts: the customers who first bought in the same month, how many come back, and what they spend over the months.

A cohort's month 0 is the month of the first purchase. Retention is the share of the cohort that placed an order in a month
(active, not "ever came back"), as in P. Fader and B. Hardie, "How to project customer retention" (2007), for a business
without contracts. Amounts are orders minus returns in the month they happened, so all cells sum to the orders to the cent.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Customers by the month of their first purchase; `active` and `spend` have a value for each month since, from 0."""

    month: date
    customers: int
    active: tuple[int, ...]
    spend: tuple[Decimal, ...]

    @property
    def retention(self) -> tuple[Decimal, ...]:
        """The share that placed an order, month by month, four digits."""
        return tuple((Decimal(one) / self.customers).quantize(Decimal("0.0001")) for one in self.active)

    @property
    def value(self) -> tuple[Decimal, ...]:
        """What a customer of the cohort has spent on average by the end of each month, to the cent."""
        return tuple((total / self.customers).quantize(Decimal("0.01")) for total in accumulate(self.spend))


def cohorts(session: Session, as_of: date, only: ir.Table | None = None) -> tuple[Cohort, ...]:
    """The cohorts of all customers who bought by `as_of`, oldest first; `only` (customer_id) limits who counts.

    Every cohort reaches up to the month of `as_of`, which is not over unless `complete(as_of)`. A month in which nobody of
    it bought counts 0. The sum of `customers` is the number of customers with an order, that of all `spend` is
    their orders minus their returns.
    """
    moved = _movements(session, as_of)
    if only is not None:
        moved = moved.semi_join(only, "customer_id")
    bought = moved.filter(moved.ordered == 1)
    first = bought.group_by(buyer=bought.customer_id).aggregate(cohort=bought.month.min())
    joined = moved.inner_join(first, moved.customer_id == first.buyer)
    cells = joined.group_by("cohort", "month").aggregate(
        active=joined.customer_id.nunique(where=joined.ordered == 1), spend=joined.amount.sum()
    )
    return _rows(session.rows(cells.order_by("cohort", "month")), as_of)


def complete(as_of: date) -> bool:
    """Whether the month of a day ends with it; otherwise its figures will still grow."""
    return (as_of + timedelta(days=1)).day == 1


def months_after(month: date, number: int) -> date:
    """The first day of the month that many months later."""
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def _movements(session: Session, as_of: date) -> ir.Table:
    """Orders and returns as one table: customer_id, month, ordered (1 or 0), amount with its sign."""
    orders, returns = session.table("orders"), session.table("returns")
    bought = orders.filter(orders.placed_on <= day(as_of))
    given_back = returns.filter(returns.returned_on <= day(as_of))
    return bought.select(
        "customer_id", month=bought.placed_on.truncate("M"), ordered=ibis.literal(1), amount=bought.amount
    ).union(
        given_back.select(
            "customer_id",
            month=given_back.returned_on.truncate("M"),
            ordered=ibis.literal(0),
            amount=-given_back.amount,
        )
    )


def _rows(cells: Iterable[dict[str, object]], as_of: date) -> tuple[Cohort, ...]:
    by_cohort: dict[date, dict[int, tuple[int, Decimal]]] = defaultdict(dict)
    for cell in cells:
        cohort, month = _date(cell["cohort"]), _date(cell["month"])
        by_cohort[cohort][_months(cohort, month)] = (int(str(cell["active"])), Decimal(str(cell["spend"])))
    return tuple(_cohort(month, found, as_of) for month, found in sorted(by_cohort.items()))


def _cohort(month: date, found: dict[int, tuple[int, Decimal]], as_of: date) -> Cohort:
    # A return booked before the first order belongs to no month since; it counts where the cohort begins.
    early = sum((spend for age, (_, spend) in found.items() if age < 0), Decimal(0))
    cells = [found.get(age, (0, Decimal(0))) for age in range(_months(month, as_of) + 1)]
    spend = [amount for _, amount in cells]
    return Cohort(
        month=month,
        customers=cells[0][0],
        active=tuple(active for active, _ in cells),
        spend=(spend[0] + early, *spend[1:]),
    )


def _date(value: object) -> date:
    found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return date(found.year, found.month, found.day)


def _months(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
