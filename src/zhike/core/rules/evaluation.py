"""Deciding a rule on one customer's values, and telling which of its conditions hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any as Anything

from zhike.core import birthdays
from zhike.core.rules.sentences import Labels, figure, shown, text
from zhike.core.rules.spans import Span
from zhike.core.rules.tree import (
    All,
    Any,
    Did,
    FieldTest,
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
    RuleValue,
    baseline_of,
    code_prefix,
)
from zhike.core.text import Text

Values = Mapping[str, object]
_COMPARISONS: dict[Op, Callable[[Anything, Anything], bool]] = {
    Op.EQ: eq,
    Op.NE: ne,
    Op.GT: gt,
    Op.GE: ge,
    Op.LT: lt,
    Op.LE: le,
}


@dataclass(frozen=True, slots=True)
class Tick:
    """One condition in words, whether it holds, and the customer's own value (`shown` is that value in words)."""

    text: Text
    holds: bool
    value: object
    shown: Text


def baseline_key(test: MetricTest) -> str:
    """Name the figure of all customers a relative test needs; see `Baseline.key`."""
    return baseline_of(test).key


def holds(rule: Rule, values: Values, means: Values, as_of: date | None = None) -> bool:
    """Decide a rule. `values` has metrics and fields by key, things done by `Did.key`, the tier key as `tier`, sets of
    tag and segment keys as `tags` and `segments`, and the class of each kind as `classes`.

    `means` has the figure of every `Baseline` under its key; `as_of` is the day that relative dates are counted from: without
    it none of them holds.
    """
    if isinstance(rule, All):
        return all(holds(part, values, means, as_of) for part in rule.parts)
    if isinstance(rule, Any):
        return any(holds(part, values, means, as_of) for part in rule.parts)
    if isinstance(rule, Not):
        return not holds(rule.part, values, means, as_of)
    if isinstance(rule, InTier):
        return values.get("tier") == rule.tier
    if isinstance(rule, HasTag):
        return _among(rule.tag, values.get("tags"))
    if isinstance(rule, InSegment):
        return _among(rule.segment, values.get("segments"))
    if isinstance(rule, InClass):
        held = values.get("classes")
        return isinstance(held, Mapping) and held.get(rule.of) == rule.key
    if isinstance(rule, Did):
        return _test(rule.op, values.get(rule.key), rule.times)
    actual = values.get(rule.metric if isinstance(rule, MetricTest) else rule.field)
    if isinstance(rule.value, Span):
        return as_of is not None and _in_span(rule, actual, rule.value, as_of)
    if isinstance(rule, MetricTest):
        return _test(rule.op, actual, _threshold(rule, values, means))
    return _test(rule.op, actual, rule.value)


def _among(key: str, held: object) -> bool:
    return isinstance(held, (set, frozenset, list, tuple)) and key in held


def _in_span(rule: FieldTest | MetricTest, actual: object, span: Span, as_of: date) -> bool:
    if actual is None or actual == "":
        return False
    day = _like(actual, as_of)
    if not isinstance(day, date):
        return False
    if rule.op is Op.BIRTHDAY and isinstance(rule, FieldTest):
        return birthdays.comes(day, as_of, span.days, rule.calendar)
    if rule.op is Op.WITHIN_LAST:
        return span.before(as_of) < day <= as_of
    if rule.op is Op.WITHIN_NEXT:
        return as_of <= day < span.after(as_of)
    return day <= span.before(as_of) if rule.op is Op.OLDER_THAN else day >= span.after(as_of)


def _threshold(test: MetricTest, values: Values, means: Values) -> RuleValue:
    if test.relative is None or not isinstance(test.value, Decimal):
        return test.value
    baseline = baseline_of(test)
    if test.by is None:
        figure = means.get(baseline.key)
    else:
        group = group_of(test.by, values)
        figure = None if group is None else means.get(baseline.in_group(group))
    if figure is None:
        return None
    return _decimal(figure) * test.value if test.relative is Relative.MEAN else _decimal(figure)


def group_of(by: Grouping, values: Values) -> str | None:
    """Name the group a customer is compared within; None when it is not known."""
    actual = values.get(by.key)
    if actual is None or actual == "" or isinstance(actual, (list, tuple)):
        return None
    said = ("true" if actual else "false") if isinstance(actual, bool) else str(actual)
    return said[: by.lead] if by.lead else said


def _decimal(raw: object) -> Decimal:
    return raw if isinstance(raw, Decimal) else Decimal(str(raw))


def _test(op: Op, actual: object, wanted: RuleValue) -> bool:
    missing = actual is None or actual == "" or actual == []
    if not op.takes_value:
        return missing is (op is Op.EMPTY)
    if missing or wanted is None:
        return False
    if op in _COMPARISONS:
        like = _like(actual, wanted)
        return like is not None and _COMPARISONS[op](like, wanted)
    if op is Op.WITHIN:
        return str(actual).startswith(code_prefix(str(wanted)))
    if op is Op.CONTAINS:
        return wanted in actual if isinstance(actual, (list, tuple)) else str(wanted) in str(actual)
    own = {str(one) for one in actual} if isinstance(actual, (list, tuple)) else {str(actual)}
    named = bool(own.intersection(wanted)) if isinstance(wanted, tuple) else False
    return named is (op is Op.IN)


def _like(actual: object, wanted: RuleValue) -> object:
    """Give a stored value the type of the threshold it is compared with; None when it has no such form."""
    if isinstance(wanted, bool):
        return str(actual).lower() == "true"
    try:
        if isinstance(wanted, Decimal):
            return None if isinstance(actual, date) else _decimal(actual)
        if isinstance(wanted, date):
            return actual if isinstance(actual, date) else date.fromisoformat(str(actual)[:10])
    except (ArithmeticError, ValueError):
        return None
    return str(actual)


def explain(
    rule: Rule, values: Values, means: Values, labels: Labels | None = None, as_of: date | None = None
) -> tuple[Tick, ...]:
    """List the conditions of a rule with those that hold ticked; a negated group is one condition."""
    labels = labels or Labels()
    if isinstance(rule, All) or (isinstance(rule, Any) and len(rule.parts) == 1):
        return tuple(tick for part in rule.parts for tick in explain(part, values, means, labels, as_of))
    return (_tick(rule, values, means, labels, as_of),)


def _tick(rule: Rule, values: Values, means: Values, labels: Labels, as_of: date | None) -> Tick:
    value, said = None, Text("", "")
    if isinstance(rule, Did):
        value = values.get(rule.key)
        said = said if value is None else figure(rule, value)
    elif isinstance(rule, (MetricTest, FieldTest)):
        value = values.get(rule.metric if isinstance(rule, MetricTest) else rule.field)
        if value is not None:
            said = Text(shown(rule, value, "zh", labels), shown(rule, value, "en", labels))
    return Tick(text=text(rule, labels), holds=holds(rule, values, means, as_of), value=value, shown=said)
