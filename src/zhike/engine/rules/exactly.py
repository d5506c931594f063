"""Comparisons between columns and the literals of a rule: decimals on both sides, days as days."""

from collections.abc import Callable
from datetime import date
from decimal import Context, Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any as Anything

import ibis
import ibis.expr.types as ir

from zhike.core.rules import Op, Span
from zhike.engine.metrics.exact import day

NUMBER = "decimal(30, 12)"  # metrics have up to 4 digits, figures and thresholds 6 each
WIDE = Context(prec=40)
LARGEST = Decimal(10) ** 17  # no metric comes near it: what lies beyond compares alike
COMPARISONS: dict[Op, Callable[[Anything, Anything], Anything]] = {
    Op.EQ: eq,
    Op.NE: ne,
    Op.GT: gt,
    Op.GE: ge,
    Op.LT: lt,
    Op.LE: le,
}
TRUE = ibis.literal(True)
FALSE = ibis.literal(False)


def number(value: Decimal) -> ir.Value:
    """A number of a rule as a literal."""
    held = max(-LARGEST, min(LARGEST, value))
    return ibis.literal(WIDE.quantize(held, Decimal("1e-12")), type=NUMBER)


def in_span(column: ir.Value, op: Op, span: Span, as_of: date) -> ir.BooleanValue:
    """Whether a date column lies in, before or after a stretch of time; see `Op`."""
    if op is Op.WITHIN_LAST:
        return (column > day(span.before(as_of))) & (column <= day(as_of))
    if op is Op.WITHIN_NEXT:
        return (column >= day(as_of)) & (column < day(span.after(as_of)))
    if op is Op.OLDER_THAN:
        return column <= day(span.before(as_of))
    return column >= day(span.after(as_of))
