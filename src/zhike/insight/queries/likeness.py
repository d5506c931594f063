"""The portrait of one customer: rhythm, habits, usual days and hours, and where they stand among those of their tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from zhike.core.rules.classes import CATEGORY, CHANNEL, PAYMENT, STORE
from zhike.customers import queries as customers
from zhike.engine.cohorts import months_after
from zhike.insight.facts import ScoreCard
from zhike.insight.queries.forecasts import ForecastCard, forecast_of
from zhike.insight.queries.portraits import DRAWN
from zhike.insight.queries.scores import latest, score_of
from zhike.insight.queries.shape import metric_sql
from zhike.kernel import bulk, slots
from zhike.kernel.models import User

MONTHS = 24
FEW = 10  # peers, below which a place among them says nothing
MOST = 3  # values of a habit
PARTS = ((5, 11), (11, 14), (14, 18), (18, 23))  # morning, noon, afternoon, evening; the rest is night


@dataclass(frozen=True, slots=True)
class Habit:
    """One value of a habit: so many orders (amount, for a category), and which share of all that is."""

    key: str
    size: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """One metric of the customer among peers: their median, and which share of them lie below the customer."""

    metric: str
    own: Decimal | None
    median: Decimal | None
    position: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """One customer in numbers; `months` are (month, orders, amount) up to the run, `weekdays` Monday first, `parts` as PARTS."""

    as_of: date
    score: ScoreCard
    forecast: ForecastCard | None
    months: tuple[tuple[date, int, Decimal], ...]
    weekdays: tuple[int, ...]
    parts: tuple[int, ...]
    timed: bool
    habits: dict[str, tuple[Habit, ...]] = field(default_factory=dict)
    tier: Any = None
    peers: int = 0
    places: tuple[Place, ...] = ()


def likeness(user: User, customer: Any) -> Likeness | None:
    """The portrait of a customer whom the caller may see; None before the first run that knew them."""
    run, score = latest(), score_of(customer)
    if run is None or score is None:
        return None
    tier = _tier(customer.pk)
    peers, places = _places(user, customer.pk, tier, run.as_of)
    weekdays, parts, timed = _times(customer.pk, run.as_of)
    return Likeness(
        as_of=run.as_of,
        score=score,
        forecast=forecast_of(customer.pk),
        months=_months(customer.pk, run.as_of),
        weekdays=weekdays,
        parts=parts,
        timed=timed,
        habits=_habits(customer.pk, run.as_of),
        tier=tier,
        peers=peers,
        places=places if peers >= FEW else (),
    )


def _tier(customer_id: int) -> Any:
    """The tier as its stage shows it in the list of customers; None where there is none."""
    column = next((one for one in slots.columns() if one.key == "tier"), None)
    return column.values([customer_id]).get(customer_id) if column else None


def _months(customer_id: int, as_of: date) -> tuple[tuple[date, int, Decimal], ...]:
    first = months_after(as_of.replace(day=1), 1 - MONTHS)
    rows = bulk.rows(
        f"""
        SELECT date_trunc('month', {_LOCAL})::date, count(*), sum(amount) FROM activity_order
        WHERE customer_id = %s AND {_LOCAL} >= %s AND {_LOCAL}::date <= %s GROUP BY 1
        """,
        [customer_id, first, as_of],
    )
    found = {month: (number, amount) for month, number, amount in rows}
    listed = [months_after(first, step) for step in range(MONTHS)]
    return tuple((month, *found.get(month, (0, Decimal(0)))) for month in listed)


_LOCAL = f"(placed_at AT TIME ZONE '{settings.TIME_ZONE}')"


def _times(customer_id: int, as_of: date) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """Orders by weekday and by part of the day; files often know only the day, then all orders stand at one hour."""
    rows = bulk.rows(
        f"""
        SELECT extract(isodow FROM {_LOCAL})::int, extract(hour FROM {_LOCAL})::int, count(*) FROM activity_order
        WHERE customer_id = %s AND {_LOCAL}::date <= %s GROUP BY 1, 2
        """,
        [customer_id, as_of],
    )
    weekdays, parts = [0] * 7, [0] * (len(PARTS) + 1)
    for weekday, hour, number in rows:
        weekdays[weekday - 1] += number
        parts[_part(hour)] += number
    return tuple(weekdays), tuple(parts), len({hour for _, hour, _ in rows}) > 1


def _part(hour: int) -> int:
    return next((place for place, (begin, end) in enumerate(PARTS) if begin <= hour < end), len(PARTS))


def _habits(customer_id: int, as_of: date) -> dict[str, tuple[Habit, ...]]:
    ways = " UNION ALL ".join(
        f"SELECT '{name}', {name}, count(*)::numeric FROM bought WHERE {name} <> '' GROUP BY 2"
        for name in (CHANNEL, STORE, PAYMENT)
    )
    rows = bulk.rows(
        f"""
        WITH bought AS (SELECT id, channel, store, payment FROM activity_order
                        WHERE customer_id = %s AND {_LOCAL}::date <= %s)
        {ways} UNION ALL
        SELECT '{CATEGORY}', p.category, sum(l.amount) FROM activity_orderline l JOIN bought ON bought.id = l.order_id
        JOIN activity_product p ON p.id = l.product_id WHERE p.category <> '' GROUP BY 2
        """,
        [customer_id, as_of],
    )
    return {kind: tuple(_most(rows, kind)) for kind in (CHANNEL, STORE, PAYMENT, CATEGORY)}


def _most(rows: list[Any], kind: str) -> Iterator[Habit]:
    mine = sorted(
        ((key, size) for name, key, size in rows if name == kind), key=lambda one: (-one[1], one[0])
    )
    whole = sum((size for _, size in mine), Decimal(0))
    for key, size in mine[:MOST]:
        if whole > 0:
            yield Habit(key, size, size / whole)


def _places(user: User, customer_id: int, tier: Any, as_of: date) -> tuple[int, tuple[Place, ...]]:
    """The customer among those of the same tier whom the asker may see; among all, without a tier."""
    peers = customers.visible_to(user)
    narrow = next((one for one in slots.customer_filters() if one.key == "tier"), None)
    if tier is not None and narrow is not None:
        peers = narrow.apply(peers, tier.key)
    sql, parameters = peers.order_by().values("pk").query.sql_with_params()
    columns = [metric_sql(key, as_of) for key in DRAWN]
    listed = ", ".join(f"{column} AS v{place}" for place, (column, _) in enumerate(columns))
    own = [value for _, values in columns for value in values]
    asked = ", ".join(
        f"max(v{n}) FILTER (WHERE me), percentile_disc(0.5) WITHIN GROUP (ORDER BY v{n}), "
        f"avg((v{n} < m.v{n}_me)::int + (v{n} = m.v{n}_me)::int / 2.0) FILTER (WHERE v{n} IS NOT NULL)"
        for n in range(len(DRAWN))
    )
    mine = ", ".join(f"v{n} AS v{n}_me" for n in range(len(DRAWN)))
    (row,) = bulk.rows(
        f"""
        WITH source AS (SELECT s.customer_id = %s AS me, {listed} FROM insight_score s
                        WHERE s.customer_id = %s OR s.customer_id IN ({sql}))
        SELECT count(*), {asked} FROM source LEFT JOIN (SELECT {mine} FROM source WHERE me) m ON TRUE
        """,
        [customer_id, *own, customer_id, *parameters],
    )
    places = [Place(key, *row[3 * n + 1 : 3 * n + 4]) for n, key in enumerate(DRAWN)]
    return row[0], tuple(_told(one) for one in places)


def _told(one: Place) -> Place:
    position = None if one.position is None or one.own is None else float(one.position)
    return Place(one.metric, one.own, one.median, position)
