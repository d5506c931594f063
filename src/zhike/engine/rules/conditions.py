"""A rule tree as one condition on a table of subjects."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from zhike.core.rules import (
    All,
    Any,
    Did,
    Grouping,
    HasTag,
    InClass,
    InSegment,
    InTier,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    Span,
    baseline_of,
)
from zhike.engine.metrics.exact import day
from zhike.engine.rules.exactly import COMPARISONS, FALSE, LARGEST, NUMBER, TRUE, in_span, number
from zhike.engine.rules.fields import field_condition, value_of
from zhike.engine.rules.subjects import class_column, segment_column, tag_column

Means = Mapping[str, Decimal | None]


def condition(rule: Rule, table: ir.Table, means: Means, as_of: date) -> ir.BooleanValue:
    """The rule as a condition on a table of `subjects`; never null: what is not known does not hold.

    `means` has the figure of every baseline of the rule (`figures_for`); relative dates are counted from `as_of`.
    """
    if isinstance(rule, All):
        return reduce(and_, (condition(part, table, means, as_of) for part in rule.parts), TRUE)
    if isinstance(rule, Any):
        return reduce(or_, (condition(part, table, means, as_of) for part in rule.parts), FALSE)
    if isinstance(rule, Not):
        return ~condition(rule.part, table, means, as_of)
    if isinstance(rule, InTier):
        return (table.tier == rule.tier).fill_null(False)
    if isinstance(rule, HasTag):
        return table[tag_column(rule.tag)].fill_null(False)
    if isinstance(rule, InSegment):
        return table[segment_column(rule.segment)].fill_null(False)
    if isinstance(rule, InClass):
        return (table[class_column(rule.of)] == rule.key).fill_null(False)
    if isinstance(rule, Did):
        return _did(rule, table).fill_null(False)
    if isinstance(rule, MetricTest):
        return _metric(rule, table, means, as_of).fill_null(False)
    return field_condition(rule, table, as_of).fill_null(False)


def group_column(table: ir.Table, by: Grouping) -> ir.Value:
    """The group each customer is compared within; null when it is not known."""
    if not by.field:
        return table.tier
    value = value_of(table, by.field)
    return value.left(by.lead) if by.lead else value


def _did(test: Did, table: ir.Table) -> ir.BooleanValue:
    figure = table[test.key]
    if test.total:
        return COMPARISONS[test.op](figure.cast(NUMBER), number(test.times))
    return COMPARISONS[test.op](figure, ibis.literal(int(test.times), type="int64"))


def _metric(test: MetricTest, table: ir.Table, means: Means, as_of: date) -> ir.BooleanValue:
    column = table[test.metric]
    if isinstance(test.value, Span):
        return in_span(column, test.op, test.value, as_of) if column.type().is_date() else FALSE
    if not test.op.takes_value:
        return column.isnull() if test.op is Op.EMPTY else column.notnull()
    if isinstance(test.value, date):
        return COMPARISONS[test.op](column, day(test.value)) if column.type().is_date() else FALSE
    wanted = _threshold(test, table, means)
    if wanted is None or column.type().is_date():
        return FALSE
    return COMPARISONS[test.op](column.cast(NUMBER), wanted)


def _threshold(test: MetricTest, table: ir.Table, means: Means) -> ir.Value | None:
    """What the metric is compared with, as a literal or, within groups, one for each group."""
    if not isinstance(test.value, Decimal):
        return None
    if test.relative is None:
        return number(test.value)
    baseline = baseline_of(test)
    if test.by is None:
        figure = means.get(baseline.key)
        return None if figure is None else number(_multiplied(test, figure, test.value))
    start = baseline.in_group("")
    cases = [
        (name.removeprefix(start), number(_multiplied(test, figure, test.value)))
        for name, figure in means.items()
        if name.startswith(start) and figure is not None
    ]
    return group_column(table, test.by).cases(*cases) if cases else None


def _multiplied(test: MetricTest, figure: Decimal, value: Decimal) -> Decimal:
    return min(LARGEST, figure * value) if test.relative is Relative.MEAN else figure
