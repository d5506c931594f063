"""The means and percentiles that rules compare with: those of all customers, and means of groups of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import ibis.expr.types as ir

from zhike.core.rules import Baseline, Grouping, Rule, baselines, grouped_baselines
from zhike.engine.lake import Session
from zhike.engine.metrics import figures
from zhike.engine.rules.conditions import Means, group_column
from zhike.engine.rules.exactly import NUMBER
from zhike.engine.rules.subjects import subjects

SIX = Decimal("0.000001")


def figures_for(session: Session, metrics: ir.Table, rules: Sequence[Rule], as_of: date) -> Means:
    """The figure of every baseline of the rules under its key, over the customers of `metrics` who have a value.

    Means are rounded to six digits. A mean by group stands once for each group that has one, under `Baseline.in_group`.
    """
    found = dict(figures(session, metrics, [one for rule in rules for one in baselines(rule)]))
    grouped = {one.key: one for rule in rules for one in grouped_baselines(rule)}
    if grouped:
        table = subjects(session, metrics, rules, as_of)
        for by in dict.fromkeys(one.by for one in grouped.values() if one.by):
            found |= _of_groups(session, table, by, [one for one in grouped.values() if one.by == by])
    return found


def _of_groups(
    session: Session, table: ir.Table, by: Grouping, wanted: Iterable[Baseline]
) -> dict[str, Decimal | None]:
    asked = list(wanted)
    known = table.mutate(grouped_by=group_column(table, by))
    known = known.filter(known.grouped_by.notnull())
    sums = {f"s{place}": known[one.metric].cast(NUMBER).sum() for place, one in enumerate(asked)}
    counts = {f"n{place}": known[one.metric].count() for place, one in enumerate(asked)}
    rows = session.rows(known.group_by("grouped_by").aggregate(**sums, **counts))
    return {
        one.in_group(row["grouped_by"]): (Decimal(row[f"s{place}"]) / row[f"n{place}"]).quantize(SIX)
        for row in rows
        for place, one in enumerate(asked)
        if row[f"n{place}"]
    }
