"""Facts of the lake read into histories: sorted by customer and day once, on the way in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from importlib import import_module
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from zhike.engine.histories.columns import Array, Column, Mask, taken
from zhike.engine.histories.history import History, Later, ordered
from zhike.engine.histories.words import Words, words
from zhike.engine.lake import Session

Stretch = tuple[int | None, int | None]  # customer ids from the first up to, not including, the second
BATCH = 300_000  # rows handed over at once
SPARSE = 16  # times as many numbers as rows are still worth counting


@dataclass(frozen=True, slots=True)
class Facts:
    """What to read: a relation in SQL, the day of each row by name and as SQL, other columns, and until when."""

    relation: str
    dated: str
    day: str
    columns: ibis.Schema
    as_of: date
    among: str = ""  # a relation that names each wanted customer once; empty: all


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads facts of customers; `words` are those of each column that has any."""

    session: Session
    facts: Facts
    words: Mapping[str, Words]

    def read(self, stretches: Sequence[Stretch]) -> Iterator[History]:
        """The histories of each stretch of customers; stretches follow upon each other and are read in one pass."""
        first, last = stretches[0][0], stretches[-1][1]
        limits = [f"{self.facts.day} <= DATE '{self.facts.as_of}'", "customer_id IS NOT NULL"]
        limits += [f"customer_id >= {first}"] if first is not None else []
        limits += [f"customer_id < {last}"] if last is not None else []
        # A join with ids that occur once is quicker than to ask whether they occur.
        only = f"JOIN ({self.facts.among}) AS a USING (customer_id)" if self.facts.among else ""
        found = self.session.cursor.execute(
            f"SELECT {self._chosen()} FROM ({self.facts.relation}) AS t {only} WHERE {' AND '.join(limits)}"
        )
        held = [_Held() for _ in stretches]
        for batch in found.to_arrow_reader(BATCH):
            _split(batch, [first for first, _ in stretches[1:]], held)
        while held:
            yield held.pop(0).in_order(self.facts, self.words)

    def _chosen(self) -> str:
        listed = [f'{self._told(name, kind)} AS "{name}"' for name, kind in self.facts.columns.items()]
        return ", ".join(["customer_id", f'{self.facts.day} AS "day"', *listed])

    def _told(self, name: str, kind: Any) -> str:
        if kind.is_string():
            return self.words[name].place
        return f'("{name}" * {10**kind.scale})::BIGINT' if kind.is_decimal() else f'"{name}"'


@contextmanager
def reader(session: Session, facts: Facts) -> Iterator[Reader]:
    """A reader of facts, for as long as its words can be told."""
    worded = [name for name, kind in facts.columns.items() if kind.is_string()]
    with ExitStack() as stack:
        told = {name: stack.enter_context(words(session, name, facts.relation)) for name in worded}
        yield Reader(session, facts, told)


@dataclass(slots=True)
class _Held:
    """Columns of one stretch as they arrive, batch by batch."""

    columns: dict[str, list[Column]] = field(default_factory=dict)

    def add(self, name: str, column: Column) -> None:
        """Some rows of a batch."""
        self.columns.setdefault(name, []).append(column)

    def in_order(self, facts: Facts, told: Mapping[str, Words]) -> History:
        """What arrived, put in order; `told` are the words of columns."""
        owners, day, order = _sorted(self._whole("customer_id").values, self._whole("day").values)
        columns: dict[str, Column | Later] = {"day": Column(day), facts.dated: Column(day)}
        for name, kind in facts.columns.items():
            listed = told[name].listed if name in told else None
            columns[name] = partial(_taken, replace(self._whole(name, kind), words=listed), order)
        return ordered(owners, columns)

    def _whole(self, name: str, kind: Any = None) -> Column:
        arrived = self.columns.pop(name, [])
        scale = kind.scale if kind and kind.is_decimal() else 0
        if not arrived:
            return Column(np.zeros(0, np.int64), scale=scale)
        return Column(np.concatenate([one.values for one in arrived]), _everywhere(arrived), scale)


def _everywhere(arrived: Sequence[Column]) -> Mask | None:
    """Where values are known; None when it is everywhere."""
    if all(one.known is None or one.known.all() for one in arrived):
        return None
    known = [np.ones(len(one.values), bool) if one.known is None else one.known for one in arrived]
    return np.concatenate(known)


def _split(batch: pa.RecordBatch, edges: Sequence[int | None], held: Sequence[_Held]) -> None:
    """Share the rows of a batch out to the stretches; `edges` are the first customers of all but the first stretch."""
    columns = {name: _plain(batch[name]) for name in batch.schema.names}
    ends = [batch.num_rows]
    if edges:
        whose = _stretch_of(columns["customer_id"].values, edges)
        order = np.argsort(whose, kind="stable")
        columns = {name: column.take(order) for name, column in columns.items()}
        ends = np.cumsum(np.bincount(whose, minlength=len(held))).tolist()
    for one, first, last in zip(held, [0, *ends], ends, strict=False):
        for name, column in columns.items():
            one.add(name, column.take(slice(first, last)))


def _stretch_of(customers: Array, edges: Sequence[int | None]) -> Array:
    """The number of each one's stretch, in a byte that numpy sorts by counting; few edges are quicker compared than sought."""
    found = np.zeros(len(customers), np.uint8)
    for edge in edges:
        found += customers >= edge
    return found


def _plain(column: Any) -> Column:
    """Whole numbers and where there are any; days of dates, microseconds of moments."""
    if pa.types.is_date32(column.type):
        column = column.view(pa.int32())
    elif pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    known = None
    if column.null_count:
        known, column = column.is_valid().to_numpy(zero_copy_only=False), column.fill_null(0)
    return Column(column.to_numpy(zero_copy_only=False), known)


def _sorted(owners: Array, day: Array) -> tuple[Array, Array, Array]:
    """Customers and days in order, and the rows they come from."""
    order = _order(owners, day)
    return taken(owners, order), taken(day, order), order


def _order(owners: Array, day: Array) -> Array:
    """The rows in order of customer and day; those of one day as they came."""
    if not len(owners):
        return np.zeros(0, np.int64)
    whose, when = owners - owners.min(), day - day.min()
    if max(whose.max(), when.max()) > SPARSE * len(owners):
        return np.lexsort((day, owners))
    by_day = _counted(when)
    return taken(by_day, _counted(taken(whose, by_day)))


def _counted(number: Array) -> Array:
    """Rows in order of a number from 0, by counting: half the time of a sort by comparing.

    What scipy does to compress the rows of a matrix is just that; pages, which fold nothing, do without it.
    """
    sparse = import_module("scipy.sparse")
    size = len(number)
    places = (number.astype(np.int32), np.arange(size, dtype=np.int32))
    matrix = sparse.coo_array((np.ones(size, np.int8), places), shape=(int(number.max()) + 1, size))
    order: Array = matrix.tocsr().indices.astype(np.int64)
    return order


def _taken(column: Column, order: Array, rows: Array | None) -> Column:
    """A column in order, or some rows of it."""
    return column.take(order if rows is None else order[rows])
