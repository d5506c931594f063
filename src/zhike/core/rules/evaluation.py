"""Deciding a rule on one customer's values, and telling which of its conditions hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any as Anything

from zhike.core.rules.sentences import Labels, shown, text
from zhike.core.rules.tree import (
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


def holds(rule: Rule, values: Values, means: Values) -> bool:
    """Decide a rule. `values` has metrics and fields by key, the tier key as `tier` and a set of tag keys as `tags`.

    `means` has the figure of every `Baseline` under its key.
    """
    if isinstance(rule, All):
        return all(holds(part, values, means) for part in rule.parts)
    if isinstance(rule, Any):
        return any(holds(part, values, means) for part in rule.parts)
    if isinstance(rule, Not):
        return not holds(rule.part, values, means)
    if isinstance(rule, InTier):
        return values.get("tier") == rule.tier
    if isinstance(rule, HasTag):
        tags = values.get("tags")
        return isinstance(tags, (set, frozenset, list, tuple)) and rule.tag in tags
    if isinstance(rule, MetricTest):
        return _test(rule.op, values.get(rule.metric), _threshold(rule, means))
    return _test(rule.op, values.get(rule.field), rule.value)


def _threshold(test: MetricTest, means: Values) -> RuleValue:
    if test.relative is None or not isinstance(test.value, Decimal):
        return test.value
    figure = means.get(baseline_key(test))
    if figure is None:
        return None
    return _decimal(figure) * test.value if test.relative is Relative.MEAN else _decimal(figure)


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


def explain(rule: Rule, values: Values, means: Values, labels: Labels | None = None) -> tuple[Tick, ...]:
    """List the conditions of a rule with those that hold ticked; a negated group is one condition."""
    labels = labels or Labels()
    if isinstance(rule, All) or (isinstance(rule, Any) and len(rule.parts) == 1):
        return tuple(tick for part in rule.parts for tick in explain(part, values, means, labels))
    return (_tick(rule, values, means, labels),)


def _tick(rule: Rule, values: Values, means: Values, labels: Labels) -> Tick:
    value: object = None
    if isinstance(rule, (MetricTest, FieldTest)):
        value = values.get(rule.metric if isinstance(rule, MetricTest) else rule.field)
    said = Text("", "")
    if value is not None and isinstance(rule, (MetricTest, FieldTest)):
        said = Text(shown(rule, value, "zh", labels), shown(rule, value, "en", labels))
    return Tick(text=text(rule, labels), holds=holds(rule, values, means), value=value, shown=said)
