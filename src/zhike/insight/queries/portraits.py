"""The portrait of a group of customers: what sets them apart from all whom the asker may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.rules.classes import RFM, RISK
from zhike.engine.cross.base import FIELD, METRICS, by_customer
from zhike.engine.cross.chance import Fourfold, adjusted, lift_interval, p_value
from zhike.engine.metrics import CATALOGUE
from zhike.engine.portrait import leans
from zhike.insight.cross_words import Named
from zhike.insight.dimensions import SPLITTABLE
from zhike.insight.queries.scores import counted, latest, scope_sql
from zhike.insight.queries.shape import metric_sql
from zhike.kernel import bulk, lake
from zhike.kernel.models import User

FEWEST = 5  # customers with a trait
RATE = 0.05
LIFT = 1.1  # the least lower end
SHOWN = 20
STEPS = 4
DRAWN = tuple(key for key in METRICS if key in CATALOGUE)


def telling(here: Decimal | None, overall: Decimal | None) -> bool:
    """Whether a pair of values says anything: not when both are nothing."""
    return bool(here) or bool(overall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """A value that is clearly more common in the group: how often, and how many times as often as among all."""

    named: Named
    seen: Fourfold
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """A metric of the group's middle customer, that of all, and which share of all lie below the group's (None: nobody known)."""

    metric: str
    here: Decimal | None
    overall: Decimal | None
    position: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """A group in numbers: customers and spend of it and of all, where it leans, and where its middle lies."""

    as_of: date
    customers: int
    everybody: int
    spend: Decimal
    all_spend: Decimal
    leanings: tuple[Leaning, ...]
    middles: tuple[Middle, ...]


def portrait(
    user: User,
    group: QuerySet[Any],
    chosen: Iterable[str] = (),
    tell: Callable[[int], None] = lambda step: None,
) -> Portrait | None:
    """The group against all customers of the user; what was `chosen` to describe it is no news. None before the first run.

    `tell` hears which of STEPS is done.
    """
    run, spec = latest(), blueprints.current_or_none()
    if run is None or spec is None:
        return None
    asked = _Asked(user, group)
    customers, everybody, spend, all_spend = asked.sizes()
    seen: list[_Seen] = []
    for step, part in enumerate((_fields(asked, spec), _marks(asked, spec), _habits(asked, run.as_of, spec))):
        tell(step)
        seen += part
    tell(STEPS - 1)
    told = [one for one in seen if not {*one[0].narrowed()} & {*chosen}]
    return Portrait(
        as_of=run.as_of,
        customers=customers,
        everybody=everybody,
        spend=spend,
        all_spend=all_spend,
        leanings=tuple(_clear(told)),
        middles=tuple(_middles(asked, run.as_of)),
    )


def to_json(one: Portrait) -> dict[str, Any]:
    """A portrait as it is kept."""
    return {
        "as_of": one.as_of.isoformat(),
        "sizes": [one.customers, one.everybody, str(one.spend), str(one.all_spend)],
        "leanings": [
            [found.named.key, found.named.value, [*astuple(found.seen)], found.low, found.high]
            for found in one.leanings
        ],
        "middles": [
            [
                found.metric,
                *(None if end is None else str(end) for end in (found.here, found.overall)),
                found.position,
            ]
            for found in one.middles
        ],
    }


def from_json(raw: Mapping[str, Any], spec: BlueprintSpec) -> Portrait:
    """The portrait that `to_json` kept, in the words of a blueprint."""
    customers, everybody, *spend = raw["sizes"]
    return Portrait(
        as_of=date.fromisoformat(raw["as_of"]),
        customers=customers,
        everybody=everybody,
        spend=Decimal(spend[0]),
        all_spend=Decimal(spend[1]),
        leanings=tuple(
            Leaning(named=Named(spec, {}, key, value), seen=Fourfold(*seen), low=low, high=high)
            for key, value, seen, low, high in raw["leanings"]
        ),
        middles=tuple(
            Middle(
                metric=metric,
                here=None if here is None else Decimal(here),
                overall=None if overall is None else Decimal(overall),
                position=position,
            )
            for metric, here, overall, position in raw["middles"]
        ),
    )


class _Asked:
    """The group and all customers as SQL on a column of customer ids."""

    def __init__(self, user: User, group: QuerySet[Any]) -> None:
        self.user = user
        self.group = group
        sql, self._parameters = group.order_by().values("pk").query.sql_with_params()
        self._sql = sql

    def rows(self, statement: str, column: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Ask with {inside} and {scope} in place of the two conditions; `values` belong to what stands before them."""
        scope, scoped = scope_sql(self.user, column)
        asked = statement.format(inside="grp.id IS NOT NULL", scope=scope)
        return bulk.rows(f"WITH grp(id) AS ({self._sql}) {asked}", [*self._parameters, *values, *scoped])

    def sizes(self) -> tuple[int, int, Decimal, Decimal]:
        """Customers of the group and of all, and what they spent."""
        (found,) = self.rows(
            """
            SELECT count(*) FILTER (WHERE {inside}), count(*),
                   coalesce(sum(s.spend) FILTER (WHERE {inside}), 0), coalesce(sum(s.spend), 0)
            FROM customers_customer c LEFT JOIN grp ON grp.id = c.id
            LEFT JOIN insight_score s ON s.customer_id = c.id WHERE {scope}
            """,
            "c.id",
        )
        return found[0], found[1], found[2], found[3]


_Seen = tuple[Named, Fourfold]
_ANSWERS = """CROSS JOIN LATERAL jsonb_array_elements_text(
    CASE jsonb_typeof(one.value) WHEN 'array' THEN one.value ELSE jsonb_build_array(one.value) END) said"""


def _fields(asked: _Asked, spec: BlueprintSpec) -> Iterator[_Seen]:
    """Fields with few values: customers per value, of whom any value is known."""
    fields = {one.key: one for one in spec.fields.values() if one.type in SPLITTABLE and not one.sealed}
    leads = [[key for key, one in fields.items() if one.type == kind] for kind in ("region", "industry")]
    rows = asked.rows(
        f"""
        SELECT one.key, CASE WHEN one.key = ANY(%s) THEN left(said, 2) WHEN one.key = ANY(%s) THEN left(said, 1) ELSE said END,
               count(DISTINCT c.id) FILTER (WHERE {{inside}}), count(DISTINCT c.id)
        FROM customers_customer c LEFT JOIN grp ON grp.id = c.id
        CROSS JOIN LATERAL jsonb_each(c.values) one {_ANSWERS}
        WHERE one.key = ANY(%s) AND said <> '' AND {{scope}}
        GROUP BY GROUPING SETS ((1, 2), (1)) ORDER BY 1, 2
        """,
        "c.id",
        [*leads, [*fields]],
    )
    known = {key: (inside, overall) for key, value, inside, overall in rows if value is None}
    for key, value, inside, overall in rows:
        if value is not None:
            several = fields[key].type == "multi_choice"
            named = (f"{FIELD}.{key}.{value}", "true") if several else (f"{FIELD}.{key}", value)
            yield Named(spec, {}, *named), Fourfold(inside, known[key][0], overall, known[key][1])


def _marks(asked: _Asked, spec: BlueprintSpec) -> Iterator[_Seen]:
    """RFM class and warning level."""
    for kind, table, column in ((RFM, "insight_score", "rfm_class"), (RISK, "insight_forecast", "level")):
        rows = asked.rows(
            f"""
            SELECT s.{column}, count(*) FILTER (WHERE {{inside}}), count(*)
            FROM {table} s LEFT JOIN grp ON grp.id = s.customer_id WHERE {{scope}} GROUP BY 1 ORDER BY 1
            """,
            "s.customer_id",
        )
        yield from _together(spec, kind, rows)


def _habits(asked: _Asked, as_of: date, spec: BlueprintSpec) -> Iterator[_Seen]:
    """Tier and habits, from the lake."""
    with lake.session() as session:
        group = session.ids(asked.group.order_by().values_list("pk", flat=True))
        tables = by_customer(session, as_of)
        found = leans(session, tables, group, counted(session, asked.user))
    for kind in tables:
        yield from _together(
            spec, kind, [(one.key, one.inside, one.overall) for one in found if one.kind == kind]
        )


def _together(spec: BlueprintSpec, kind: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[_Seen]:
    """One value per customer: those known are the sum."""
    group, whole = sum(row[1] for row in rows), sum(row[2] for row in rows)
    for value, inside, overall in rows:
        yield Named(spec, {}, kind, value), Fourfold(inside, group, overall, whole)


def _clear(seen: Sequence[_Seen]) -> list[Leaning]:
    """What is clearly more common, after correction for as many tests, the clearest first."""
    tested = [one for one in seen if 0 < one[1].group < one[1].whole and one[1].trait < one[1].whole]
    rates = adjusted([p_value(one) for _, one in tested])
    found = []
    for (named, one), q in zip(tested, rates, strict=True):
        low, high = lift_interval(one)
        if q <= RATE and one.both >= FEWEST and low >= LIFT:
            found.append(Leaning(named=named, seen=one, low=low, high=high))
    return sorted(found, key=lambda one: (-one.low * one.seen.share, one.named.key, one.named.value))[:SHOWN]


def _middles(asked: _Asked, as_of: date) -> Iterator[Middle]:
    """Medians of each metric inside and overall, and where among all the inner one lies (ties count half)."""
    columns = [metric_sql(key, as_of) for key in DRAWN]
    values = [value for _, own in columns for value in own]
    listed = ", ".join(f"{sql} AS v{place}" for place, (sql, _) in enumerate(columns))
    source = f"SELECT {{inside}} AS inside, {listed} FROM insight_score s LEFT JOIN grp ON grp.id = s.customer_id WHERE {{scope}}"
    half = "percentile_disc(0.5) WITHIN GROUP (ORDER BY v{0})"
    pairs = ", ".join(
        f"{half} FILTER (WHERE inside) AS h{{0}}, {half} AS o{{0}}".format(n) for n in range(len(DRAWN))
    )
    below = ", ".join(
        f"h{n}, o{n}, (SELECT avg((v{n} < h{n})::int + (v{n} = h{n})::int / 2.0) FROM source WHERE v{n} IS NOT NULL)"
        for n in range(len(DRAWN))
    )
    statement = f", source AS MATERIALIZED ({source}), middle AS (SELECT {pairs} FROM source) SELECT {below} FROM middle"
    (row,) = asked.rows(statement, "s.customer_id", values)
    for place, key in enumerate(DRAWN):
        here, overall, position = row[3 * place : 3 * place + 3]
        told = None if here is None or position is None else float(position)
        yield Middle(metric=key, here=here, overall=overall, position=told)
