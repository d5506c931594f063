"""How the asker's customers split by one dimension; every bucket leads to the customers behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import ibis.expr.types as ir
from django.urls import reverse

from zhike.customers import queries as customers
from zhike.engine import distributions as engine
from zhike.engine.lake import Session
from zhike.engine.metrics import metric
from zhike.insight import dimensions
from zhike.insight.dimensions import Dimension, Facts
from zhike.insight.queries.narrowing import NONE
from zhike.insight.queries.scores import counted, latest, scope_sql
from zhike.insight.queries.shape import metric_sql
from zhike.kernel import bulk, clock, lake
from zhike.kernel.models import User

SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bar: its words, how many customers, what they spent, and the page of those customers."""

    label: str
    customers: int
    share: Decimal
    spend: Decimal
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A split of the asker's customers; `rest` counts the buckets beyond those shown."""

    dimension: Dimension
    customers: int
    buckets: tuple[Bucket, ...]
    rest: int = 0


def distribution(user: User, dimension: Dimension) -> Distribution:
    """The split of the customers the user may see by one dimension."""
    whole = customers.visible_to(user).count()
    if dimension.facts is not None:
        rows = _by_facts(user, dimension.facts)
    elif dimension.field is not None:
        rows = _by_field(user, dimension)
    else:
        rows = _by_band(user, dimension)
    buckets = tuple(_bucket(label, number, spend, whole, query) for label, number, spend, query in rows)
    return Distribution(
        dimension=dimension, customers=whole, buckets=buckets[:SHOWN], rest=max(0, len(buckets) - SHOWN)
    )


Row = tuple[str, int, Decimal, dict[str, str]]


def _bucket(label: str, number: int, spend: Decimal | None, whole: int, query: dict[str, str]) -> Bucket:
    share = Decimal(number) / whole if whole else Decimal(0)
    url = f"{reverse('customers:list')}?{urlencode(query)}"
    return Bucket(label=label, customers=number, share=share, spend=spend or Decimal(0), url=url)


def _by_field(user: User, dimension: Dimension) -> list[Row]:
    spec = dimension.field
    if spec is None:
        return []
    scope, scoped = scope_sql(user, "c.id")
    value, source = _field_sql(spec.type)
    rows = bulk.rows(
        f"""
        SELECT {value} AS value, count(DISTINCT c.id), sum(s.spend)
        FROM customers_customer c LEFT JOIN insight_score s ON s.customer_id = c.id {source}
        WHERE {scope} GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        [*[spec.key] * (value + source).count("%s"), *scoped],
    )
    return [
        (dimensions.value_label(spec, found), number, spend, {spec.key: found or NONE})
        for found, number, spend in rows
    ]


def _field_sql(kind: str) -> tuple[str, str]:
    """The grouped value of a field and what must be joined for it."""
    if kind == "multi_choice":
        listed = "CASE jsonb_typeof(c.values->%s) WHEN 'array' THEN c.values->%s ELSE '[]'::jsonb END"
        return "coalesce(one.value, '')", f"LEFT JOIN LATERAL jsonb_array_elements_text({listed}) one ON TRUE"
    if kind == "region":
        return "coalesce(rpad(left(c.values->>%s, 2), 6, '0'), '')", ""
    if kind == "industry":
        return "coalesce(left(c.values->>%s, 1), '')", ""
    return "coalesce(c.values->>%s, '')", ""


def _by_band(user: User, dimension: Dimension) -> list[Row]:
    run = latest()
    as_of = run.as_of if run else clock.today()
    scope, scoped = scope_sql(user, "s.customer_id")
    value, own = metric_sql(dimension.metric, as_of)
    rows = bulk.rows(
        f"""
        SELECT width_bucket(v::numeric, %s::numeric[]), count(*), sum(spend)
        FROM (SELECT {value} AS v, s.spend FROM insight_score s WHERE {scope}) AS rows
        GROUP BY 1 ORDER BY 1 NULLS LAST
        """,
        [list(dimension.edges), *own, *scoped],
    )
    return [_band_row(dimension, place, number, spend) for place, number, spend in rows]


def _band_row(dimension: Dimension, place: int | None, number: int, spend: Decimal) -> Row:
    key = dimension.metric
    if place is None:
        meaning = metric(key).null_means
        return str(meaning), number, spend, {"metric": dimensions.spelled(key, NONE, None)}
    low, high = dimensions.band(dimension.edges, place)
    label = dimensions.band_label(key, low, high)
    return label, number, spend, {"metric": dimensions.spelled(key, low, high)}


_FACTS: dict[Facts, Callable[[Session, date], ir.Table]] = {
    Facts.CATEGORY: engine.categories,
    Facts.CHANNEL: engine.channels,
    Facts.PAYMENT: engine.payments,
    Facts.CONTACT_CHANNEL: engine.contacts,
    Facts.CONTACT_PURPOSE: lambda session, as_of: engine.contacts(session, as_of, by="purpose"),
}


def _by_facts(user: User, facts: Facts) -> list[Row]:
    """Facts are many, so they are counted in the lake; whose facts count is decided by PostgreSQL, not by the lake."""
    run = latest()
    as_of = run.as_of if run else clock.today()
    with lake.session() as session:
        found = engine.tally_facts(session, _FACTS[facts](session, as_of), counted(session, user))
    return [
        (one.key or str(dimensions.UNKNOWN), one.customers, one.spend, {facts.value: one.key or NONE})
        for one in found
    ]
