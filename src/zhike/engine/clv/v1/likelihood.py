"""The likelihood of BG/NBD and its gradient.

Fader, Hardie & Lee, "'Counting Your Customers' the Easy Way", Marketing Science 24(2), 2005, eq. 6, as a logarithm: with
z = ln(b+x−1) − ln a + (r+x) ln((α+t)/(α+T)) a repeat customer is alive with probability 1/(1+e^−z), so the two terms of
the sum need one exponential and no Gamma function per row. Gamma functions depend on x alone and are taken per distinct x.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from zhike.engine.clv.v1.rows import Floats, Rows, dot, summed

Four = NDArray[np.float64]  # ln r, ln alpha, ln a, ln b
BLOCK = 16_384


def log_likelihood(logs: Four, rows: Rows) -> tuple[float, Four]:
    """The log-likelihood of histories and its gradient by the logarithms of r, alpha, a and b."""
    parameters = np.exp(logs)
    total, slope = _by_level(parameters, rows)
    once, once_slope = _once(parameters, rows)
    more, more_slope = _again(parameters, rows)
    return total + once + more, (slope + once_slope + more_slope) * parameters


def _by_level(parameters: Four, rows: Rows) -> tuple[float, Four]:
    """Terms that depend on x alone, for repeat customers."""
    r, alpha, a, b = parameters
    x, n = rows.levels, rows.level_weight
    gammas = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(a + b + x) + gammaln(b + x) - gammaln(b)
    spread = digamma(a + b) - digamma(a + b + x)
    customers = n.sum()
    slope = np.array(
        [
            dot(digamma(r + x) - digamma(r), n) + customers * np.log(alpha),
            customers * r / alpha,
            dot(spread, n),
            dot(spread + digamma(b + x) - digamma(b), n),
        ]
    )
    return dot(gammas, n) + float(customers * r * np.log(alpha)), slope


def _once(parameters: Four, rows: Rows) -> tuple[float, Four]:
    """Customers without a repeat purchase: (α/(α+T))^r."""
    r, alpha = parameters[:2]
    reach = alpha + rows.once_age
    waited = dot(np.log(reach / alpha), rows.once_weight)
    by_alpha = dot(r / alpha - r / reach, rows.once_weight)
    return -r * waited, np.array([-waited, by_alpha, 0.0, 0.0])


def _again(parameters: Four, rows: Rows) -> tuple[float, Four]:
    """Terms that depend on the times, for repeat customers."""
    a, b = parameters[2:]
    odds = np.log(rows.levels + (b - 1)) - np.log(a)
    total, by_r, by_alpha, left = 0.0, 0.0, 0.0, np.zeros(len(rows.levels))
    # In blocks, so that what one line writes is still in the cache when the next one reads it.
    for start in range(0, len(rows.x), BLOCK):
        found = _block(parameters, rows, odds, slice(start, start + BLOCK))
        total, by_r, by_alpha, left = total + found[0], by_r + found[1], by_alpha + found[2], left + found[3]
    by_b = -(left / (rows.levels + (b - 1))).sum()
    return total, np.array([by_r, by_alpha, left.sum() / a, by_b])


def _block(parameters: Four, rows: Rows, odds: Floats, some: slice) -> tuple[float, float, float, Floats]:
    """Of some rows: the likelihood, its slopes by r and alpha, and the customers who left, by level of x."""
    r, alpha = parameters[:2]
    level, w = rows.level[some], rows.weight[some]
    power = r + rows.x[some]
    before, reach = alpha + rows.recency[some], alpha + rows.age[some]
    log_before = np.log(before)
    silence = np.log(reach / before)
    by_x = odds[level]
    alive, either = _sigmoid_and_softplus(by_x - power * silence)
    alive_w = alive * w
    left_w = w - alive_w
    return (
        dot(either - by_x - power * log_before, w),
        -dot(log_before, w) - dot(silence, alive_w),
        -dot(power / reach, alive_w) - dot(power / before, left_w),
        summed(level, left_w, len(odds)),
    )


def _sigmoid_and_softplus(z: Floats) -> tuple[Floats, Floats]:
    """1/(1+e^−z) and ln(1+e^z), without overflow."""
    small = np.exp(-np.abs(z))
    one = 1.0 + small
    return np.where(z >= 0, 1.0, small) / one, np.maximum(z, 0.0) + np.log1p(small)
