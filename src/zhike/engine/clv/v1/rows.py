"""Purchase histories as the likelihood needs them: checked, and equal ones taken together with a weight."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.core.errors import Refusal
from zhike.core.text import Text

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LATTICES = (1, 7, 10, 100, 1000)  # parts of a unit that times come in: days, days in weeks, decimals
BINS = 32  # steps of age and of recency in a sketch
PACKED = 2**62


class BadHistory(Refusal):
    """Frequency, recency and age contradict each other."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Histories with weights. Without a repeat purchase only the age counts, so those are kept apart.

    `once_age`, `once_weight`: shape (m,). `x`, `recency`, `age`, `weight`: shape (n,), x >= 1. `levels`, `level_weight`:
    the distinct x and the customers at each; `level` says where in `levels` each row's x is.
    """

    once_age: Floats
    once_weight: Floats
    x: Floats
    recency: Floats
    age: Floats
    weight: Floats
    levels: Floats
    level_weight: Floats
    level: Integers

    @property
    def groups(self) -> int:
        """How many different histories there are."""
        return len(self.once_age) + len(self.x)

    @property
    def customers(self) -> float:
        """How many customers have them."""
        return float(self.once_weight.sum() + self.weight.sum())

    @property
    def repeats(self) -> float:
        """Repeat purchases of all customers."""
        return dot(self.x, self.weight)

    def scaled(self, factor: float) -> "Rows":
        """The same histories with time in another unit."""
        return replace(
            self,
            once_age=self.once_age * factor,
            recency=self.recency * factor,
            age=self.age * factor,
        )


def dot(left: Floats, right: Floats) -> float:
    """The sum of products, by numpy itself: BLAS would take all cores, wait for them, and round by their number."""
    return float(np.einsum("i,i->", left, right))


def summed(place: Integers, weight: Floats, size: int = 0) -> Floats:
    """The weights added up by place."""
    return np.asarray(np.bincount(place, weight, size), dtype=np.float64)


def checked(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> tuple[Integers, Floats, Floats]:
    """Frequency as whole numbers, recency and age as floats, each of shape (n,); raises BadHistory."""
    x, t, length = (np.asarray(given, dtype=np.float64) for given in (frequency, recency, age))
    if x.ndim != 1 or x.shape != t.shape or x.shape != length.shape:
        raise _bad(
            Text("三个数组长度不同或不是一维。", "The three arrays differ in length or are not flat."), 0
        )
    for wrong, reason in _contradictions(x, t, length):
        if wrong.any():
            raise _bad(reason, int(np.argmax(wrong)))
    return x.astype(np.int64), t, length


def grouped(x: Integers, recency: Floats, age: Floats) -> Rows:
    """Take equal histories together; exact: times that lie on no lattice are left as they are."""
    once = x == 0
    again = ~once
    once_age, once_weight = np.unique(age[once], return_counts=True)
    found = _on_lattice(x[again], recency[again], age[again])
    return _rows(once_age, once_weight.astype(np.float64), found)


def sketched(rows: Rows) -> Rows:
    """A small likeness of many histories, times in the middle of BINS steps: to start a search from, never to end it."""
    longest = max(rows.age.max(initial=0.0), rows.once_age.max(initial=0.0))
    step = longest / BINS
    packed = (rows.level * BINS + _bin(rows.recency, step)) * BINS + _bin(rows.age, step)
    weight = summed(packed, rows.weight)
    held = np.flatnonzero(weight)
    level, rest = np.divmod(held, BINS * BINS)
    late, old = np.divmod(rest, BINS)
    age = (old + 0.5) * step
    once = summed(_bin(rows.once_age, step), rows.once_weight, BINS)
    recency = np.minimum((late + 0.5) * step, age)
    return _rows((np.arange(BINS) + 0.5) * step, once, (rows.levels[level], recency, age, weight[held]))


def _bin(times: Floats, step: float) -> Integers:
    return np.minimum((times / step).astype(np.int64), BINS - 1)


def _on_lattice(x: Integers, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """x, recency, age and weight of the distinct rows when all times are multiples of one part of a unit."""
    single = (x.astype(np.float64), recency, age, np.ones(len(x)))
    for parts in LATTICES if len(x) else ():
        if not (_lies(recency, parts) and _lies(age, parts)):
            continue
        late, old = np.rint(recency * parts), np.rint(age * parts)
        span = int(old.max()) + 1
        if (int(x.max()) + 1) * span * span >= PACKED:
            return single
        packed = (x * span + late.astype(np.int64)) * span + old.astype(np.int64)
        return _unpacked(packed, span, parts)
    return single


def _lies(times: Floats, parts: int) -> bool:
    """Whether the times are exactly whole numbers of parts; a few are looked at first."""
    few, all_ = times[:100], times
    return all(np.array_equal(np.rint(some * parts) / parts, some) for some in (few, all_))


def _unpacked(packed: Integers, span: int, parts: int) -> tuple[Floats, Floats, Floats, Floats]:
    packed.sort()
    first = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
    weight = np.diff(np.append(first, len(packed))).astype(np.float64)
    x, rest = np.divmod(packed[first], span * span)
    late, old = np.divmod(rest, span)
    return x.astype(np.float64), late / parts, old / parts, weight


def _rows(once_age: Floats, once_weight: Floats, rest: tuple[Floats, Floats, Floats, Floats]) -> Rows:
    x, recency, age, weight = rest
    per_x = summed(x.astype(np.int64), weight)
    levels = np.flatnonzero(per_x)
    place = np.zeros(len(per_x), dtype=np.int64)
    place[levels] = np.arange(len(levels))
    return Rows(
        once_age=once_age,
        once_weight=once_weight,
        x=x,
        recency=recency,
        age=age,
        weight=weight,
        levels=levels.astype(np.float64),
        level_weight=per_x[levels],
        level=place[x.astype(np.int64)],
    )


def _contradictions(x: Floats, t: Floats, length: Floats) -> tuple[tuple[NDArray[np.bool_], Text], ...]:
    return (
        (
            ~(np.isfinite(x) & np.isfinite(t) & np.isfinite(length)),
            Text("有缺失值或无穷值。", "A value is missing or infinite."),
        ),
        (
            (x < 0) | (x != np.floor(x)),
            Text("复购次数不是非负整数。", "A frequency is not a whole number of at least 0."),
        ),
        (
            (t < 0) | (t > length),
            Text(
                "最近一次购买不在首次购买与今天之间。",
                "A last purchase lies outside first purchase and today.",
            ),
        ),
        (
            (x == 0) & (t > 0),
            Text("没有复购,却有复购时间。", "A time of repeat purchase without a repeat purchase."),
        ),
    )


def _bad(reason: Text, row: int) -> BadHistory:
    remedy = Text(
        "请由订单按购买日重新计算:复购次数 = 购买日数 − 1。",
        "Compute it from the orders again: frequency = days with a purchase − 1.",
    )
    return BadHistory(reason, remedy, place=Text(f"第 {row + 1} 位客户", f"Customer {row + 1}"))
