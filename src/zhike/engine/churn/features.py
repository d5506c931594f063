"""What a customer's orders show on a day, and whether they bought after it: one row per customer, one expression.

A feature is about a customer's own orders up to the day; windows are as long as the horizon, so that "lately" means the
same stretch that is foretold. Several orders of a day are one purchase. Returns are left out: they are no purchases.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from zhike.engine.churn.words import FEATURES
from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day, days_between, days_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Customers on a day, by rising customer_id: `features` of shape (n, 16) in the order of FEATURES, raw values.

    `frequency`, `recency`, `age` (days) are what BG/NBD reads. `bought`: whether there was a purchase in the `horizon` days
    after the day; False for all when those days have not come yet.
    """

    as_of: date
    horizon: int
    customer_id: NDArray[np.int64]
    features: NDArray[np.float64]
    frequency: NDArray[np.int64]
    recency: NDArray[np.float64]
    age: NDArray[np.float64]
    bought: NDArray[np.bool_]


def observed(session: Session, as_of: date, *, horizon: int) -> ir.Table:
    """The expression behind `snapshot`: customer_id, frequency, recency, age, bought and a column per feature."""
    facts = _facts(session, as_of, horizon)
    facts = facts.mutate(
        recency_days=days_since(facts.last_on, day(as_of)).cast("float64"),
        age_days=days_since(facts.first_on, day(as_of)).cast("float64"),
        span=days_between(facts.first_on, facts.last_on).cast("float64"),
    )
    base = {
        "customer_id": facts.customer_id,
        "frequency": facts.purchases - 1,
        "recency": facts.span,
        "age": facts.age_days,
        "bought": facts.later > 0,
    }
    return facts.select(**base, **_features(facts))


def snapshot(session: Session, as_of: date, *, horizon: int) -> Snapshot:
    """Customers with a purchase by a day, what their orders show then, and whether they bought within the horizon."""
    expression = observed(session, as_of, horizon=horizon).order_by("customer_id")
    table = session.cursor.execute(session.ibis.compile(expression)).to_arrow_table()

    def column(name: str) -> NDArray[np.float64]:
        return np.asarray(table.column(name).to_numpy(), dtype=np.float64)

    return Snapshot(
        as_of=as_of,
        horizon=horizon,
        customer_id=np.asarray(table.column("customer_id").to_numpy(), dtype=np.int64),
        features=np.column_stack([column(f"f_{key}") for key in FEATURES]),
        frequency=column("frequency").astype(np.int64),
        recency=column("recency"),
        age=column("age"),
        bought=np.asarray(table.column("bought").to_numpy(zero_copy_only=False), dtype=np.bool_),
    )


def _facts(session: Session, as_of: date, horizon: int) -> ir.Table:
    """Sums over each customer's days with a purchase."""
    orders = session.table("orders")
    known = orders.filter(orders.placed_on <= day(as_of + timedelta(days=horizon)))
    days = known.group_by("customer_id", "placed_on").aggregate(amount=known.amount.sum().cast("float64"))
    seen = days.placed_on <= day(as_of)
    lately = seen & (days.placed_on > day(as_of - timedelta(days=horizon)))
    before = seen & ~lately & (days.placed_on > day(as_of - timedelta(days=2 * horizon)))
    ago = days_since(days.placed_on, day(as_of)).cast("float64")
    facts = days.group_by("customer_id").aggregate(
        purchases=days.count(where=seen),
        later=days.count(where=~seen),
        first_on=days.placed_on.min(where=seen),
        last_on=days.placed_on.max(where=seen),
        total=days.amount.sum(where=seen),
        last_amount=days.amount.argmax(days.placed_on, where=seen),
        ago=ago.mean(where=seen),
        ago_squared=(ago * ago).mean(where=seen),
        lately=days.count(where=lately),
        first_amount=days.amount.argmin(days.placed_on, where=seen),
        fresh=(days.amount * (-ago / horizon).exp()).sum(where=seen),
        before=days.count(where=before),
        spent_lately=days.amount.sum(where=lately).fill_null(0.0),
        spent_before=days.amount.sum(where=before).fill_null(0.0),
    )
    customers = session.table("customers")
    return facts.filter(facts.purchases > 0).semi_join(customers, facts.customer_id == customers.id)


def _features(facts: ir.Table) -> dict[str, ir.Value]:
    number = facts.purchases.cast("float64")
    age = facts.age_days + 1
    average = facts.total / number
    spread = ibis.greatest(facts.ago_squared - facts.ago * facts.ago, 0.0)
    values = {
        "recency_days": facts.recency_days,
        "silence_share": facts.recency_days / age,
        "silence_gaps": (facts.recency_days + 1) * number / age,
        "purchases": number,
        "repeats": (facts.purchases > 1).cast("float64"),
        "pace": number / age * 30,
        "gap_days": (facts.purchases > 1).ifelse(facts.span / ibis.greatest(number - 1, 1.0), age),
        "spread": spread.sqrt() / age,
        "lately": facts.lately.cast("float64"),
        "change": facts.lately.cast("float64") - facts.before.cast("float64"),
        "spend_change": facts.spent_lately - facts.spent_before,
        "fresh_spend": facts.fresh,
        "spend": facts.total,
        "average": average,
        "first_amount": facts.first_amount,
        "last_ratio": (facts.total > 0).ifelse(facts.last_amount / average, 1.0),
    }
    return {f"f_{key}": values[key].cast("float64") for key in FEATURES}
