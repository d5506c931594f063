"""How well the model foretold what came: purchases in a hold-out period by frequency, and the error over all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.clv.v1.fitting import Fit
from zhike.engine.clv.v1.purchases import expected_purchases
from zhike.engine.clv.v1.rows import Floats

LAST_BIN = 7


class BadHoldout(Refusal):
    """A hold-out that does not belong to the customers beside it."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers with so many repeat purchases before, and what they bought after: foretold and real, per customer."""

    frequency: int
    open_ended: bool
    customers: int
    expected: float
    actual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """Expected against actual purchases in a hold-out period.

    `error`: total expected / total actual − 1 (None when nothing was bought). `mean_absolute`: per customer.
    `naive_mean_absolute`: of everyone going on at their own rate so far, which the model must beat.
    """

    bins: tuple[Bin, ...]
    customers: int
    expected: float
    actual: float
    mean_absolute: float
    naive_mean_absolute: float

    @property
    def error(self) -> float | None:
        """How far the total is off, relative to what was bought."""
        return self.expected / self.actual - 1 if self.actual else None


def holdout(
    fit: Fit, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, held: ArrayLike, *, horizon: float
) -> Holdout:
    """Compare with `held`, the days with a purchase within `horizon` after the histories end; arrays of shape (n,)."""
    expected = expected_purchases(fit, frequency, recency, age, horizon=horizon)
    x = np.asarray(frequency, dtype=np.int64)
    actual = np.asarray(held, dtype=np.float64)
    if actual.shape != x.shape or not len(x):
        raise BadHoldout(
            Text("保留期数据与客户数不符或为空。", "The hold-out does not fit the customers or is empty."),
            Text("请为同一批客户给出保留期购买次数。", "Give the later purchases of the same customers."),
        )
    return Holdout(
        bins=_bins(x, expected, actual),
        customers=len(x),
        expected=float(expected.sum()),
        actual=float(actual.sum()),
        mean_absolute=float(np.abs(expected - actual).mean()),
        naive_mean_absolute=float(np.abs(_naive(x, age, horizon) - actual).mean()),
    )


def _bins(x: np.ndarray[tuple[int], np.dtype[np.int64]], expected: Floats, actual: Floats) -> tuple[Bin, ...]:
    bin_ = np.minimum(x, LAST_BIN)
    number = np.bincount(bin_, minlength=LAST_BIN + 1)
    foretold = np.bincount(bin_, expected, LAST_BIN + 1)
    real = np.bincount(bin_, actual, LAST_BIN + 1)
    return tuple(
        Bin(n, n == LAST_BIN, int(number[n]), float(foretold[n] / number[n]), float(real[n] / number[n]))
        for n in range(LAST_BIN + 1)
        if number[n]
    )


def _naive(x: np.ndarray[tuple[int], np.dtype[np.int64]], age: ArrayLike, horizon: float) -> Floats:
    length = np.maximum(np.asarray(age, dtype=np.float64), 1e-9)
    return np.asarray(np.where(x > 0, x / length * horizon, 0.0))
