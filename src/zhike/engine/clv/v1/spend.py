"""Gamma-Gamma: what a customer spends per purchase, between their own average and everybody's.

Source: Fader & Hardie, "The Gamma-Gamma Model of Monetary Value" (2013), eq. 1a and 5. A purchase is Gamma(p, nu), and nu
is Gamma(q, v) over customers. It assumes that how much somebody spends does not depend on how often they buy: the
correlation is reported, and a large one warned of.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.clv.v1.fitting import BOUND, FLAT
from zhike.engine.clv.v1.rows import Floats, dot
from zhike.engine.cores import on_one_core

FEWEST = 20
CORRELATED = 0.3
Three = NDArray[np.float64]  # ln p, ln q, ln v


class BadSpend(Refusal):
    """Mean spends that do not belong to the frequencies beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendFit:
    """Parameters of Gamma-Gamma; `v` is in the currency of the spends.

    `left_out`: customers without a repeat purchase or with a mean spend of zero or less, who say nothing here.
    `correlation`: between frequency and mean spend. `degenerate` says why the mean over customers must not be believed;
    `too_small` what is too small, and then every purchase of every customer is expected at the pooled mean.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    converged: bool
    customers: int
    left_out: int
    correlation: float
    degenerate: Text | None = None
    too_small: Text | None = None

    @property
    def warning(self) -> Text | None:
        """What a reader must know before using the figures."""
        if self.too_small or self.degenerate:
            return self.too_small or self.degenerate
        if abs(self.correlation) <= CORRELATED:
            return None
        return Text(
            f"购买次数与单次消费额相关系数为 {self.correlation:.2f},模型假定两者无关,价值可能有偏。",
            f"Frequency and mean spend correlate at {self.correlation:.2f}; the model takes them as unrelated, "
            "values may be biased.",
        )


@on_one_core
def fit_spend(frequency: ArrayLike, mean_spend: ArrayLike) -> SpendFit:
    """Fit Gamma-Gamma by maximum likelihood: two arrays of shape (n,), one entry per customer.

    `frequency`: repeat purchases; `mean_spend`: their average amount (anything where the frequency is 0).
    Raises BadSpend when the arrays differ in length or a customer with repeat purchases has no mean spend.
    """
    x, m = _checked(frequency, mean_spend)
    used = (x > 0) & (m > 0)
    left_out = int(len(x) - used.sum())
    x, m = x[used], m[used]
    if len(x) < FEWEST:
        return _pooled(x, m, left_out)
    unit = float(m.mean())
    found = minimize(
        _downhill(x, m / unit),
        np.zeros(3),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-BOUND, BOUND)] * 3,
        options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-9, "maxls": 40},
    )
    p, q, v = np.exp(found.x)
    return SpendFit(
        p=float(p),
        q=float(q),
        v=float(v * unit),
        # the density of each mean is per unit of money
        log_likelihood=-float(found.fun) * len(x) - len(x) * float(np.log(unit)),
        converged=bool(np.abs(found.jac).max() < FLAT),
        customers=len(x),
        left_out=left_out,
        correlation=_correlation(x, m),
        degenerate=_degenerate(float(q)),
    )


def expected_spend(fit: SpendFit, frequency: ArrayLike, mean_spend: ArrayLike) -> Floats:
    """The expected amount of a customer's future purchases: p(v + xm)/(px + q − 1), shape (n,), in the currency of the fit.

    Without a repeat purchase it is everybody's mean.
    """
    x, m = _checked(frequency, mean_spend)
    shape, scale = posterior(fit, x, m)
    return np.asarray(fit.p * scale / (shape - 1))


def posterior(fit: SpendFit, x: Floats, m: Floats) -> tuple[Floats, Floats]:
    """Shape and rate of the Gamma distribution of nu given a customer's purchases."""
    told = np.where((x > 0) & (m > 0), x, 0.0)
    return fit.p * told + fit.q, fit.v + told * np.where(told > 0, m, 0.0)


def _downhill(x: Floats, m: Floats) -> Callable[[Three], tuple[float, Three]]:
    """The negative mean log-likelihood and its gradient by the logarithms of p, q and v."""
    levels, place, counted = np.unique(x, return_inverse=True, return_counts=True)
    number = counted.astype(np.float64)
    size, total = len(x), x * m
    log_total, log_mean = np.log(total), float(np.log(m).sum())

    def downhill(logs: Three) -> tuple[float, Three]:
        p, q, v = np.exp(logs)
        reach = v + total
        log_reach = np.log(reach)
        own, all_ = log_reach - log_total, log_reach - logs[2]
        many = p * levels
        owned, shared = dot(x, own), all_.sum()
        gammas = dot(gammaln(many + q) - gammaln(many) - gammaln(q), number)
        value = gammas - p * owned - q * shared - log_mean
        spread = digamma(many + q)
        by_p = dot(levels * (spread - digamma(many)), number) - owned
        by_q = dot(spread - digamma(q), number) - shared
        by_v = size * q / v - ((many + q)[place] / reach).sum()
        return -value / size, -np.array([by_p * p, by_q * q, by_v * v]) / size

    return downhill


def _checked(frequency: ArrayLike, mean_spend: ArrayLike) -> tuple[Floats, Floats]:
    x, m = np.asarray(frequency, dtype=np.float64), np.asarray(mean_spend, dtype=np.float64)
    if x.ndim != 1 or x.shape != m.shape:
        raise _bad(Text("两个数组长度不同或不是一维。", "The two arrays differ in length or are not flat."))
    if not np.isfinite(m[x > 0]).all():
        raise _bad(Text("有复购客户缺少平均消费额。", "A customer with repeat purchases has no mean spend."))
    return x, m


def _correlation(x: Floats, m: Floats) -> float:
    if np.ptp(x) == 0 or np.ptp(m) == 0:
        return 0.0
    return float(np.corrcoef(x, m)[0, 1])


def _degenerate(q: float) -> Text | None:
    if q > 1:
        return None
    return Text(
        f"退化:q = {q:.2f} ≤ 1,客户间单次消费额差异大到没有有限均值;无复购客户的价值不可用。",
        f"Degenerate: q = {q:.2f} ≤ 1, spends differ so much between customers that their mean is not finite; "
        "do not use values of customers without a repeat purchase.",
    )


def _pooled(x: Floats, m: Floats, left_out: int) -> SpendFit:
    """Everybody spends the pooled mean: a prior so narrow that a customer's own average hardly moves it."""
    mean = dot(x, m) / float(x.sum()) if len(x) else 0.0
    strong = 1e6
    return SpendFit(
        p=1.0,
        q=strong + 1,
        v=mean * strong,
        log_likelihood=float("nan"),
        converged=False,
        customers=len(x),
        left_out=left_out,
        correlation=_correlation(x, m) if len(x) > 1 else 0.0,
        too_small=Text(
            f"有复购金额的客户太少:{len(x)} 位,至少需要 {FEWEST} 位;暂用总平均单次消费额。",
            f"Too few customers with repeat spend: {len(x)}, at least {FEWEST} are needed; the pooled mean stands in.",
        ),
    )


def _bad(reason: Text) -> BadSpend:
    remedy = Text(
        "请由订单重新计算复购次数与复购平均消费额。",
        "Compute frequency and the mean spend of repeat purchases from the orders again.",
    )
    return BadSpend(reason, remedy, place=Text("消费额", "Spend"))
