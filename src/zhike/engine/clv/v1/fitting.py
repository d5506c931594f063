"""Estimate the four parameters of BG/NBD by maximum likelihood, and say when the data cannot carry them."""

from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from zhike.core.text import Text
from zhike.engine.clv.v1.likelihood import Four, log_likelihood
from zhike.engine.clv.v1.rows import Floats, Integers, Rows, checked, dot, grouped, sketched
from zhike.engine.cores import on_one_core

FEWEST_CUSTOMERS = 50
FEWEST_REPEATERS = 20
BOUND = 12.0  # of the logarithm of a parameter, time measured in mean ages
FLAT = 1e-5  # slope of the mean log-likelihood at which a search has arrived
LARGE = 20_000  # groups from which a sketch pays
NOBODY_LEAVES = 1e-4  # a/(a+b): mean probability of leaving after a purchase
ALL_ALIVE = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Parameters of BG/NBD and what is needed to judge them; `alpha` is in the unit of the ages.

    Purchase rates are Gamma(r, alpha) over customers, probabilities of leaving after a purchase Beta(a, b).
    `degenerate` says why P(alive) must not be believed; `too_small` says what is too small, and then r, alpha, a and b are
    an empirical stand-in: everyone's rate is the pooled one, corrected by the customer's own, and nobody leaves.
    `at_bound` names parameters the data does not pin down (a and b, or r and alpha, growing together: no differences
    between customers are visible); forecasts still hold.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    converged: bool
    customers: int
    repeaters: int
    groups: int
    evaluations: int
    at_bound: tuple[str, ...] = ()
    degenerate: Text | None = None
    too_small: Text | None = None

    @property
    def method(self) -> str:
        """Which method gives forecasts: bg_nbd or empirical."""
        return "empirical" if self.too_small else "bg_nbd"

    @property
    def label(self) -> Text:
        """The method in words, to be shown beside every figure that comes from it."""
        if self.too_small:
            return Text("经验估计(数据太少)", "Empirical estimate (too little data)")
        return Text("BG/NBD 模型", "BG/NBD model")

    @property
    def warning(self) -> Text | None:
        """What a reader must know before using the figures."""
        return self.too_small or self.degenerate


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a search ended."""

    logs: Four
    value: float
    evaluations: int
    slope: float


@on_one_core
def fit(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Fit:
    """Fit BG/NBD to customers: three arrays of shape (n,), one entry per customer.

    `frequency`: repeat purchases (days with a purchase minus one). `recency`: time from first to last purchase, 0 without
    a repeat. `age`: time from first purchase to today, in the same unit as `recency`. Raises BadHistory when they
    contradict each other. Equal histories count once with a weight, exactly; with very many different ones a sketch gives
    the starting point, and the search ends on the histories themselves.
    """
    x, t, length = checked(frequency, recency, age)
    repeaters = int(np.count_nonzero(x))
    short = _too_small(len(x), repeaters)
    if short is not None:
        return _pooled(x, t, length, short)
    rows = grouped(x, t, length)
    unit = float(length.mean())
    scaled = rows.scaled(1 / unit)
    return _judged(_search(scaled), scaled, unit, repeaters)


def _search(rows: Rows) -> _Found:
    if rows.groups <= LARGE:
        return _descend(_guess(rows), rows)
    sketch = sketched(rows)
    start = _descend(_guess(rows), sketch, gtol=1e-5)
    return _polish(start, sketch, rows) or _descend(start.logs, rows)


def _guess(rows: Rows) -> Four:
    """Where to begin: rates spread widely around the pooled one, and one customer in five leaves after a purchase."""
    waited = dot(rows.age, rows.weight) + dot(rows.once_age, rows.once_weight)
    return np.log([0.5, 0.5 * waited / rows.repeats, 0.5, 2.0])


def _descend(start: Four, rows: Rows, gtol: float = 1e-6) -> _Found:
    """L-BFGS-B on the logarithms of the parameters, by the mean log-likelihood."""
    size = rows.customers

    def downhill(logs: Four) -> tuple[float, Four]:
        value, slope = log_likelihood(logs, rows)
        return -value / size, -slope / size

    found = minimize(
        downhill,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-BOUND, BOUND)] * 4,
        options={"maxiter": 500, "ftol": 1e-15, "gtol": gtol, "maxls": 40},
    )
    return _Found(found.x, -float(found.fun) * size, int(found.nfev), _uphill(found.x, found.jac))


def _polish(start: _Found, sketch: Rows, rows: Rows) -> _Found | None:
    """The same search in coordinates in which the sketch's optimum is round, so that each step is nearly Newton's.

    None when the optimum is not inside the bounds or does not curve downwards there.
    """
    if np.abs(start.logs).max() > BOUND / 2:
        return None
    try:
        root = np.linalg.cholesky(_curvature(start.logs, sketch))
    except LinAlgError:
        return None
    across = np.linalg.inv(root).T
    size = rows.customers

    def downhill(step: Four) -> tuple[float, Four]:
        value, slope = log_likelihood(start.logs + across @ step, rows)
        return -value / size, across.T @ (-slope / size)

    found = minimize(
        downhill,
        np.zeros(4),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 50, "ftol": 1e-15, "gtol": 1e-6},
    )
    ended = _Found(
        start.logs + across @ found.x,
        -float(found.fun) * size,
        start.evaluations + int(found.nfev),
        float(np.abs(root @ found.jac).max()),
    )
    return ended if ended.slope < FLAT else None


def _curvature(logs: Four, rows: Rows) -> Floats:
    """The negative second derivatives of the mean log-likelihood, by differences of its gradient; shape (4, 4)."""
    step = 1e-4
    columns = [
        log_likelihood(logs - shift, rows)[1] - log_likelihood(logs + shift, rows)[1]
        for shift in np.eye(4) * step
    ]
    second = np.array(columns) / (2 * step * rows.customers)
    return (second + second.T) / 2


def _uphill(logs: Four, slope: Four) -> float:
    """The steepest slope that a bound does not stop."""
    stopped = ((logs <= -BOUND) & (slope > 0)) | ((logs >= BOUND) & (slope < 0))
    return float(np.abs(np.where(stopped, 0.0, slope)).max())


def _judged(found: _Found, rows: Rows, unit: float, repeaters: int) -> Fit:
    r, alpha, a, b = np.exp(found.logs)
    bound = np.abs(found.logs) > BOUND - 1
    return Fit(
        r=float(r),
        alpha=float(alpha * unit),
        a=float(a),
        b=float(b),
        # the density of each purchase is per unit of time
        log_likelihood=found.value - rows.repeats * float(np.log(unit)),
        converged=found.slope < FLAT,
        customers=int(rows.customers),
        repeaters=repeaters,
        groups=rows.groups,
        evaluations=found.evaluations,
        at_bound=tuple(name for name, far in zip(("r", "alpha", "a", "b"), bound, strict=True) if far),
        degenerate=_degenerate(np.array([r, alpha, a, b]), rows),
    )


def _degenerate(parameters: Four, rows: Rows) -> Text | None:
    r, alpha, a, b = parameters
    if a / (a + b) < NOBODY_LEAVES:
        return Text(
            f"退化:模型认为每次购买后流失的概率只有 {a / (a + b):.1e},即几乎无人流失;留存概率不可用,"
            "请看下单频率与经验估计。",
            f"Degenerate: the model sees a chance of only {a / (a + b):.1e} of leaving after a purchase, so nobody leaves; "
            "do not use P(alive), look at purchase rates and the empirical estimate.",
        )
    odds = np.log(rows.x + (b - 1)) - np.log(a)
    z = odds - (r + rows.x) * np.log((alpha + rows.age) / (alpha + rows.recency))
    if len(z) and z.min() > np.log(ALL_ALIVE / (1 - ALL_ALIVE)):
        return Text(
            f"退化:所有客户的留存概率都高于 {ALL_ALIVE:.1%},模型分不出谁已流失。",
            f"Degenerate: P(alive) is above {ALL_ALIVE:.1%} for every customer; the model cannot tell who has left.",
        )
    return None


def _too_small(customers: int, repeaters: int) -> Text | None:
    if customers < FEWEST_CUSTOMERS:
        return Text(
            f"客户太少:{customers} 位,至少需要 {FEWEST_CUSTOMERS} 位。",
            f"Too few customers: {customers}, at least {FEWEST_CUSTOMERS} are needed.",
        )
    if repeaters < FEWEST_REPEATERS:
        return Text(
            f"复购客户太少:{repeaters} 位,至少需要 {FEWEST_REPEATERS} 位。",
            f"Too few customers who came back: {repeaters}, at least {FEWEST_REPEATERS} are needed.",
        )
    return None


def _pooled(x: Integers, recency: Floats, age: Floats, short: Text) -> Fit:
    """A prior of one purchase at the pooled rate (itself kept above zero by half a purchase); nobody leaves."""
    rate = (x.sum() + 0.5) / max(float(age.sum()), 1.0)
    logs = np.log([1.0, 1 / rate, 1e-12, 2.0])
    rows = grouped(x, recency, age)
    r, alpha, a, b = np.exp(logs)
    return Fit(
        r=float(r),
        alpha=float(alpha),
        a=float(a),
        b=float(b),
        log_likelihood=log_likelihood(logs, rows)[0],
        converged=False,
        customers=len(x),
        repeaters=int(np.count_nonzero(x)),
        groups=rows.groups,
        evaluations=0,
        too_small=short,
    )
