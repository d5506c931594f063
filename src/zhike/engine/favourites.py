"""What each customer does most: the channel, store and payment of most orders, the category of most spend."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from zhike.core.rules.classes import CATEGORY, CHANNEL, PAYMENT, STORE
from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day

TABLES: Mapping[str, str] = MappingProxyType(
    {CHANNEL: "orders", STORE: "orders", PAYMENT: "orders", CATEGORY: "order_lines"}
)


def values(session: Session, kind: str, limit: int = 30) -> list[str]:
    """The values of a kind, a key of TABLES, the most frequent first."""
    facts = session.table(TABLES[kind])
    known = facts.filter(facts[kind].notnull() & (facts[kind] != ""))
    counted = known.group_by(key=known[kind]).aggregate(n=known.count())
    return [row["key"] for row in session.rows(counted.order_by(counted.n.desc(), counted.key).limit(limit))]


def most(session: Session, kind: str, as_of: date, among: ir.Table | None = None) -> ir.Table:
    """Per customer (customer_id) the value (key) of a kind, a key of TABLES, that stands first up to a day.

    By number of orders, a category by what was spent on it; of equal ones the larger amount, then the first of the alphabet.
    Customers without any have no row. `among` (customer_id): only these.
    """
    facts = session.table(TABLES[kind])
    known = facts.filter((facts.placed_on <= day(as_of)) & facts[kind].notnull() & (facts[kind] != ""))
    if among is not None:
        known = known.semi_join(among, "customer_id")
    size = known.amount.sum() if kind == CATEGORY else known.count()
    sizes = known.group_by("customer_id", key=known[kind]).aggregate(size=size, amount=known.amount.sum())
    best = ibis.row_number().over(
        group_by=sizes.customer_id, order_by=[sizes["size"].desc(), sizes.amount.desc(), sizes.key]
    )
    ranked = sizes.mutate(place=best)
    return ranked.filter(ranked.place == 0).select("customer_id", "key")
