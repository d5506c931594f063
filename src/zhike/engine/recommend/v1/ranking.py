"""From scores to recommendations: the best items of each customer, "again" and "new" apart, each with what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhike.engine.recommend.v1 import scores
from zhike.engine.recommend.v1.purchases import Floats, History, Ints
from zhike.engine.recommend.v1.scores import Learnt

TOP = 5
ROWS = 4_000_000  # cells of a dense block
RHYTHM = 3  # purchases from which a mean interval says something


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """For n customers `item` (n, 5), best first, −1 where there is no more. What is not told for a kind is 0 (or −1 for `because`).

    `times`, `gap`, `last`: purchases of the item, mean days between them, day of the last. `because`: the item bought that
    speaks most for a new one, −1 where popularity says more.
    """

    customer_id: Ints
    item: Ints
    times: Ints
    gap: Ints
    last: Ints
    because: Ints


def rows_at_once(size: int) -> int:
    """How many customers a dense block of `size` items may hold."""
    return max(1, ROWS // max(1, size))


def again(learnt: Learnt, some: History, near: Floats, allowed: NDArray[np.bool_]) -> Ranked:
    """What a block of customers is likely to buy again."""
    value = np.full(near.shape, -np.inf, dtype=np.float32)
    value[some.row, some.times.indices] = np.where(
        allowed[some.times.indices], scores.again(learnt, some, near), -np.inf
    )
    item = best(value)
    place = _stored(some, item)

    def told(values: NDArray[np.generic]) -> Ints:
        held = np.asarray(np.rint(values), dtype=np.int64)
        return np.where(place >= 0, held[np.maximum(place, 0)] if len(held) else 0, 0)

    return Ranked(
        customer_id=some.customer_id,
        item=item,
        times=told(some.times.data),
        gap=told(some.gap),
        last=told(some.last),
        because=np.full(item.shape, -1),
    )


def new(learnt: Learnt, some: History, near: Floats, allowed: NDArray[np.bool_]) -> Ranked:
    """What a block of customers may buy for the first time; nothing where nothing speaks for an item."""
    value = scores.new(learnt, some, near.copy())
    value[:, ~allowed] = -np.inf
    value[value <= 0] = -np.inf
    item = best(value)
    nothing = np.zeros(item.shape, dtype=np.int64)
    return Ranked(
        customer_id=some.customer_id,
        item=item,
        times=nothing,
        gap=nothing,
        last=nothing,
        because=_because(learnt, some, item),
    )


def best(value: Floats, top: int = TOP) -> Ints:
    """The items of the highest scores per row, best first, equal ones by number; −1 for those of −inf. Shape (n, top)."""
    found = np.full((value.shape[0], top), -1, dtype=np.int64)
    wide = min(top, value.shape[1])
    if not wide or not value.shape[0]:
        return found
    edge = np.partition(value, value.shape[1] - wide, axis=1)[:, [value.shape[1] - wide]]
    row, item = np.nonzero((value >= edge) & np.isfinite(value))
    order = np.lexsort((item, -value[row, item], row))
    row, item = row[order], item[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    first = rank < wide
    found[row[first], rank[first]] = item[first]
    return found


def _stored(some: History, item: Ints) -> Ints:
    """Where the value of each (customer, item) is stored in `some.times`; −1 where it is none."""
    size = some.times.shape[1]
    keys = some.row * size + some.times.indices
    wanted = np.arange(len(item))[:, None] * size + item
    place = np.searchsorted(keys, wanted)
    return np.where(item >= 0, np.minimum(place, max(0, len(keys) - 1)), -1)


def _because(learnt: Learnt, some: History, item: Ints) -> Ints:
    """Of the items a customer bought, the one of the largest weight for the item recommended, if it outweighs popularity."""
    found = np.full(item.shape, -1, dtype=np.int64)
    if learnt.weights is None:
        return found
    held = np.diff(some.times.indptr)
    row, rank = np.nonzero(item >= 0)
    number = held[row]
    pair = np.repeat(np.arange(len(row)), number)
    start = np.cumsum(number) - number
    source = some.times.indices[np.arange(len(pair)) - start[pair] + some.times.indptr[row][pair]]
    weight = np.asarray(learnt.weights[source, item[row, rank][pair]], dtype=np.float32).ravel()
    order = np.lexsort((source, -weight, pair))
    first = np.ones(len(pair), dtype=bool)
    first[1:] = np.diff(pair) != 0
    lead = order[first]
    popular = learnt.recipe.popular * learnt.relative[item[row, rank]][pair[lead]]
    strong = weight[lead] > popular
    found[row[pair[lead][strong]], rank[pair[lead][strong]]] = source[lead][strong]
    return found
