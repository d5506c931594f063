"""Ibis expressions over one table, reckoned by numpy: values of rows, and reductions of each customer's rows.

Answers are those of DuckDB, unknown values and all; what an expression of ours does not use is refused.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import singledispatchmethod
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np

from zhike.engine.histories.columns import Array, Column, Mask, both_known, constant, on_one_scale
from zhike.engine.histories.history import History

EPOCH = date(1970, 1, 1)
_COMPARED: Mapping[type, Callable[[Any, Any], Any]] = {
    ops.Greater: operator.gt,
    ops.GreaterEqual: operator.ge,
    ops.Less: operator.lt,
    ops.LessEqual: operator.le,
    ops.Equals: operator.eq,
    ops.NotEquals: operator.ne,
}


def days(moment: date) -> int:
    """A date as days since 1970."""
    return (moment - EPOCH).days


class Fold:
    """What expressions over one history amount to; whatever two of them share is reckoned once."""

    def __init__(self, history: History, named: Mapping[str, date]) -> None:
        self.history = history
        self.named = named
        self._found: dict[ops.Node, Column] = {}
        self._counted: dict[tuple[ops.Node | None, Any], Array] = {}

    def of(self, expression: ir.Value) -> Column:
        """The value of each row, or of each customer when the expression reduces."""
        return self._at(expression.op())

    def _at(self, node: Any) -> Column:
        if node not in self._found:
            self._found[node] = self._reckoned(node)
        return self._found[node]

    @singledispatchmethod
    def _reckoned(self, node: ops.Node) -> Column:
        raise NotImplementedError(f"{type(node).__name__} is not reckoned by numpy")

    # ── values of rows

    @_reckoned.register
    def _(self, node: ops.Field) -> Column:
        return self.history.column(node.name)

    @_reckoned.register
    def _(self, node: ops.Literal) -> Column:
        if isinstance(node.value, str):
            return Column(np.asarray(0), words=(node.value,))
        value = days(node.value) if isinstance(node.value, date) else node.value
        return constant(value)

    @_reckoned.register
    def _(self, node: ops.ScalarUDF) -> Column:
        return constant(days(self.named[node.args[0].value]))

    @_reckoned.register
    def _(self, node: ops.Comparison) -> Column:
        one, other = self._at(node.left), self._at(node.right)
        compared = _COMPARED[type(node)]
        if one.words is not None or other.words is not None:
            one, other = _worded(one, other)
        return Column(compared(*on_one_scale(one, other)), both_known(one, other))

    @_reckoned.register
    def _(self, node: ops.And) -> Column:
        return Column(self._at(node.left).true() & self._at(node.right).true())

    @_reckoned.register
    def _(self, node: ops.Or) -> Column:
        return Column(self._at(node.left).true() | self._at(node.right).true())

    @_reckoned.register
    def _(self, node: ops.IsNull) -> Column:
        known = self._at(node.arg).known
        return Column(np.zeros(self.history.size, bool) if known is None else ~known)

    @_reckoned.register
    def _(self, node: ops.Multiply) -> Column:
        one, other = self._at(node.left), self._at(node.right)
        return Column(one.values * other.values, both_known(one, other), one.scale + other.scale)

    @_reckoned.register
    def _(self, node: ops.Cast) -> Column:
        given = self._at(node.arg)
        if node.to.is_decimal() and node.to.scale == given.scale:
            return given
        if node.to.is_integer():
            return Column(given.values // 10**given.scale, given.known)
        raise NotImplementedError(f"to {node.to} is not reckoned by numpy")

    @_reckoned.register
    def _(self, node: ops.DayOfWeekIndex) -> Column:
        day = self._at(node.arg)
        return Column((day.values + 3) % 7, day.known)  # 1970 began on a Thursday

    @_reckoned.register
    def _(self, node: ops.NullIf) -> Column:
        given = self._at(node.arg)
        alike, word = _worded(given, self._at(node.null_if_expr))
        other = alike.values != word.values
        return Column(given.values, other if given.known is None else given.known & other, words=given.words)

    @_reckoned.register
    def _(self, node: ops.Lowercase) -> Column:
        given = self._at(node.arg)
        return Column(given.values, given.known, words=tuple(word.lower() for word in given.words or ()))

    @_reckoned.register
    def _(self, node: ops.RegexSearch) -> Column:
        given, pattern = self._at(node.arg), re.compile(node.pattern.value)
        fits = np.array([bool(pattern.search(word)) for word in given.words or ()] or [False])
        return Column(fits[given.values], given.known)

    # ── reductions of each customer's rows

    @_reckoned.register
    def _(self, node: ops.CountStar) -> Column:
        return Column(self._count(node.where))

    @_reckoned.register
    def _(self, node: ops.Count) -> Column:
        return Column(self._count(node.where, node.arg))

    @_reckoned.register
    def _(self, node: ops.CountDistinct) -> Column:
        given = self._at(node.arg)
        rows = self._rows(node.where, given)
        if rows is None:
            return Column(self.history.distinct(given.values))
        some = self.history.where(rows)
        found = np.zeros(len(self.history.owners), np.int64)
        found[np.searchsorted(self.history.owners, some.owners)] = some.distinct(given.values[rows])
        return Column(found)

    @_reckoned.register
    def _(self, node: ops.Sum) -> Column:
        given, rows = self._at(node.arg), self._rows(node.where, self._at(node.arg))
        if rows is None:
            return Column(self.history.sum(given.values), scale=given.scale)
        # To multiply is several times quicker than to choose.
        summed = self.history.sum(given.values * rows)
        return Column(summed, self._count(node.where, node.arg) > 0, given.scale)

    @_reckoned.register
    def _(self, node: ops.Min) -> Column:
        return self._extreme(node, self.history.least, least=True)

    @_reckoned.register
    def _(self, node: ops.Max) -> Column:
        return self._extreme(node, self.history.most, least=False)

    @_reckoned.register
    def _(self, node: ops.ArgMin) -> Column:
        """The value of the earliest row, whose place in time is a moment and, among equals, a number.

        Rows stand in order of day, so that it is one of the first day's; most customers have but one of that day.
        """
        history = self.history
        first = history.starts
        day = history.column("day").values
        follows = np.minimum(first + 1, max(history.size - 1, 0))
        tied = (day[follows] == day[first]) & (history.count() > 1)
        if tied.any():
            rows = np.flatnonzero(history.spread(tied) & (day == history.spread(day[first])))
            places = [self._part(one, rows) for one in reversed(node.key.values)]
            whose = history.spread(np.arange(len(first)))[rows]
            order = rows[np.lexsort((*places, whose))]
            first = first.copy()
            first[tied] = order[np.append(0, np.cumsum(np.bincount(whose, minlength=len(first))[tied])[:-1])]
        return history.part(node.arg.name, first)

    @_reckoned.register
    def _(self, node: ops.Coalesce) -> Column:
        first, instead = (self._at(one) for one in node.arg)
        if first.known is None:
            return first
        return Column(np.where(first.known, first.values, instead.values), instead.known, first.scale)

    def _part(self, field: ops.Field, rows: Array) -> Array:
        return self.history.part(field.name, rows).values

    def _rows(self, where: ops.Node | None, given: Column | None = None) -> Mask | None:
        """The rows that count: those meeting a condition, and having a value; None when all do."""
        rows = None if where is None else self._at(where).true()
        known = None if given is None else given.known
        if rows is None or known is None:
            return known if rows is None else rows
        return rows & known

    def _count(self, where: ops.Node | None, arg: ops.Node | None = None) -> Array:
        """How many rows of each customer count; asked for by every reduction under the same condition."""
        given = None if arg is None else self._at(arg)
        asked = (where, None if given is None or given.known is None else arg)
        if asked not in self._counted:
            self._counted[asked] = self.history.count(self._rows(where, given))
        return self._counted[asked]

    def _extreme(self, node: Any, reduction: Callable[[Array], Array], *, least: bool) -> Column:
        """The least or the greatest of the values that count; unknown for a customer without any."""
        given = self._at(node.arg)
        rows = self._rows(node.where, given)
        if rows is None:
            return Column(reduction(given.values), scale=given.scale)
        held = np.iinfo(given.values.dtype)
        beyond = given.values.dtype.type(held.max if least else held.min)
        found = reduction(np.where(rows, given.values, beyond))
        return Column(found, self._count(node.where, node.arg) > 0, given.scale)


def _worded(one: Column, other: Column) -> tuple[Column, Column]:
    """A column of words and a word, as places in the column's words; a word that does not occur is at no place."""
    words, word = (one, other) if one.values.ndim else (other, one)
    assert words.words is not None and word.words is not None
    place = constant(words.words.index(word.words[0]) if word.words[0] in words.words else -1)
    plain = Column(words.values.astype(np.int32, copy=False), words.known)
    return (plain, place) if one.values.ndim else (place, plain)
