"""The blueprint's KPIs per tier as expressions over the lake; rounding and counting happen here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from zhike.core.blueprints import Aggregate, KpiSpec
from zhike.engine.effect import placements_on
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.rules import Means, condition, figures_for, metrics_needed, subjects

METHOD = "kpi/v1"
ALL = ""  # stands for the customers of every tier
PLACES = Decimal("0.000001")
VALUE = "decimal(30, 6)"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one group of customers adds to a KPI: the sum over those with a value, and how many they are."""

    kpi: str
    tier: str
    manager: int | None
    department: int | None
    whole: bool
    total: Decimal
    customers: int


def read(session: Session, kpis: Sequence[KpiSpec], as_of: date) -> list[Reading]:
    """Every KPI per tier, manager and department at the end of a day; medians per tier and over all."""
    if not kpis:
        return []
    table = _values(session, kpis, as_of)
    added = [number for number, kpi in enumerate(kpis) if kpi.aggregate is not Aggregate.MEDIAN]
    middle = [number for number, kpi in enumerate(kpis) if kpi.aggregate is Aggregate.MEDIAN]
    found = _grouped(session, table, kpis, added, ("tier", "manager", "department"))
    if middle:
        found += _grouped(session, table, kpis, middle, ("tier",))
        found += _grouped(session, table.mutate(tier=ibis.literal(ALL)), kpis, middle, ("tier",))
    return found


def _values(session: Session, kpis: Sequence[KpiSpec], as_of: date) -> ir.Table:
    """What each placed customer adds to each KPI (k0, k1, …): the metric's value, or 1 where the rule holds, else 0."""
    rules = [kpi.rule for kpi in kpis if kpi.rule is not None]
    keys = dict.fromkeys([*(kpi.metric for kpi in kpis if kpi.metric), *metrics_needed(rules)])
    metrics = compute(session, as_of, keys)
    means = figures_for(session, metrics, rules, as_of)
    placed = placements_on(session, as_of)
    placed = placed.select(placed_id=placed.customer_id, placed_in=placed.tier)
    people = session.table("customers")
    people = people.select(person=people.id, manager=people.manager_id, department=people.department_id)
    table = subjects(session, metrics, rules, as_of)
    table = table.inner_join(placed, table.customer_id == placed.placed_id)
    table = table.inner_join(people, table.customer_id == people.person)
    columns = {f"k{number}": _value(kpi, table, means, as_of) for number, kpi in enumerate(kpis)}
    return session.keep(table.select("manager", "department", tier=table.placed_in, **columns), "kpi_values")


def _value(kpi: KpiSpec, table: ir.Table, means: Means, as_of: date) -> ir.Value:
    if kpi.rule is not None:
        return condition(kpi.rule, table, means, as_of).cast("int64").cast(VALUE)
    return table[kpi.metric].cast(VALUE)


def _grouped(
    session: Session, table: ir.Table, kpis: Sequence[KpiSpec], numbers: list[int], by: tuple[str, ...]
) -> list[Reading]:
    sums: dict[str, ir.Value] = {}
    for number in numbers:
        column = table[f"k{number}"]
        sums[f"n{number}"] = column.count()
        sums[f"v{number}"] = column.quantile(0.5) if len(by) == 1 else column.sum()
    rows = session.rows(table.group_by(by).aggregate(**sums).order_by(by)) if sums else []
    return [
        Reading(
            kpi=kpis[number].key,
            tier=row["tier"],
            manager=row.get("manager"),
            department=row.get("department"),
            whole=len(by) == 1,
            total=Decimal(str(row[f"v{number}"])).quantize(PLACES),
            customers=int(row[f"n{number}"]),
        )
        for row in rows
        for number in numbers
        if row[f"n{number}"]
    ]


def first_fact_on(session: Session) -> date | None:
    """The day of the first order the lake knows."""
    orders = session.table("orders")
    [row] = session.rows(orders.aggregate(first=orders.placed_on.min()))
    found: date | None = row["first"]
    return found


def first_placed_on(session: Session) -> dict[str, date]:
    """The day the first customer was placed in each tier."""
    placements = session.table("placements")
    grouped = placements.group_by("tier").aggregate(first=placements.since.min())
    return {row["tier"]: row["first"] for row in session.rows(grouped)}
