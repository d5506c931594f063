"""The facts of customers in order, and what is reckoned of each customer's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from zhike.engine.histories.columns import Array, Column, Mask, packed

Later = Callable[[Array | None], Column]  # a column in the order of the rows, or some rows of it


@dataclass(slots=True)
class History:
    """Rows of which each customer's stand together: `owners` says whose, `starts` where each one's begin.

    A column is brought into this order when it is first asked for, and only as far as it is.
    """

    owners: Array
    starts: Array
    size: int
    columns: dict[str, Column | Later]

    def column(self, name: str) -> Column:
        """A column in the order of the rows."""
        held = self.columns[name]
        if not isinstance(held, Column):
            held = self.columns[name] = held(None)
        return held

    def part(self, name: str, rows: Array) -> Column:
        """Some rows of a column, by number."""
        held = self.columns[name]
        return held.take(rows) if isinstance(held, Column) else held(rows)

    def ends(self) -> Array:
        """Behind the last row of each customer."""
        return np.append(self.starts[1:], self.size)

    def spread(self, of_each: Array) -> Array:
        """A value of each customer at every row of theirs."""
        return np.repeat(of_each, self.ends() - self.starts)

    def where(self, rows: Mask) -> "History":
        """Some of the rows, and the customers who have any of them."""
        left = self.count(rows)
        some = left > 0
        starts = np.cumsum(left[some]) - left[some]
        chosen = np.flatnonzero(rows)
        columns: dict[str, Column | Later] = {
            name: partial(self._chosen, name, chosen) for name in self.columns
        }
        return History(self.owners[some], starts, len(chosen), columns)

    def _chosen(self, name: str, chosen: Array, rows: Array | None) -> Column:
        return self.part(name, chosen if rows is None else chosen[rows])

    def count(self, rows: Mask | None = None) -> Array:
        """How many rows each customer has, or how many of some."""
        if rows is None:
            return self.ends() - self.starts
        return self._each(np.add, rows.view(np.int8), np.int64)

    def sum(self, values: Array) -> Array:
        """The sum of each customer's values."""
        return self._each(np.add, values, np.int64)

    def least(self, values: Array) -> Array:
        """The least of each customer's values."""
        return self._each(np.minimum, values)

    def most(self, values: Array) -> Array:
        """The greatest of each customer's values."""
        return self._each(np.maximum, values)

    def distinct(self, values: Array) -> Array:
        """How many different values each customer has; nothing below 0."""
        most = int(values.max(initial=0))
        key = packed((self.spread(np.arange(len(self.owners))), len(self.owners)), (values, most + 1))
        if key is None:  # such large numbers: take their places among those that occur
            return self.distinct(np.unique(values, return_inverse=True)[1])
        return np.bincount(np.unique(key) >> max(1, most.bit_length()), minlength=len(self.owners))

    def _each(self, reduction: np.ufunc, values: Array, kind: type | None = None) -> Array:
        if not self.size:
            return np.zeros(0, dtype=kind or values.dtype)
        found: Array = reduction.reduceat(values, self.starts, dtype=kind)
        return found


def ordered(owners: Array, columns: Mapping[str, Column | Later]) -> History:
    """A history of rows that stand in order already; `owners` names the customer of each row."""
    starts = beginnings(owners)
    return History(owners[starts], starts, len(owners), dict(columns))


def beginnings(owners: Array) -> Array:
    """The first row of each customer in rows that stand in order."""
    return np.flatnonzero(np.append(True, owners[1:] != owners[:-1])[: len(owners)])
