"""Narrowing the customer list to those who do most of their buying in one way, or who bought in a month."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from zhike.engine import favourites
from zhike.engine.cohorts import months_after
from zhike.insight.dimensions import GAP
from zhike.kernel import bulk, clock, lake


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


def habits_seen(kind: str) -> list[str]:
    """The values of a kind of habit that orders know, the most frequent first."""
    with lake.session() as session:
        return favourites.values(session, kind)


def with_habit(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to a habit, spelled `channel~online`: channel, store, payment or category, and the value."""
    kind, _, key = value.partition(GAP)
    if kind not in favourites.TABLES:
        return customers.none()
    with lake.session() as session:
        most = favourites.most(session, kind, clock.today())
        found = session.rows(most.filter(most.key == key).select("customer_id"))
    return customers.filter(bulk.among("pk", [row["customer_id"] for row in found]))
