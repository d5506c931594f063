"""What customers did, counted in one grouped pass over each table of facts for all tests that look at it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from itertools import groupby
from operator import and_

import ibis
import ibis.expr.types as ir

from zhike.core.rules import Did, Op, Where
from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day
from zhike.engine.rules.exactly import COMPARISONS, NUMBER, TRUE, number

LINES = "order_lines"


def counted(
    session: Session, asked: Iterable[Did], as_of: date, among: ir.Table | None = None
) -> Iterator[ir.Table]:
    """Tables with one row per customer who did something: `of`, and the figure of each test under its `Did.key`.

    Facts after `as_of` are not seen; `among` (customer_id) limits whose facts are.
    """
    tests = sorted({one.key: one for one in asked}.values(), key=lambda one: (one.doing.table, one.key))
    for _table, some in groupby([one for one in tests if not _by_line(one)], lambda one: one.doing.table):
        yield _pass(session, list(some), as_of, among)
    for one in tests:
        if _by_line(one):
            yield _orders_by_line(session, one, as_of, among)


def _by_line(test: Did) -> bool:
    """Whether the facts are told apart by what stands on an order's lines."""
    return any(test.doing.columns[one.column].of_line for one in test.where)


def _pass(session: Session, tests: Sequence[Did], as_of: date, among: ir.Table | None) -> ir.Table:
    facts = _facts(session, tests[0].doing.table, among)
    windows = [one.within.bounds(as_of) for one in tests]
    firsts = [first for first, _last in windows if first]
    first = min(firsts) if len(firsts) == len(windows) else None
    dated = tests[0].doing.dated
    seen = facts.filter(_inside(facts, dated, first, max(last for _first, last in windows)))
    if len(tests) == 1:
        seen = seen.filter(_counts(seen, tests[0], as_of))
    figures = {one.key: _figure(seen, one, _counts(seen, one, as_of)) for one in tests}
    return seen.group_by(of=seen.customer_id).aggregate(**figures)


def _facts(session: Session, name: str, among: ir.Table | None) -> ir.Table:
    facts = session.table(name)
    return facts if among is None else facts.semi_join(among, "customer_id")


def _figure(facts: ir.Table, test: Did, counts: ir.BooleanValue) -> ir.Value:
    if test.total:
        return facts[_name(test, test.total)].sum(where=counts)
    return facts.count(where=counts)


def _counts(facts: ir.Table, test: Did, as_of: date) -> ir.BooleanValue:
    """Whether a fact counts: its day, its columns, and not among those the doing leaves out."""
    out = [~(facts[column] == value).fill_null(False) for column, value in test.doing.leaves_out.items()]
    conditions = [
        _where(facts, test, one) for one in test.where if not test.doing.columns[one.column].of_line
    ]
    return reduce(and_, (*out, *conditions), _inside(facts, test.doing.dated, *test.within.bounds(as_of)))


def _inside(facts: ir.Table, dated: str, first: date | None, last: date) -> ir.BooleanValue:
    column = facts[dated]
    if column.type().is_timestamp():
        ended = column < ibis.literal(datetime.combine(last + timedelta(days=1), time()))
        return ended if first is None else ended & (column >= ibis.literal(datetime.combine(first, time())))
    return column <= day(last) if first is None else (column <= day(last)) & (column >= day(first))


def _name(test: Did, column: str) -> str:
    return test.doing.columns[column].name or column


def _where(facts: ir.Table, test: Did, one: Where) -> ir.BooleanValue:
    column = facts[_name(test, one.column)]
    if isinstance(one.value, Decimal):
        return COMPARISONS[one.op](column.cast(NUMBER), number(one.value)).fill_null(False)
    if one.op is Op.CONTAINS:
        return column.contains(one.value[0]).fill_null(False)
    said = column.nullif("")
    among = said.isin(list(one.value))
    return (among if one.op is Op.IN else ~among).fill_null(False)


def _orders_by_line(session: Session, test: Did, as_of: date, among: ir.Table | None) -> ir.Table:
    """Orders with a line that meets every condition on lines; the same line must meet them all."""
    lines = _facts(session, LINES, among)
    conditions = [_where(lines, test, one) for one in test.where if test.doing.columns[one.column].of_line]
    window = _inside(lines, "placed_on", *test.within.bounds(as_of))
    found = lines.filter(reduce(and_, conditions, window))
    if not test.total and len(conditions) == len(test.where):
        return found.group_by(of=found.customer_id).aggregate(**{test.key: found.order_id.nunique()})
    orders = _facts(session, test.doing.table, among)
    asked = orders.filter(_counts(orders, test, as_of))
    asked = asked.semi_join(found, asked.id == found.order_id)
    return asked.group_by(of=asked.customer_id).aggregate(**{test.key: _figure(asked, test, TRUE)})
