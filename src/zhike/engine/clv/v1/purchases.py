"""What BG/NBD expects of each customer: alive or not, purchases to come, and how many they may be.

Sources: Fader, Hardie & Lee (2005), eq. 10, for expected purchases; the same authors' note "Computing P(alive) Using the
BG/NBD Model" (2008). Given a history, rate and chance of leaving of a customer who is alive are independent, Gamma(r+x,
alpha+T) and Beta(a, b+x); more than k purchases need k purchases without leaving and a process that makes k+1.

Arrays in and out have shape (n,), one entry per customer; a horizon is in the unit of the ages.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln, hyp2f1

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.clv.v1.fitting import Fit
from zhike.engine.clv.v1.rows import Floats, Integers, checked

NEAR = 1e-5  # distance from a removable singularity within which its two sides are averaged
LARGE_A = 100.0
TAIL = 1e-10
MOST = 100_000  # purchases of one customer within a horizon that are counted out


class BadHorizon(Refusal):
    """A horizon that is not a positive length of time."""


def p_alive(fit: Fit, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
    """The probability that a customer has not left; 1 without a repeat purchase, since nobody leaves before one.

    Not a churn score: one-time buyers get 1. Use `p_purchase` with its horizon.
    """
    x, t, length = checked(frequency, recency, age)
    return _alive(fit, x, t, length)


def p_purchase(
    fit: Fit, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, horizon: float
) -> Floats:
    """The probability of at least one purchase within the horizon."""
    x, t, length = checked(frequency, recency, age)
    return _alive(fit, x, t, length) * _some(fit, x, length, _positive(horizon))


def expected_purchases(
    fit: Fit, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, horizon: float
) -> Floats:
    """The expected number of purchases within the horizon."""
    x, t, length = checked(frequency, recency, age)
    return _alive(fit, x, t, length) * per_pair(x, length, lambda n, old: mean_alive(fit, n, old, horizon))


def purchase_interval(
    fit: Fit,
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    *,
    horizon: float,
    level: float = 0.8,
) -> tuple[Integers, Integers]:
    """The lowest and highest number of purchases within the horizon, left out on either side with (1 - level)/2 at most.

    Exact quantiles of the predictive distribution for the given parameters; their own uncertainty is left out, which with
    thousands of customers is small beside the chance of each customer's behaviour.
    """
    x, t, length = checked(frequency, recency, age)
    alive = _alive(fit, x, t, length)
    outside = (1 - level) / 2
    horizon = _positive(horizon)
    low, high = (_quantile(fit, x, length, alive, horizon, tail) for tail in (1 - outside, outside))
    return low, high


def mean_alive(fit: Fit, x: Floats, age: Floats, horizon: float) -> Floats:
    """Expected purchases within the horizon of customers who are alive.

    Eq. 10 after Euler's transformation of 2F1: x remains in one argument only, so that large x neither overflow nor cancel.
    The equation is 0/0 where a = 1 and where a + b + x = 1; there the mean of both sides is taken. Where a is large (nearly
    the same chance of leaving for everybody) or r (nearly the same rate) its factors leave the range of numbers, and the sum
    of P(more than k) is taken.
    """
    horizon = _positive(horizon)
    if fit.a > LARGE_A:
        return _summed(fit, x, age, horizon, lambda k: 1)
    a_sides = (fit.a - NEAR, fit.a + NEAR) if abs(fit.a - 1) < NEAR else (fit.a,)
    singular = (np.abs(fit.a + fit.b + x - 1) < NEAR).astype(np.float64)
    shifts = (-2 * NEAR, 2 * NEAR) if singular.any() else (0.0,)
    sides = [_euler(fit, a, fit.b + shift * singular, x, age, horizon) for a in a_sides for shift in shifts]
    found = np.mean(sides, axis=0)
    if not np.isfinite(found).all():
        return _summed(fit, x, age, horizon, lambda k: 1)
    return np.asarray(np.maximum(found, 0.0))


def second_moment_alive(fit: Fit, x: Floats, age: Floats, horizon: float) -> Floats:
    """The mean square of purchases within the horizon of customers who are alive: the sum of (2k+1) P(more than k)."""
    return _summed(fit, x, age, horizon, lambda k: 2 * k + 1)


def _summed(fit: Fit, x: Floats, age: Floats, horizon: float, weight: Callable[[int], int]) -> Floats:
    """The weighted sum of P(more than k purchases) over k, of customers who are alive."""
    moment = np.zeros(len(x))
    reach = fit.alpha + age
    # columns: r+x, b+x, ln z, ln P(exactly k), P(more than k - 1) of the process, P(staying for k)
    state = np.column_stack(
        [
            fit.r + x,
            fit.b + x,
            np.log(horizon / (reach + horizon)),
            -(fit.r + x) * np.log1p(horizon / reach),
            np.ones(len(x)),
            np.ones(len(x)),
        ]
    )
    active = np.arange(len(x))
    for k in range(MOST):
        power, stays, log_z, log_mass, beyond, stayed = state.T
        beyond -= np.exp(log_mass)
        terms = weight(k) * np.maximum(beyond, 0.0) * stayed
        moment[active] += terms
        log_mass += np.log((power + k) / (k + 1)) + log_z
        stayed *= (stays + k) / (fit.a + stays + k)
        # Before the middle of the distribution small terms may grow again.
        going = (terms > TAIL) | (beyond > 0.5)
        if not going.any():
            break
        active, state = active[going], state[going]
    return moment


def per_pair(x: Integers, age: Floats, compute: Callable[[Floats, Floats], Floats]) -> Floats:
    """Compute once for each different pair of frequency and age, and hand the values to the customers."""
    order = np.lexsort((age, x))
    x_sorted, age_sorted = x[order], age[order]
    new = np.ones(len(x), dtype=bool)
    new[1:] = (x_sorted[1:] != x_sorted[:-1]) | (age_sorted[1:] != age_sorted[:-1])
    values = compute(x_sorted[new].astype(np.float64), age_sorted[new])
    found = np.empty(len(x))
    found[order] = values[np.cumsum(new) - 1]
    return found


def _alive(fit: Fit, x: Integers, t: Floats, length: Floats) -> Floats:
    again = np.maximum(x, 1)
    odds = np.log(fit.b + again - 1) - np.log(fit.a)
    z = odds - (fit.r + x) * np.log((fit.alpha + length) / (fit.alpha + t))
    return np.where(x == 0, 1.0, 1 / (1 + np.exp(-np.clip(z, -700, 700))))


def _some(fit: Fit, x: Integers, length: Floats, horizon: float) -> Floats:
    return np.asarray(-np.expm1(-(fit.r + x) * np.log1p(horizon / (fit.alpha + length))))


def _euler(
    fit: Fit, a: float, b: float | Floats, x: Floats, age: Floats, horizon: float
) -> NDArray[np.float64]:
    reach = fit.alpha + age
    z = horizon / (reach + horizon)
    c = a + b + x - 1
    none = (reach / (reach + horizon)) ** (a - 1) * hyp2f1(a + b - 1 - fit.r, a - 1, c, z)
    return np.asarray(c / (a - 1) * (1 - none))


def _quantile(fit: Fit, x: Integers, length: Floats, alive: Floats, horizon: float, tail: float) -> Integers:
    """The smallest k with P(more than k) at most `tail`, by doubling and halving."""
    low, high = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x), dtype=np.int64)
    open_ = np.arange(len(x))
    while len(open_):
        above = alive[open_] * _more_than(fit, x[open_], length[open_], horizon, high[open_]) > tail
        open_ = open_[above]
        low[open_], high[open_] = high[open_], 2 * high[open_] + 1
    open_ = np.flatnonzero(high - low > 1)
    while len(open_):
        middle = (low[open_] + high[open_]) // 2
        above = alive[open_] * _more_than(fit, x[open_], length[open_], horizon, middle) > tail
        low[open_], high[open_] = np.where(above, middle, low[open_]), np.where(above, high[open_], middle)
        open_ = open_[high[open_] - low[open_] > 1]
    return high


def _more_than(fit: Fit, x: Integers, length: Floats, horizon: float, k: Integers) -> Floats:
    """P(more than k purchases) of customers who are alive."""
    z = horizon / (fit.alpha + length + horizon)
    stayed = np.exp(betaln(fit.a, fit.b + x + k) - betaln(fit.a, fit.b + x))
    return np.asarray(stayed * betainc(k + 1, fit.r + x, z))


def _positive(horizon: float) -> float:
    if not (np.isfinite(horizon) and horizon > 0):
        raise BadHorizon(
            Text(f"预测期 {horizon} 不是正数。", f"The horizon {horizon} is not a positive length of time."),
            Text("请给出大于零的预测期。", "Give a horizon above zero."),
        )
    return float(horizon)
