"""Compute metrics for every customer: one grouped pass per source table, joined to the customers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from zhike.core.rules import Baseline, Relative
from zhike.engine.lake import Session
from zhike.engine.metrics.catalogue import CATALOGUE, metric
from zhike.engine.metrics.declaration import Metric, Part
from zhike.engine.metrics.folding import folded
from zhike.engine.metrics.grains import GRAINS, table_of
from zhike.engine.metrics.purchases import ORDERS
from zhike.engine.metrics.relations import KNOWN
from zhike.engine.metrics.windows import When

DATED = {
    "orders": "placed_on",
    "order_lines": "placed_on",
    "returns": "returned_on",
    "interactions": "on_date",
    "feedback": "on_date",
    "events": "on_date",
    "records": "on_date",
}
WINDOWED = {"orders_12m": "orders", "orders_24m": "orders"}
FEW = 4
PARTS = "parts"  # a table of parts in the place of facts
WHO = (KNOWN.key, ORDERS.key)  # the parts that tell who is known


def compute(session: Session, as_of: date, keys: Iterable[str] | None = None) -> ir.Table:
    """Metrics of every customer known at `as_of`, computed now into a temporary table of the session.

    One row per customer: `customer_id` and a column per key (all of CATALOGUE when `keys` is None; `orders` always).
    Facts after `as_of` are not seen. A customer is known when the record existed or an order was placed by then.
    """
    wanted = asked(keys)
    return run(session, Stage.METRICS, as_of, wanted, tables_read(session, wanted))


class Stage(StrEnum):
    """What to compute: the metrics of a day, or of them what stays as it is while nothing happens to a customer."""

    METRICS = "metrics"
    SETTLED = "settled"  # one row per customer of the lake, known or not; `of_day` makes the metrics of it


def asked(keys: Iterable[str] | None) -> tuple[str, ...]:
    """The keys of the metrics to compute; `orders` tells who is known."""
    return tuple(dict.fromkeys((*(CATALOGUE if keys is None else keys), "orders")))


def tables_read(session: Session, keys: Iterable[str]) -> dict[str, ir.Table]:
    """The tables of the lake that metrics are computed from, the customers first."""
    sources = [source for key in keys for source in metric(key).sources]
    return {source: session.table(source) for source in dict.fromkeys(("customers", *sources))}


def run(
    session: Session,
    stage: Stage,
    as_of: date,
    keys: tuple[str, ...],
    tables: Mapping[str, ir.Table],
    among: ir.Table | None = None,
) -> ir.Table:
    """Compute a stage over given tables into a temporary table of the session.

    Where histories are folded, only those of customers `among` (customer_id, each once) can be asked for.
    """
    if not session.names_days:
        return session.keep(_expressed(stage, tables, When(on=as_of), keys), stage.value)
    if folds(keys):
        with folded(session, tables, DATED, parts_of(keys), as_of, among) as parts:
            return _kept(session, stage, as_of, keys, {PARTS: parts})
    return _kept(session, stage, as_of, keys, tables)


def _kept(
    session: Session, stage: Stage, as_of: date, keys: tuple[str, ...], tables: Mapping[str, ir.Table]
) -> ir.Table:
    plan = planned(stage, keys, tables)
    for name, moment in plan.when.days(as_of):
        session.cursor.execute(f"SET VARIABLE {name} = DATE '{moment}'")
    return session.keep_sql(plan.sql, stage.value)


def folds(keys: Iterable[str]) -> bool:
    """Whether histories serve better than SQL: one pass over a table is SQL's own, several are not."""
    sources = {part.source for part in _riding(parts_of(keys))}
    return max(Counter(map(table_of, sources)).values()) > 1


@dataclass(frozen=True, slots=True)
class _Shape:
    """A table as far as an expression over it is concerned."""

    source: str
    name: str
    place: tuple[str, str]
    schema: ibis.Schema


@dataclass(frozen=True, slots=True)
class _Plan:
    """The SQL of an expression, and the days it names."""

    sql: str
    when: When


def _shape(source: str, table: ir.Table) -> _Shape:
    bound = table.op()
    return _Shape(source, bound.name, (bound.namespace.catalog, bound.namespace.database), table.schema())


def planned(stage: Stage, keys: tuple[str, ...], tables: Mapping[str, ir.Table]) -> _Plan:
    """The statements of a stage over tables, compiled at most once per process."""
    return _planned(stage, keys, tuple(_shape(source, table) for source, table in tables.items()))


@lru_cache(maxsize=64)
def _planned(stage: Stage, keys: tuple[str, ...], shapes: tuple[_Shape, ...]) -> _Plan:
    """Build and compile the expression; the same for every session and every day."""
    tables = {
        one.source: ibis.table(one.schema, one.name, catalog=one.place[0], database=one.place[1])
        for one in shapes
    }
    when = When()
    return _Plan(ibis.to_sql(_expressed(stage, tables, when, keys), dialect="duckdb"), when)


def _expressed(stage: Stage, tables: Mapping[str, ir.Table], when: When, keys: Sequence[str]) -> ir.Table:
    parts = tables[PARTS] if PARTS in tables else parted(tables, when, keys)
    if stage is Stage.SETTLED:
        return _settled(parts, when, keys)
    joined = _known(parts, when)
    return joined.select("customer_id", **{key: metric(key).value(joined, when) for key in keys})


def of_day(settled: ir.Table, as_of: date, keys: Iterable[str]) -> ir.Table:
    """The metrics of a day as an expression over what is settled on it: most are columns there, the others a small sum."""
    when = When(on=as_of)
    known = _known(settled, when)
    values = {key: known[key] if key in settled.columns else metric(key).value(known, when) for key in keys}
    return known.select("customer_id", **values)


def _settled(parts: ir.Table, when: When, keys: Iterable[str]) -> ir.Table:
    """The metrics that do not move with the day, and the parts of those that do."""
    wanted = [metric(key) for key in keys]
    moving = [one for one in wanted if _moves(one, parts.schema())]
    needed = dict.fromkeys((*WHO, *(part.key for one in moving for part in one.parts)))
    columns = {one.key: one.value(parts, when) for one in wanted if one not in moving}
    return parts.select("customer_id", *needed, **columns)


def _moves(wanted: Metric, parts: ibis.Schema) -> bool:
    """Whether its value names a day, so that it changes though nothing happens."""
    value = wanted.value(ibis.table(parts, PARTS), When())
    return bool(value.op().find(ops.ScalarUDF))


def parts_of(keys: Iterable[str]) -> tuple[Part, ...]:
    """The aggregates of facts that metrics are made of, each once."""
    parts = {part.key: part for key in keys for part in metric(key).parts} | {ORDERS.key: ORDERS}
    parts.pop(KNOWN.key, None)
    return tuple(parts.values())


def means(session: Session, table: ir.Table, keys: Iterable[str] | None = None) -> dict[str, Decimal | None]:
    """The mean of each numeric metric over the customers that have a value, to six digits; None when nobody has."""
    named = [key for key in (table.columns if keys is None else keys) if key != "customer_id"]
    return figures(session, table, [Baseline(key, Relative.MEAN) for key in named if metric(key).numeric])


def figures(session: Session, table: ir.Table, wanted: Iterable[Baseline]) -> dict[str, Decimal | None]:
    """The means and percentiles that relative rules compare with, by `Baseline.key`, over customers with a value.

    Means are rounded to six digits; a percentile is a value that occurs (discrete quantile).
    """
    baselines = list(dict.fromkeys(wanted))
    relation = f"({session.sql(table)}) AS of_all"
    return _means(session, relation, baselines) | _percentiles(session, relation, baselines)


def values_of(session: Session, table: ir.Table, customer_ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """The metric values of some customers by id."""
    chosen = table.semi_join(session.ids(customer_ids), "customer_id")
    return {row.pop("customer_id"): row for row in session.rows(chosen)}


def _means(session: Session, relation: str, wanted: Iterable[Baseline]) -> dict[str, Decimal | None]:
    keys = {one.key: one.metric for one in wanted if one.percentile is None}
    if not keys:
        return {}
    columns = ", ".join(f'sum("{key}"), count("{key}")' for key in keys.values())
    row = session.one(f"SELECT {columns} FROM {relation}") or ()
    return {key: _mean(*row[2 * n : 2 * n + 2]) for n, key in enumerate(keys)}


def _mean(total: Any, number: int) -> Decimal | None:
    return (Decimal(total) / number).quantize(Decimal("0.000001")) if number else None


def _percentiles(session: Session, relation: str, given: Iterable[Baseline]) -> dict[str, Decimal | None]:
    wanted: dict[str, dict[float, str]] = {}
    for one in given:
        if one.percentile is not None:
            wanted.setdefault(one.metric, {})[float(one.percentile / 100)] = one.key
    if not wanted:
        return {}
    found = session.quantiles(relation, {key: list(steps) for key, steps in wanted.items()})
    return {
        name: Decimal(found[key][place]) if found[key] else None
        for key, steps in wanted.items()
        for place, name in enumerate(steps.values())
    }


def _known(parts: ir.Table, when: When) -> ir.Table:
    return parts.filter((parts.known_on <= when.as_of) | (parts.orders_n > 0))


def parted(tables: Mapping[str, ir.Table], when: When, keys: Iterable[str]) -> ir.Table:
    """All customers with every part as a column."""
    parts = {part.key: part for part in _riding(parts_of(keys))}
    customers = tables["customers"]
    joined = customers.select(customer_id=customers.id, known_on=customers.created_on)
    for source in dict.fromkeys(part.source for part in parts.values()):
        facts = _grouped(tables[table_of(source)], source, when, parts.values())
        joined = joined.left_join(facts, joined.customer_id == facts[f"of_{source}"])
    columns = {key: _filled(joined[key], part) for key, part in parts.items()}
    return joined.select("customer_id", "known_on", **columns)


def _riding(parts: Iterable[Part]) -> list[Part]:
    """A few parts of a window ride along in the pass over the whole table; many deserve a pass over fewer rows."""
    given = list(parts)
    windowed = [part for part in given if part.source in WINDOWED]
    if len(windowed) > FEW:
        return given
    return [replace(part, source=WINDOWED.get(part.source, part.source)) for part in given]


def _filled(column: ir.Value, part: Part) -> ir.Value:
    return column if part.empty is None else column.fill_null(part.empty)


def _grouped(facts: ir.Table, source: str, when: When, parts: Iterable[Part]) -> ir.Table:
    if "on_date" not in facts.columns and source == "events":
        facts = facts.mutate(on_date=facts["at"].date())
    seen = facts.filter(facts[DATED[table_of(source)]] <= when.as_of)
    if source in GRAINS:
        seen = GRAINS[source].build(seen, when)
    taken = {part.key: _narrow(part.take(seen, when)) for part in parts if part.source == source}
    return seen.group_by(**{f"of_{source}": seen.customer_id}).aggregate(**taken)


def _narrow(value: ir.Value) -> ir.Value:
    """Sums of decimals in 18 digits: databases widen them to twice the room, in which reckoning is slow."""
    kind = value.type()
    return value.cast(f"decimal(18, {kind.scale})") if kind.is_decimal() else value
