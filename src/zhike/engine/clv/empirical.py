"""What customers with a similar history went on to buy, counted: where a model is degenerate or has too little to go by.

Customers are put into cells by frequency and by how much of their age has passed in silence; what a cell bought in an
earlier stretch of time is expected of its customers now. A small cell leans towards the mean of all: cells count as if
they held PRIOR average customers more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.core.errors import Refusal
from zhike.core.text import Text

FREQUENCY_BANDS = (1, 2, 4, 7)  # repeat purchases: 0, 1, 2–3, 4–6, 7 and more
SILENCE_BANDS = (0.25, 0.5, 0.75)  # share of the age since the last purchase
PRIOR = 20
Floats = NDArray[np.float64]


class NoHistory(Refusal):
    """There is no earlier stretch of time to count in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Empirical:
    """Per cell: customers, purchases per customer and the share with any, within `horizon`; shape (5, 4) each."""

    horizon: float
    customers: Floats
    purchases: Floats
    any_purchase: Floats

    @property
    def label(self) -> Text:
        """The method in words, to be shown beside every figure that comes from it."""
        return Text("经验估计(同类客户过去的购买)", "Empirical estimate (what similar customers bought)")


def count(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, held: ArrayLike, *, horizon: float
) -> Empirical:
    """Count what customers bought within `horizon` after a past day; arrays of shape (n,) as for the model's `fit`.

    `held`: days with a purchase in that stretch. Raises NoHistory without any customer.
    """
    bought = np.asarray(held, dtype=np.float64)
    if not len(bought) or horizon <= 0:
        raise NoHistory(
            Text("没有可供统计的历史。", "There is no past to count in."),
            Text("请在有更早订单后再试。", "Try again when there are earlier orders."),
            place=Text("经验估计", "Empirical estimate"),
        )
    cell = _cell(frequency, recency, age)
    size = (len(FREQUENCY_BANDS) + 1) * (len(SILENCE_BANDS) + 1)
    number = np.bincount(cell, minlength=size)

    def leaning(values: Floats) -> Floats:
        total = np.bincount(cell, values, size)
        return _table((total + PRIOR * values.mean()) / (number + PRIOR))

    return Empirical(
        horizon=horizon,
        customers=_table(number.astype(np.float64)),
        purchases=leaning(bought),
        any_purchase=leaning((bought > 0).astype(np.float64)),
    )


def forecast(
    counted: Empirical, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, horizon: float
) -> tuple[Floats, Floats]:
    """Expected purchases, and the probability of any, within a horizon; shape (n,).

    A horizon other than the counted one is reached by going on at the same rate.
    """
    cell = _cell(frequency, recency, age)
    times = horizon / counted.horizon
    none = 1 - counted.any_purchase.ravel()[cell]
    return counted.purchases.ravel()[cell] * times, 1 - none**times


def _cell(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.int64]:
    x, t, length = (np.asarray(given, dtype=np.float64) for given in (frequency, recency, age))
    silence = (length - t) / np.maximum(length, 1e-9)
    row = np.searchsorted(FREQUENCY_BANDS, x, side="right")
    column = np.searchsorted(SILENCE_BANDS, silence, side="right")
    return np.asarray(row * (len(SILENCE_BANDS) + 1) + column, dtype=np.int64)


def _table(flat: Floats) -> Floats:
    return flat.reshape(len(FREQUENCY_BANDS) + 1, len(SILENCE_BANDS) + 1)
