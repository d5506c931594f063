"""Customers simulated as BG/NBD sees them, and the same figures by plain formulas."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Buyers:
    """Histories up to each age, and the purchases within `ahead` after it."""

    frequency: Floats
    recency: Floats
    age: Floats
    held: Floats


def simulate(
    parameters: tuple[float, float, float, float], age: Floats, *, ahead: float = 0.0, seed: int = 1
) -> Buyers:
    """Buy at a rate of one's own and leave after a purchase with a probability of one's own."""
    r, alpha, a, b = parameters
    dice = np.random.default_rng(seed)
    n = len(age)
    rate = dice.gamma(r, 1 / alpha, n)
    leaving = dice.beta(a, b, n) if a > 0 else np.zeros(n)
    now, frequency, recency, held = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    here = np.arange(n)
    while len(here):
        now[here] += dice.exponential(1 / rate[here])
        here = here[now[here] <= age[here] + ahead]
        before = here[now[here] <= age[here]]
        frequency[before] += 1
        recency[before] = now[before]
        held[here[now[here] > age[here]]] += 1
        here = here[dice.random(len(here)) >= leaving[here]]
    return Buyers(frequency, recency, age, held)


def log_likelihood(r: float, alpha: float, a: float, b: float, rows: list[tuple[int, float, float]]) -> float:
    """Fader, Hardie & Lee (2005), eq. 6, customer by customer."""
    return sum(math.log(_likelihood(r, alpha, a, b, *row)) for row in rows)


def _likelihood(r: float, alpha: float, a: float, b: float, x: int, t: float, age: float) -> float:
    stayed = (
        _beta(a, b + x)
        / _beta(a, b)
        * math.gamma(r + x)
        * alpha**r
        / (math.gamma(r) * (alpha + age) ** (r + x))
    )
    if x == 0:
        return stayed
    left = _beta(a + 1, b + x - 1) / _beta(a, b) * math.gamma(r + x) * alpha**r
    return stayed + left / (math.gamma(r) * (alpha + t) ** (r + x))


def more_than(k: int, r: float, alpha: float, a: float, b: float, ahead: float) -> float:
    """1 − the sum of eq. 8 up to k: more than k purchases in a time, of a new customer with these parameters."""
    return 1 - sum(_exactly(n, r, alpha, a, b, ahead) for n in range(k + 1))


def _exactly(k: int, r: float, alpha: float, a: float, b: float, ahead: float) -> float:
    def process(j: int) -> float:
        return (
            math.gamma(r + j)
            / (math.gamma(r) * math.factorial(j))
            * (alpha / (alpha + ahead)) ** r
            * (ahead / (alpha + ahead)) ** j
        )

    found = _beta(a, b + k) / _beta(a, b) * process(k)
    if k:
        found += _beta(a + 1, b + k - 1) / _beta(a, b) * (1 - sum(process(j) for j in range(k)))
    return found


def _beta(p: float, q: float) -> float:
    return math.gamma(p) * math.gamma(q) / math.gamma(p + q)
