"""Tests of the blueprint's fields, which the lake keeps as one JSON document per customer.

The four functions below are the only ones a rule needs beyond Ibis; Spark's session says them in its own words.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from zhike.core.birthdays import Calendar, lunar_births, solar_month_days
from zhike.core.rules import FieldTest, Op, RuleValue, Span, code_prefix
from zhike.engine.metrics.exact import day
from zhike.engine.rules.exactly import COMPARISONS, FALSE, NUMBER, in_span, number


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


def value_of(table: ir.Table, field: str) -> ir.Value:
    """A field of each customer as text; null when it is not filled."""
    return json_extract_string(table.fields, _path(field)).nullif("")


def field_condition(test: FieldTest, table: ir.Table, as_of: date) -> ir.BooleanValue:
    """A test of a field as a condition; null where the field is not filled."""
    path = _path(test.field)
    said, held = json_extract_string(table.fields, path), json_extract(table.fields, path)
    if isinstance(test.value, Span):
        return _dated(test, said.left(10).try_cast("date"), test.value, as_of)
    if test.op in _ASKS_FOR_VALUE:
        # Looking into the document costs more than all the rest: other tests are false for what is missing anyway.
        missing = said.isnull() | (said == "") | ((said == "[]") & _is_list(held))
        if not test.op.takes_value:
            return missing if test.op is Op.EMPTY else ~missing
        return FALSE if test.value is None else ~missing & _compared(test.op, test.value, said, held)
    return FALSE if test.value is None else _compared(test.op, test.value, said, held)


_ASKS_FOR_VALUE = frozenset({Op.EMPTY, Op.FILLED, Op.NE, Op.NOT_IN})


def _path(field: str) -> str:
    return f'$."{field}"'


def _dated(test: FieldTest, column: ir.Value, span: Span, as_of: date) -> ir.BooleanValue:
    if test.op is not Op.BIRTHDAY:
        return in_span(column, test.op, span, as_of)
    if test.calendar is Calendar.LUNAR:
        return _any([column.between(day(first), day(last)) for first, last in lunar_births(as_of, span.days)])
    marks = [100 * month + number for month, number in sorted(solar_month_days(as_of, span.days))]
    return (column.month() * 100 + column.day()).isin(marks)


def _any(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """Whether one of many conditions holds, as a tree that is no deeper than it must be."""
    if len(conditions) < 2:
        return conditions[0] if conditions else FALSE
    middle = len(conditions) // 2
    return _any(conditions[:middle]) | _any(conditions[middle:])


def _is_list(held: ir.Value) -> ir.BooleanValue:
    return json_type(held) == "ARRAY"


def _compared(op: Op, wanted: RuleValue, said: ir.Value, held: ir.Value) -> ir.BooleanValue:
    if op in COMPARISONS:
        return COMPARISONS[op](*_alike(said, wanted))
    if op is Op.WITHIN:
        return said.startswith(code_prefix(str(wanted)))
    if op is Op.CONTAINS:
        listed = json_contains(held, _json(str(wanted)))
        return _is_list(held).ifelse(listed, said.contains(str(wanted)))
    options = [str(one) for one in wanted] if isinstance(wanted, tuple) else []
    any_listed = reduce(or_, (json_contains(held, _json(one)) for one in options), FALSE)
    among = _is_list(held).ifelse(any_listed, said.isin(options))
    return among if op is Op.IN else ~among


def _alike(said: ir.Value, wanted: RuleValue) -> tuple[ir.Value, ir.Value]:
    """Both sides of a comparison in the type of the threshold."""
    if isinstance(wanted, bool):
        return said, ibis.literal("true" if wanted else "false")
    if isinstance(wanted, Decimal):
        return said.try_cast(NUMBER), number(wanted)
    if isinstance(wanted, date):
        return said.left(10).try_cast("date"), day(wanted)
    return said, ibis.literal(str(wanted))


def _json(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
