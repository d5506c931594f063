"""Compile a rule tree to an Ibis condition; the only place where rules meet tables."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any as Anything

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from zhike.core.rules import (
    All,
    Any,
    FieldTest,
    HasTag,
    InTier,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    RuleValue,
    baseline_key,
    code_prefix,
    leaves,
    metrics_used,
)
from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day

Means = Mapping[str, Decimal | None]
NUMBER = "decimal(30, 12)"  # metrics have up to 4 digits, figures and thresholds 6 each
_COMPARISONS: dict[Op, Callable[[Anything, Anything], Anything]] = {
    Op.EQ: eq,
    Op.NE: ne,
    Op.GT: gt,
    Op.GE: ge,
    Op.LT: lt,
    Op.LE: le,
}
_TRUE = ibis.literal(True)
_FALSE = ibis.literal(False)


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_extract_string(document: dt.json, path: str) -> str:
    """The value at a path as text; null when there is none."""
    raise AssertionError("runs in the database")


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_contains(document: dt.json, needle: str) -> bool:
    """Whether a JSON list holds a JSON value."""
    raise AssertionError("runs in the database")


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_extract(document: dt.json, path: str) -> dt.json:
    """The JSON at a path; null when there is none."""
    raise AssertionError("runs in the database")


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_type(document: dt.json) -> str:
    """What kind of JSON it is, ARRAY for a list; a text that looks like a list is VARCHAR."""
    raise AssertionError("runs in the database")


def metrics_needed(rules: Iterable[Rule]) -> tuple[str, ...]:
    """The keys of the metrics that rules look at, in a stable order."""
    return tuple(sorted(frozenset().union(*(metrics_used(rule) for rule in rules))))


def subjects(session: Session, metrics: ir.Table, rules: Iterable[Rule], as_of: date) -> ir.Table:
    """The metrics with what else the rules look at: `fields` (JSON), `tier` and `tags` of each customer."""
    tests = [leaf for rule in rules for leaf in leaves(rule)]
    table = metrics
    if any(isinstance(test, FieldTest) for test in tests):
        customers = session.table("customers")
        table = _joined(table, customers.select(of=customers.id, fields=customers.fields))
    if any(isinstance(test, InTier) for test in tests):
        table = _joined(table, _placed(session, as_of))
    if any(isinstance(test, HasTag) for test in tests):
        taggings = session.table("taggings")
        table = _joined(
            table, taggings.group_by(of=taggings.customer_id).aggregate(tags=taggings.tag.collect())
        )
    return table


def condition(rule: Rule, table: ir.Table, means: Means) -> ir.BooleanValue:
    """The rule as a condition on a table of `subjects`; never null: what is not known does not hold.

    `means` has the figure of every baseline of the rule (`metrics.figures`).
    """
    if isinstance(rule, All):
        return reduce(and_, (condition(part, table, means) for part in rule.parts), _TRUE)
    if isinstance(rule, Any):
        return reduce(or_, (condition(part, table, means) for part in rule.parts), _FALSE)
    if isinstance(rule, Not):
        return ~condition(rule.part, table, means)
    if isinstance(rule, InTier):
        return (table.tier == rule.tier).fill_null(False)
    if isinstance(rule, HasTag):
        return table.tags.contains(rule.tag).fill_null(False)
    if isinstance(rule, MetricTest):
        return _metric(rule, table, means).fill_null(False)
    return _field(rule, table).fill_null(False)


def _joined(left: ir.Table, right: ir.Table) -> ir.Table:
    return left.left_join(right, left.customer_id == right.of).drop("of")


def _placed(session: Session, as_of: date) -> ir.Table:
    placements = session.table("placements")
    now = (placements.since <= day(as_of)) & (placements.until.isnull() | (placements.until > day(as_of)))
    current = placements.filter(now)
    return current.group_by(of=current.customer_id).aggregate(tier=current.tier.argmax(current.since))


def _metric(test: MetricTest, table: ir.Table, means: Means) -> ir.BooleanValue:
    column = table[test.metric]
    if not test.op.takes_value:
        return column.isnull() if test.op is Op.EMPTY else column.notnull()
    wanted = _threshold(test, means)
    if isinstance(wanted, date):
        return _COMPARISONS[test.op](column, day(wanted)) if column.type().is_date() else _FALSE
    if not isinstance(wanted, Decimal) or column.type().is_date():
        return _FALSE
    return _COMPARISONS[test.op](column.cast(NUMBER), _number(wanted))


def _threshold(test: MetricTest, means: Means) -> RuleValue:
    if test.relative is None or not isinstance(test.value, Decimal):
        return test.value
    figure = means.get(baseline_key(test))
    if figure is None:
        return None
    return figure * test.value if test.relative is Relative.MEAN else figure


def _number(value: Decimal) -> ir.Value:
    return ibis.literal(value.quantize(Decimal("1e-12")), type=NUMBER)


def _field(test: FieldTest, table: ir.Table) -> ir.BooleanValue:
    path = f'$."{test.field}"'
    said, held = json_extract_string(table.fields, path), json_extract(table.fields, path)
    missing = said.isnull() | (said == "") | ((said == "[]") & _is_list(held))
    if not test.op.takes_value:
        return missing if test.op is Op.EMPTY else ~missing
    if test.value is None:
        return _FALSE
    return ~missing & _compared(test.op, test.value, said, held)


def _is_list(held: ir.Value) -> ir.BooleanValue:
    return json_type(held) == "ARRAY"


def _compared(op: Op, wanted: RuleValue, said: ir.Value, held: ir.Value) -> ir.BooleanValue:
    if op in _COMPARISONS:
        return _COMPARISONS[op](*_alike(said, wanted))
    if op is Op.WITHIN:
        return said.startswith(code_prefix(str(wanted)))
    if op is Op.CONTAINS:
        listed = json_contains(held, _json(str(wanted)))
        return _is_list(held).ifelse(listed, said.contains(str(wanted)))
    options = [str(one) for one in wanted] if isinstance(wanted, tuple) else []
    any_listed = reduce(or_, (json_contains(held, _json(one)) for one in options), _FALSE)
    among = _is_list(held).ifelse(any_listed, said.isin(options))
    return among if op is Op.IN else ~among


def _alike(said: ir.Value, wanted: RuleValue) -> tuple[ir.Value, ir.Value]:
    """Both sides of a comparison in the type of the threshold."""
    if isinstance(wanted, bool):
        return said, ibis.literal("true" if wanted else "false")
    if isinstance(wanted, Decimal):
        return said.try_cast(NUMBER), _number(wanted)
    if isinstance(wanted, date):
        return said.left(10).try_cast("date"), day(wanted)
    return said, ibis.literal(str(wanted))


def _json(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
