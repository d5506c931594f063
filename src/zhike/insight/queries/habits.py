"""Narrowing the customer list to those who do most of their buying in one way; the same rule as `engine.cross.base.most`."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from zhike.engine.cohorts import months_after
from zhike.insight.dimensions import GAP

# Only customers who did it at all are looked at; of equal sizes the larger amount wins, then the first of the alphabet.
_MOST = """
    SELECT customer_id FROM (
        SELECT customer_id, key, row_number() OVER (
            PARTITION BY customer_id ORDER BY {size} DESC, sum(amount) DESC, key COLLATE "C") AS place
        FROM ({facts}) AS facts
        WHERE key <> '' AND customer_id IN (SELECT customer_id FROM ({facts}) AS doing WHERE key = %s)
        GROUP BY customer_id, key
    ) AS ranked WHERE place = 1 AND key = %s
"""
_ORDERS = "SELECT customer_id, {column} AS key, amount FROM activity_order"
_LINES = """
    SELECT o.customer_id, p.category AS key, l.amount FROM activity_orderline l
    JOIN activity_order o ON o.id = l.order_id JOIN activity_product p ON p.id = l.product_id
"""
_SQL = {
    **{column: _MOST.format(size="count(*)", facts=_ORDERS.format(column=column)) for column in ("channel", "store", "payment")},
    "category": _MOST.format(size="sum(amount)", facts=_LINES),
}  # fmt: skip


def bought_in(customers: QuerySet[Any], month: str) -> QuerySet[Any]:
    """Narrow customers to those with an order in a month, spelled 2017-06."""
    try:
        begins = date.fromisoformat(f"{month}-01")
    except ValueError:
        return customers.none()
    return customers.filter(pk__in=RawSQL(_IN_MONTH, (begins, months_after(begins, 1))))  # noqa: S611 — own constants only


_IN_MONTH = f"""
    SELECT customer_id FROM activity_order
    WHERE placed_at >= %s::timestamp AT TIME ZONE '{settings.TIME_ZONE}'
      AND placed_at < %s::timestamp AT TIME ZONE '{settings.TIME_ZONE}'
"""


def with_habit(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to a habit, spelled `channel~online`: channel, store, payment or category, and the value."""
    kind, _, key = value.partition(GAP)
    if kind not in _SQL:
        return customers.none()
    return customers.filter(pk__in=RawSQL(_SQL[kind], (key, key)))  # noqa: S611 — own constants only
