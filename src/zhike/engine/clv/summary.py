"""Orders as the models read them: repeat purchases, recency and age per customer as of a day, in days.

The same as `summary_data_from_transaction_data` of lifetimes: several orders of a day are one purchase, the first purchase is
no repeat, and the mean spend is that of repeat purchases. Returns are left out: they are no purchases.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day, days_between, days_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """One entry per customer with an order by the day, by rising customer_id; recency and age in days.

    `mean_spend`: per repeat purchase, 0 without one. `held`: days with a purchase in the time that was held out after the
    day; all 0 when none was.
    """

    customer_id: NDArray[np.int64]
    frequency: NDArray[np.int64]
    recency: NDArray[np.float64]
    age: NDArray[np.float64]
    mean_spend: NDArray[np.float64]
    held: NDArray[np.int64]


def summary(session: Session, as_of: date, *, hold: int = 0) -> ir.Table:
    """One row per customer who had an order by `as_of`, as an expression over the lake's orders.

    Columns: customer_id, frequency, recency, age (days), mean_spend, held (days with a purchase in the `hold` days
    after `as_of`). Orders of customers who are gone do not count.
    """
    orders = session.table("orders")
    known = orders.filter(orders.placed_on <= day(as_of + timedelta(days=hold)))
    days = known.group_by("customer_id", "placed_on").aggregate(amount=known.amount.sum())
    seen = days.placed_on <= day(as_of)
    found = days.group_by("customer_id").aggregate(
        days=days.count(where=seen),
        held=days.count(where=~seen),
        first_on=days.placed_on.min(where=seen),
        last_on=days.placed_on.max(where=seen),
        total=days.amount.sum(where=seen),
        first_amount=days.amount.argmin(days.placed_on, where=seen),
    )
    customers = session.table("customers")
    bought = found.filter(found.days > 0).semi_join(customers, found.customer_id == customers.id)
    repeats = bought.days - 1
    later = (bought.total - bought.first_amount).cast("float64") / repeats.nullif(0)
    return bought.select(
        "customer_id",
        frequency=repeats,
        recency=days_between(bought.first_on, bought.last_on),
        age=days_since(bought.first_on, day(as_of)),
        mean_spend=later.fill_null(0.0),
        held=bought.held,
    )


def histories(session: Session, as_of: date, *, hold: int = 0) -> Histories:
    """The same as arrays."""
    expression = summary(session, as_of, hold=hold).order_by("customer_id")
    table = session.cursor.execute(session.ibis.compile(expression)).to_arrow_table()
    column = {name: table.column(name).to_numpy() for name in table.column_names}
    return Histories(
        customer_id=column["customer_id"].astype(np.int64),
        frequency=column["frequency"].astype(np.int64),
        recency=column["recency"].astype(np.float64),
        age=column["age"].astype(np.float64),
        mean_spend=column["mean_spend"].astype(np.float64),
        held=column["held"].astype(np.int64),
    )
