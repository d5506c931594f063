"""Writing a rule in the form that JSON columns, YAML and the API keep; `parse` reads it back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from zhike.core.birthdays import Calendar
from zhike.core.rules.spans import Span, Within
from zhike.core.rules.tree import (
    All,
    Any,
    Did,
    FieldTest,
    HasTag,
    InClass,
    InSegment,
    InTier,
    Json,
    MetricTest,
    Not,
    Op,
    Rule,
    RuleValue,
    Where,
)


def to_json(rule: Rule) -> Json:
    """Give the form JSON columns and YAML keep."""
    if isinstance(rule, All):
        return {"all": [to_json(part) for part in rule.parts]}
    if isinstance(rule, Any):
        return {"any": [to_json(part) for part in rule.parts]}
    if isinstance(rule, Not):
        return {"not": to_json(rule.part)}
    if isinstance(rule, InTier):
        return {"tier": rule.tier}
    if isinstance(rule, HasTag):
        return {"tag": rule.tag}
    if isinstance(rule, InSegment):
        return {"segment": rule.segment}
    if isinstance(rule, InClass):
        return {"class": rule.of, "is": rule.key}
    return _did(rule) if isinstance(rule, Did) else _test(rule)


def _test(test: FieldTest | MetricTest) -> dict[str, Json]:
    written: dict[str, Json]
    written = {"field": test.field} if isinstance(test, FieldTest) else {"metric": test.metric}
    written["op"] = test.op.value
    if isinstance(test.value, Span):
        written |= _span(test.value)
    elif test.op.takes_value:
        written["value"] = value_to_json(test.value)
    if isinstance(test, FieldTest):
        return written | ({"calendar": test.calendar.value} if test.calendar is not Calendar.SOLAR else {})
    if test.relative is not None:
        written["relative"] = test.relative.value
    return written | ({"by": test.by.key} if test.by else {})


def _did(test: Did) -> dict[str, Json]:
    written: dict[str, Json] = {"did": test.did}
    if test.total:
        written["total"] = test.total
    written |= {"op": test.op.value, "value" if test.total else "times": value_to_json(test.times)}
    within = _within(test.within)
    if within:
        written["within"] = within
    if test.where:
        written["where"] = {one.column: _where(one) for one in test.where}
    return written


def _span(span: Span) -> dict[str, Json]:
    return {"months": span.months} if span.months else {"days": span.days}


def _within(window: Within) -> dict[str, Json]:
    written: dict[str, Json] = _span(window.span) if window.span else {}
    if window.skip:
        written["before"] = _span(window.skip)
    if window.since:
        written["from"] = window.since.isoformat()
    if window.until:
        written["to"] = window.until.isoformat()
    return written


def _where(one: Where) -> Json:
    if isinstance(one.value, Decimal):
        return {"op": one.op.value, "value": value_to_json(one.value)}
    said: Json = one.value[0] if len(one.value) == 1 else list(one.value)
    return said if one.op is Op.IN else {"op": one.op.value, "value": said}


def value_to_json(value: RuleValue) -> Json:
    """Write a threshold as the number, text or list people would type."""
    if isinstance(value, tuple):
        return [value_to_json(one) for one in value]
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return int(value)
        near = float(value)
        return near if Decimal(repr(near)) == value else format(value, "f")
    if isinstance(value, Span):
        return dict(_span(value))
    return value.isoformat() if isinstance(value, date) else value
