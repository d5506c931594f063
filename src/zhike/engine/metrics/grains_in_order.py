"""The same grains of facts that stand in order of customer and day: what SQL sorts or groups anew lies side by side here."""

from collections.abc import Callable
from datetime import date

import numpy as np

from zhike.engine.histories import Array, Column, History, days, ordered
from zhike.engine.metrics.windows import Window

YEAR = 12


def within(window: Window) -> Callable[[History, date], History]:
    """The facts of a window."""
    return lambda held, as_of: held.where(held.column("day").values > days(window.before(as_of)))


def by(column: str) -> Callable[[History, date], History]:
    """Facts of a customer under each word of a column: `name`, `n`."""

    def fold(held: History, _: date) -> History:
        named, key, width = _worded(held, column)
        number = np.bincount(key, minlength=1) if _dense(named, width) else None
        cells, counted = _counted(key) if number is None else (np.flatnonzero(number), number[number > 0])
        return _cells(named, cells, width, column, n=Column(counted))

    return fold


def lines_by_category(held: History, _: date) -> History:
    """Order lines of a customer in each category that is filled in: `bought`."""
    named, key, width = _worded(held, "category")
    order = np.argsort(key, kind="stable")
    cells, number = _counted(key[order])
    amount = named.column("amount")
    begins = np.cumsum(number) - number
    bought = np.add.reduceat(amount.values[order], begins) if named.size else begins
    return _cells(named, cells, width, "category", bought=Column(bought, scale=amount.scale))


def orders_by_month(held: History, as_of: date) -> History:
    """Orders of a customer in each calendar month of the year up to the reporting day: `n`, `sold`."""
    first = as_of.year * YEAR + as_of.month - YEAR  # the last month that is too early, counted from year 0
    early = date(first // YEAR, first % YEAR + 1, 1)
    lately = held.where(held.column("day").values >= days(early))
    whose, amount = lately.spread(lately.owners), lately.column("amount")
    month = lately.column("day").values.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    fresh = np.append(True, (whose[1:] != whose[:-1]) | (month[1:] != month[:-1]))
    begins = np.flatnonzero(fresh[: lately.size])
    number = np.diff(begins, append=lately.size)
    sold = np.add.reduceat(amount.values, begins) if lately.size else begins
    return ordered(whose[begins], {"n": Column(number), "sold": Column(sold, scale=amount.scale)})


def orders_in_turn(held: History, _: date) -> History:
    """Orders of a customer one after another: `place` from 0, and `gap`, the days since the one before (unknown for the first)."""
    day = held.column("placed_on")
    place = np.arange(held.size) - held.spread(held.starts)
    gap = np.diff(day.values, prepend=day.values[:1])
    columns: dict[str, Column] = {"placed_on": day, "place": Column(place), "gap": Column(gap, place > 0)}
    return History(held.owners, held.starts, held.size, dict(columns))


def ratings_backwards(held: History, _: date) -> History:
    """Ratings of a customer, the latest first: `place` from 0."""
    rated = held.column("rating").known
    some = held if rated is None else held.where(rated)
    whose, rating = some.spread(some.owners), some.column("rating")
    order = np.lexsort((-some.column("id").values, -some.column("at").values, whose))
    place = Column(np.arange(some.size) - some.spread(some.starts))
    plain = Column(rating.values[order], scale=rating.scale)
    return History(some.owners, some.starts, some.size, {"rating": plain, "place": place})


def _worded(held: History, column: str) -> tuple[History, Array, int]:
    """The rows where a column is filled in, and for each a number that stands for customer and word; how many words there are."""
    given = held.column(column)
    words = given.words or ()
    filled = np.ones(held.size, bool) if given.known is None else given.known
    if "" in words:
        filled = filled & (given.values != words.index(""))
    named = held if filled.all() else held.where(filled)
    width = max(1, len(words))
    key = named.spread(np.arange(len(named.owners)) * width)
    key += named.column(column).values
    return named, key, width


def _dense(named: History, width: int) -> bool:
    """Whether a place for every customer and word takes no more room than the rows themselves."""
    return len(named.owners) * width <= named.size


def _counted(key: Array) -> tuple[Array, Array]:
    """Each number that occurs, and how often."""
    return np.unique(key, return_counts=True)


def _cells(named: History, cells: Array, width: int, column: str, **columns: Column) -> History:
    """A history of one row per customer and word."""
    words = Column(cells % width, words=named.column(column).words)
    return ordered(named.owners[cells // width], {"name": words, **columns})
