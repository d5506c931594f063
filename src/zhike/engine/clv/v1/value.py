"""What a customer is worth within a horizon: expected purchases times expected spend, with margin, discount and interval."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from zhike.core.text import Text
from zhike.engine.clv.v1.fitting import Fit
from zhike.engine.clv.v1.purchases import (
    BadHorizon,
    expected_purchases,
    mean_alive,
    p_alive,
    p_purchase,
    per_pair,
    second_moment_alive,
)
from zhike.engine.clv.v1.rows import Floats, Integers, checked
from zhike.engine.clv.v1.spend import SpendFit, expected_spend, posterior

LEAST_SHAPE = 2.1  # below 2 the variance of a customer's mean spend is infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """How far to look: `periods` of a `period` each, in the unit of the ages; a year of months is Horizon(12, 30.4375).

    `rate`: discount per period, 0.01 for 1 %; purchases count at the end of their period. `margin`: the share of
    spend that is profit; 1 values revenue.
    """

    periods: int
    period: float
    rate: float = 0.0
    margin: float = 1.0

    def __post_init__(self) -> None:
        if self.periods < 1 or self.period <= 0 or self.rate <= -1 or not np.isfinite(self.margin):
            raise BadHorizon(
                Text("预测期、折现率或毛利率不合理。", "Periods, discount rate or margin make no sense."),
                Text(
                    "期数至少为 1,期长大于 0,折现率大于 −100%。",
                    "At least 1 period, longer than 0, at a rate above −100 %.",
                ),
            )

    @property
    def length(self) -> float:
        """All periods together."""
        return self.periods * self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Per customer, each of shape (n,): expected purchases, probabilities, value, and its interval in money.

    `method` tells by which method, in words; `warnings` what a reader must know.
    """

    alive: Floats
    any_purchase: Floats
    purchases: Floats
    spend: Floats
    value: Floats
    low: Floats
    high: Floats
    level: float
    method: Text
    warnings: tuple[Text, ...]


def value(
    fit: Fit,
    spend: SpendFit,
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    mean_spend: ArrayLike,
    *,
    horizon: Horizon,
    level: float = 0.8,
) -> Value:
    """Value every customer within a horizon; arrays of shape (n,) as for `fit` and `fit_spend`.

    The interval is that of the spend of one customer, at the discount of its expectation: mean and variance of the spend
    given any are exact, its shape is taken as Gamma, and no purchase at all has its exact probability. The interval of a
    sum over many customers is far narrower than the sum of the intervals.
    """
    x, t, length = checked(frequency, recency, age)
    m = np.asarray(mean_spend, dtype=np.float64)
    discount = _discounted(fit, x, length, horizon)
    alive = p_alive(fit, x, t, length)
    some = p_purchase(fit, x, t, length, horizon=horizon.length)
    purchases = expected_purchases(fit, x, t, length, horizon=horizon.length)
    each = expected_spend(spend, x, m)
    shape, scale = _given_any(fit, spend, (x, length, m), horizon.length, alive / some)
    factor = discount * horizon.margin
    outside = (1 - level) / 2
    low, high = (_quantile(share, some, shape, scale) * factor for share in (outside, 1 - outside))
    return Value(
        alive=alive,
        any_purchase=some,
        purchases=purchases,
        spend=each,
        value=purchases * each * factor,
        low=np.minimum(low, high),
        high=np.maximum(low, high),
        level=level,
        method=fit.label,
        warnings=tuple(said for said in (fit.warning, spend.warning) if said),
    )


def _discounted(fit: Fit, x: Integers, length: Floats, horizon: Horizon) -> Floats | float:
    """What is left of a purchase within the horizon, on average over when it is expected."""
    if horizon.rate == 0:
        return 1.0
    ends = [horizon.period * n for n in range(1, horizon.periods + 1)]

    def left(n: Floats, old: Floats) -> Floats:
        by = [np.zeros(len(n)), *(mean_alive(fit, n, old, end) for end in ends)]
        steps = [later - earlier for earlier, later in pairwise(by)]
        worth = sum(step / (1 + horizon.rate) ** k for k, step in enumerate(steps, 1))
        return np.asarray(worth / by[-1])

    return per_pair(x, length, left)


def _given_any(
    fit: Fit, spend: SpendFit, history: tuple[Integers, Floats, Floats], horizon: float, odds: Floats
) -> tuple[Floats, Floats]:
    """Shape and scale of the Gamma with the mean and variance of a customer's spend, given a purchase.

    N purchases of Gamma(p, nu) sum to Gamma(pN, nu): E[S] = p E[N] E[1/nu], E[S²] = (p E[N] + p² E[N²]) E[1/nu²].
    `odds`: P(alive) / P(purchase), which turns moments of the living into moments given a purchase.
    """
    x, length, m = history
    first = odds * per_pair(x, length, lambda n, old: mean_alive(fit, n, old, horizon))
    second = odds * per_pair(x, length, lambda n, old: second_moment_alive(fit, n, old, horizon))
    shape, rate = posterior(spend, x.astype(np.float64), m)
    shape = np.maximum(shape, LEAST_SHAPE)
    mean = spend.p * first * rate / (shape - 1)
    square = (spend.p * first + spend.p**2 * second) * rate**2 / ((shape - 1) * (shape - 2))
    variance = np.maximum(square - mean**2, 1e-12 * mean**2 + 1e-300)
    return mean**2 / variance, variance / np.maximum(mean, 1e-300)


def _quantile(share: float, some: Floats, shape: Floats, scale: Floats) -> Floats:
    """The quantile of an amount that is 0 but with probability `some`."""
    inside = np.clip((share - (1 - some)) / some, 0.0, 1.0)
    found = np.zeros(len(some))
    bought = inside > 0
    found[bought] = gammaincinv(shape[bought], inside[bought]) * scale[bought]
    return found
