"""Facts of the lake read into histories: sorted by customer and day once, on the way in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

import ibis
import numpy as np
import pyarrow as pa

from zhike.engine.histories.columns import Array, Column, Mask, packed
from zhike.engine.histories.history import History, Later, ordered
from zhike.engine.lake import Session

Stretch = tuple[int | None, int | None]  # customer ids from the first up to, not including, the second
BATCH = 300_000  # rows handed over at once


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
    """Reads facts of customers; `words` are the types by which words travel as numbers."""

    session: Session
    facts: Facts
    words: Mapping[str, str]

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
            yield held.pop(0).in_order(self.facts)

    def _chosen(self) -> str:
        kinds = self.facts.columns.items()
        listed = [_selected(name, kind, self.words.get(name, "")) for name, kind in kinds]
        return ", ".join(["customer_id", f'{self.facts.day} AS "day"', *listed])


@contextmanager
def reader(session: Session, facts: Facts) -> Iterator[Reader]:
    """A reader of facts, for as long as the types of its words last."""
    worded = [name for name, kind in facts.columns.items() if kind.is_string()]
    words = {name: f"words_{uuid4().hex[:8]}" for name in worded}
    for name, kind in words.items():
        session.cursor.execute(
            f'CREATE TEMP TYPE "{kind}" AS ENUM '
            f'(SELECT DISTINCT "{name}" FROM ({facts.relation}) AS t WHERE "{name}" IS NOT NULL)'
        )
    try:
        yield Reader(session, facts, words)
    finally:
        for kind in words.values():
            session.cursor.execute(f'DROP TYPE temp.main."{kind}"')


def _selected(name: str, kind: Any, coded: str) -> str:
    if kind.is_decimal():
        return f'("{name}" * {10**kind.scale})::BIGINT AS "{name}"'
    if kind.is_string():
        return f'"{name}"::"{coded}" AS "{name}"'
    return f'"{name}"'


@dataclass(slots=True)
class _Held:
    """Columns of one stretch as they arrive, batch by batch."""

    columns: dict[str, list[Column]] = field(default_factory=dict)

    def add(self, name: str, column: Column) -> None:
        """Some rows of a batch."""
        self.columns.setdefault(name, []).append(column)

    def in_order(self, facts: Facts) -> History:
        """What arrived, put in order."""
        owners, day, order = _sorted(self._whole("customer_id").values, self._whole("day").values)
        columns: dict[str, Column | Later] = {"day": Column(day), facts.dated: Column(day)}
        for name, kind in facts.columns.items():
            columns[name] = partial(_taken, self._whole(name, kind), order)
        return ordered(owners, columns)

    def _whole(self, name: str, kind: Any = None) -> Column:
        arrived = self.columns.pop(name, [])
        scale = kind.scale if kind and kind.is_decimal() else 0
        if not arrived:
            return Column(np.zeros(0, np.int64), scale=scale, words=() if kind and kind.is_string() else None)
        values = np.concatenate([one.values for one in arrived])
        return Column(values, _everywhere(arrived), scale, arrived[0].words)


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
        whose = np.searchsorted(np.array(edges, np.int64), columns["customer_id"].values, side="right")
        whose = whose.astype(np.uint16)  # which numpy sorts by counting
        order = np.argsort(whose, kind="stable")
        columns = {name: column.take(order) for name, column in columns.items()}
        ends = np.cumsum(np.bincount(whose, minlength=len(held))).tolist()
    for one, first, last in zip(held, [0, *ends], ends, strict=False):
        for name, column in columns.items():
            one.add(name, column.take(slice(first, last)))


def _plain(column: Any) -> Column:
    """Whole numbers and where there are any; days of dates, microseconds of moments, places of words."""
    words = None
    if pa.types.is_dictionary(column.type):
        words, column = tuple(column.dictionary.to_pylist()), column.indices
    elif pa.types.is_date32(column.type):
        column = column.view(pa.int32())
    elif pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    known = None
    if column.null_count:
        known, column = column.is_valid().to_numpy(zero_copy_only=False), column.fill_null(0)
    return Column(column.to_numpy(zero_copy_only=False), known, words=words)


def _sorted(owners: Array, day: Array) -> tuple[Array, Array, Array]:
    """Customers and days in order, and the rows they come from; one sort of single numbers wherever they fit."""
    if not len(owners):
        return owners, day, np.zeros(0, np.int64)
    first, early = int(owners.min()), int(day.min())
    most, late, size = int(owners.max()) - first + 1, int(day.max()) - early + 1, len(owners)
    key = packed((owners - first, most), (day - early, late), (np.arange(size), size))
    if key is None:
        order = np.lexsort((day, owners))
        return owners[order], day[order], order
    key.sort()
    below, middle = (max(1, (bound - 1).bit_length()) for bound in (size, late))
    order = key & ((1 << below) - 1)
    key >>= below
    days = (key & ((1 << middle) - 1)).astype(np.int32)
    days += early
    key >>= middle
    key += first
    return key, days, order


def _taken(column: Column, order: Array, rows: Array | None) -> Column:
    """A column in order, or some rows of it."""
    return column.take(order if rows is None else order[rows])
