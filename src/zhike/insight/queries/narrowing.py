"""Narrowing the customer list to those behind a number; the list itself stays within the asker's scope."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from zhike.blueprint import queries as blueprints
from zhike.engine.metrics import CATALOGUE, metric, store
from zhike.insight import storing
from zhike.insight.dimensions import GAP, Facts
from zhike.insight.models import Forecast, Score
from zhike.insight.queries.scores import latest
from zhike.insight.queries.shape import metric_sql
from zhike.kernel import bulk, lake

UNSCORED = "unscored"
NONE = "none"
BEYOND = Decimal(10) ** 18  # no metric reaches this
NONE_TOLD = "untold"
WARNED = "warned"
_DID = {
    Facts.CATEGORY: """SELECT o.customer_id FROM activity_orderline l JOIN activity_order o ON o.id = l.order_id
        JOIN activity_product p ON p.id = l.product_id WHERE p.category = %s""",
    Facts.CHANNEL: "SELECT customer_id FROM activity_order WHERE channel = %s",
    Facts.PAYMENT: "SELECT customer_id FROM activity_order WHERE payment = %s",
    Facts.CONTACT_CHANNEL: "SELECT customer_id FROM activity_interaction WHERE channel = %s",
    Facts.CONTACT_PURPOSE: "SELECT customer_id FROM activity_interaction WHERE purpose = %s",
}


def in_class(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to an RFM class, or to those not scored yet."""
    if value == UNSCORED:
        return customers.exclude(pk__in=Score.objects.values("pk"))
    return customers.filter(pk__in=Score.objects.filter(rfm_class=value).values("pk"))


def in_range(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to a band of a metric, spelled `metric~low~high` (an end may be empty, low may be `none`).

    Several bands are separated by commas, and all hold.
    """
    for band in value.split(","):
        customers = _in_band(customers, band)
    return customers


def _in_band(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    run = latest()
    key, low, high = ([*value.split(GAP), "", ""])[:3]
    if run is None or key not in CATALOGUE:
        return customers.none()
    if key not in _scored():
        return _in_lake(customers, key, low, high)
    expression, parameters = metric_sql(key, run.as_of)
    if metric(key).unit == "date":
        expression, parameters = f"(%s::date - {expression})", (run.as_of, *parameters)
    try:
        condition, bounds = _condition(expression, parameters, low, high)
    except InvalidOperation:
        return customers.none()
    sql = f"SELECT s.customer_id FROM insight_score s WHERE {condition}"
    return customers.filter(pk__in=RawSQL(sql, bounds))  # noqa: S611 — own constants only


def _scored() -> frozenset[str]:
    """The metrics that scores keep; the others are asked of the lake."""
    spec = blueprints.current_or_none()
    own = {*storing.OWN_COLUMN, *storing.FROM_COLUMN, *storing.KEPT}
    return frozenset(own | set(storing.kept(spec)) if spec else own)


def _in_lake(customers: QuerySet[Any], key: str, low: str, high: str) -> QuerySet[Any]:
    try:
        ends = [Decimal(end) if end and low != NONE else None for end in (low, high)]
    except InvalidOperation:
        return customers.none()
    if any(end is not None and not (end.is_finite() and abs(end) < BEYOND) for end in ends):
        return customers.none()
    with lake.session() as session:
        found = store.without(session, key) if low == NONE else store.between(session, key, *ends)
    return customers.filter(bulk.among("pk", found))


def _condition(
    expression: str, parameters: tuple[Any, ...], low: str, high: str
) -> tuple[str, tuple[Any, ...]]:
    if low == NONE:
        return f"{expression} IS NULL", parameters
    tests, bounds = [f"{expression} IS NOT NULL"], [*parameters]
    for mark, end in ((">=", low), ("<", high)):
        if end:
            tests.append(f"{expression} {mark} %s")
            bounds += [*parameters, Decimal(end)]
    return " AND ".join(tests), tuple(bounds)


def did(facts: Facts, customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to those who bought in a category, through a channel, were contacted through one, and so on."""
    return customers.filter(pk__in=RawSQL(_DID[facts], ("" if value == NONE else value,)))  # noqa: S611 — own constants only


def at_level(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to a warning level of churn, to any warning, or to those without a forecast because they never bought."""
    if value == NONE_TOLD:
        return customers.exclude(pk__in=Forecast.objects.values("pk"))
    if value == WARNED:
        return customers.filter(pk__in=Forecast.objects.exclude(level=Forecast.Level.NONE).values("pk"))
    return customers.filter(pk__in=Forecast.objects.filter(level=value).values("pk"))


def worth_between(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to a band of value in the year to come, spelled `low~high`; an end may be empty."""
    low, high = ([*value.split(GAP), ""])[:2]
    found = Forecast.objects.all()
    try:
        if low:
            found = found.filter(value__gte=Decimal(low))
        if high:
            found = found.filter(value__lt=Decimal(high))
    except InvalidOperation:
        return customers.none()
    return customers.filter(pk__in=found.values("pk"))


def for_reason(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to those with a warning that names a reason."""
    sql = "SELECT f.customer_id FROM insight_forecast f WHERE f.reasons @> jsonb_build_array(jsonb_build_array(%s::text))"
    return customers.filter(pk__in=RawSQL(sql, (value,)))  # noqa: S611 — own constants only
