"""What customers bought and when: from the lake's order lines to a sparse matrix of customers and items.

Several purchases of an item on a day are one. Items are numbered by the caller (`Goods`): single products, products of one
name, or categories. Line codes are matched outside DuckDB, so that names never enter the lake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from zhike.engine.lake import Session
from zhike.engine.recommend.words import GRAINS, Grain

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
EPOCH = date(1970, 1, 1)
WELL_KNOWN = 20  # customers who bought an item, so that something can be learnt about it; 2 % in a small base
LINES = 2_000_000  # order lines read at once
MOST_ITEMS = 20_000
FEWEST, MANY = 5, 1_000  # in a base of many customers an item is told of from so many buyers


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Which item each product code is: `codes` (k,), `item` (k,) numbers from 0; `names` (m,) of the items."""

    grain: Grain
    codes: pa.Array
    item: Ints
    names: list[str]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Distinct purchases in the order of customer, item and day; three arrays of one length. Days are counted from 1970."""

    customer: Ints
    item: Ints
    day: Ints

    def until(self, last: int) -> Lines:
        """Those up to a day."""
        return self.where(self.day <= last)

    def within(self, first: int, last: int) -> Lines:
        """Those after one day and up to another."""
        return self.where((self.day > first) & (self.day <= last))

    def where(self, kept: NDArray[np.bool_]) -> Lines:
        """Some of the lines, in the same order."""
        return Lines(customer=self.customer[kept], item=self.item[kept], day=self.day[kept])


@dataclass(frozen=True, kw_only=True)
class History:
    """Customers × items as of a day: `times` bought (days), and for each stored value its `first` and `last` day."""

    as_of: int
    customer_id: Ints
    times: sparse.csr_array
    first: Ints
    last: Ints

    @cached_property
    def bought(self) -> sparse.csr_array:
        """1 where an item was bought; float32."""
        ones = np.ones(self.times.nnz, dtype=np.float32)
        return sparse.csr_array((ones, self.times.indices, self.times.indptr), shape=self.times.shape)

    @cached_property
    def row(self) -> Ints:
        """The row of each stored value."""
        return np.repeat(np.arange(self.times.shape[0]), np.diff(self.times.indptr))

    @cached_property
    def gap(self) -> Floats:
        """Mean days between purchases of an item; 0 where it was bought once."""
        times = self.times.data
        return np.where(times > 1, (self.last - self.first) / np.maximum(times - 1, 1), 0).astype(np.float32)

    def block(self, start: int, stop: int) -> History:
        """Some of the customers."""
        low, high = self.times.indptr[start], self.times.indptr[stop]
        return History(
            as_of=self.as_of,
            customer_id=self.customer_id[start:stop],
            times=self.times[start:stop],
            first=self.first[low:high],
            last=self.last[low:high],
        )


def number(day: date) -> int:
    """A day as lines count it."""
    return (day - EPOCH).days


def grouped(products: pa.Table, grain: Grain) -> Goods:
    """Products (columns code, name, category) as items of a grain; a product without name or category stays by itself."""
    column = {"product": "code", "name": "name", "category": "category"}[grain]
    named = pc.if_else(pc.equal(products[column], ""), products["code"], products[column]).combine_chunks()
    found = named.dictionary_encode()
    codes = products["code"].combine_chunks()
    return Goods(
        grain=grain,
        codes=codes,
        item=np.asarray(found.indices.to_numpy(zero_copy_only=False), dtype=np.int64),
        names=found.dictionary.to_pylist(),
    )


def finest(session: Session, products: pa.Table, as_of: date) -> Goods:
    """The finest grain in which half of what is bought are items that enough customers bought; categories if none is.

    Finer, most items are bought by a handful, and neither history nor neighbours say anything about them.
    """
    sold = session.cursor.execute(
        f"SELECT DISTINCT product_code AS code, customer_id FROM {_of(session, 'order_lines')} "
        f"WHERE placed_on <= DATE '{as_of}' AND product_code IS NOT NULL"
    ).to_arrow_table()
    customer = np.asarray(sold["customer_id"].to_numpy(), dtype=np.int64)
    customers = len(np.unique(customer))
    known = min(WELL_KNOWN, -(-customers // 50))
    goods = grouped(products, "product")
    for grain in GRAINS:
        goods = grouped(products, grain)
        buyers = _buyers(goods, sold["code"].combine_chunks(), customer)
        if buyers.sum() and buyers[buyers >= known].sum() / buyers.sum() >= 0.5:
            break
    return _worth_telling(goods, buyers, FEWEST if customers >= MANY else 1)


def _buyers(goods: Goods, codes: pa.Array, customer: Ints) -> Ints:
    """How many customers bought each item."""
    place = _placed(goods, codes)
    pairs = np.unique(np.stack([place, customer])[:, place >= 0], axis=1)
    return np.bincount(pairs[0], minlength=len(goods.names))


def _worth_telling(goods: Goods, buyers: Ints, fewest: int) -> Goods:
    """Without the items that hardly anybody bought, and the most bought ones only when there are very many."""
    order = np.argsort(-buyers, kind="stable")[:MOST_ITEMS]
    kept = np.sort(order[buyers[order] >= fewest])
    place = np.full(len(goods.names), -1)
    place[kept] = np.arange(len(kept))
    names = [goods.names[one] for one in kept]
    return Goods(grain=goods.grain, codes=goods.codes, item=place[goods.item], names=names)


def lines(session: Session, goods: Goods, *, as_of: date, within: str = "TRUE") -> Lines:
    """What was bought up to a day; `within` is a condition on customer_id, of our own making."""
    found = session.cursor.execute(
        f"""
        SELECT DISTINCT l.customer_id, datediff('day', DATE '1970-01-01', l.placed_on) AS day, l.product_code AS code
        FROM {_of(session, "order_lines")} l SEMI JOIN {_of(session, "customers")} c ON c.id = l.customer_id
        WHERE l.placed_on <= DATE '{as_of}' AND l.product_code IS NOT NULL AND ({within})
        """
    ).to_arrow_table()
    place = _placed(goods, found["code"].combine_chunks())
    customer, day = (np.asarray(found[name].to_numpy(), dtype=np.int64) for name in ("customer_id", "day"))
    known = place >= 0
    return ordered(customer[known], place[known], day[known])


def ordered(customer: Ints, item: Ints, day: Ints) -> Lines:
    """Distinct lines in order; shape (k,) each."""
    order = np.lexsort((day, item, customer))
    customer, item, day = customer[order], item[order], day[order]
    new = np.ones(len(day), dtype=bool)
    new[1:] = (np.diff(customer) != 0) | (np.diff(item) != 0) | (np.diff(day) != 0)
    return Lines(customer=customer[new], item=item[new], day=day[new])


def history(told: Lines, items: int, as_of: int) -> History:
    """The matrix of lines as of a day, for items numbered 0 … items − 1; one row per customer, by rising id."""
    told = told.until(as_of)
    new = np.ones(len(told.day), dtype=bool)
    new[1:] = (np.diff(told.customer) != 0) | (np.diff(told.item) != 0)
    starts = np.flatnonzero(new)
    times = np.diff(np.append(starts, len(told.day)))
    customer_id, per_row = np.unique(told.customer[starts], return_counts=True)
    indptr = np.concatenate([[0], np.cumsum(per_row)])
    matrix = sparse.csr_array(
        (times.astype(np.float32), told.item[starts], indptr), shape=(len(customer_id), items)
    )
    return History(
        as_of=as_of,
        customer_id=customer_id,
        times=matrix,
        first=told.day[starts],
        last=told.day[starts + times - 1] if len(starts) else told.day[:0],
    )


def blocks(session: Session, goods: Goods, *, as_of: date, left_out: str = "FALSE") -> Iterator[Lines]:
    """The lines of all customers, so many customers at a time that memory stays bounded; by rising customer_id.

    `left_out` is a condition on customer_id, of our own making.
    """
    low, high, rows = session.cursor.execute(
        f"SELECT min(customer_id), max(customer_id), count(*) FROM {_of(session, 'order_lines')}"
    ).fetchall()[0]
    if not rows:
        return
    step = max(1, (high - low + 1) * LINES // rows)
    for start in range(low, high + 1, step):
        among = f"l.customer_id BETWEEN {start} AND {start + step - 1} AND NOT ({left_out})"
        found = lines(session, goods, as_of=as_of, within=among)
        if len(found.day):
            yield found


def buyers(session: Session) -> int:
    """How many customers have bought anything."""
    return session.number(f"SELECT count(DISTINCT customer_id) FROM {_of(session, 'order_lines')}")


def _of(session: Session, name: str) -> str:
    """A table of the lake, empty if it was never filled."""
    return f"({session.sql(session.table(name))})"


def _placed(goods: Goods, codes: pa.Array) -> Ints:
    """The item of each code, −1 for one that is not known."""
    place = pc.fill_null(pc.index_in(codes, value_set=goods.codes), -1).to_numpy(zero_copy_only=False)
    return np.where(place >= 0, goods.item[place], -1) if len(goods.item) else np.full(len(codes), -1)
