"""Spend, value, hold-out, counted estimate and the lake's histories, each against a plain computation."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.buyers import simulate
from tests.engine.oracle import World
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.clv import empirical, v1
from zhike.engine.clv.summary import histories
from zhike.engine.clv.v1 import spend as gamma_gamma
from zhike.engine.lake import Session

TRUE_SPEND = (6.0, 4.0, 15.0)
FIT = v1.Fit(
    r=0.5, alpha=5.0, a=0.9, b=2.0, log_likelihood=0.0, converged=True, customers=0, repeaters=0, groups=0, evaluations=0
)  # fmt: skip


def spends(x: np.ndarray, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Mean spend per customer, and the rate nu behind it."""
    p, q, v = TRUE_SPEND
    dice = np.random.default_rng(seed)
    nu = dice.gamma(q, 1 / v, len(x))
    many = np.maximum(x, 1)
    return np.where(x > 0, dice.gamma(p * many) / nu / many, 0.0), nu


def spend_likelihood(p: float, q: float, v: float, x: np.ndarray, m: np.ndarray) -> float:
    """Fader & Hardie (2013), eq. 1a, customer by customer."""
    return sum(
        math.lgamma(p * n + q) - math.lgamma(p * n) - math.lgamma(q) + q * math.log(v) + (p * n - 1) * math.log(z)
        + p * n * math.log(n) - (p * n + q) * math.log(v + n * z)
        for n, z in zip(x.tolist(), m.tolist(), strict=True)
    )  # fmt: skip


def test_the_spend_behind_it_is_found_again() -> None:
    x = np.random.default_rng(3).integers(0, 12, 40_000)
    m, _ = spends(x)
    fit = v1.fit_spend(x, m)
    assert [fit.p, fit.q, fit.v] == pytest.approx(TRUE_SPEND, rel=0.2)  # p and v trade off
    assert fit.p * fit.v / (fit.q - 1) == pytest.approx(30, rel=0.02)
    assert fit.converged and fit.warning is None and fit.left_out == (x == 0).sum()
    told = x > 0
    assert fit.log_likelihood == pytest.approx(
        spend_likelihood(fit.p, fit.q, fit.v, x[told], m[told]), abs=1e-3
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.floats(0.1, 50)), min_size=2, max_size=20),
       st.lists(st.floats(-2, 2), min_size=3, max_size=3))  # fmt: skip
def test_the_gradient_of_spend(customers: list[tuple[int, float]], logs: list[float]) -> None:
    x, m = (np.array(column, dtype=float) for column in zip(*customers, strict=True))
    downhill = gamma_gamma._downhill(x, m)
    at, step = np.array(logs), 1e-5
    value, slope = downhill(at)
    assert -value * len(x) == pytest.approx(spend_likelihood(*np.exp(at), x, m), rel=1e-8, abs=1e-8)
    for place, shift in enumerate(np.eye(3) * step):
        between = (downhill(at + shift)[0] - downhill(at - shift)[0]) / (2 * step)
        assert slope[place] == pytest.approx(between, rel=1e-4, abs=1e-5)


def test_expected_spend_lies_between_own_and_everybodys() -> None:
    fit = replace(v1.fit_spend(*_small()), p=6.0, q=4.0, v=15.0)
    found = v1.expected_spend(fit, [0, 1, 50], [0.0, 90.0, 90.0])
    assert found[0] == pytest.approx(6 * 15 / 3) and found[0] < found[1] < found[2] < 90


def _small() -> tuple[np.ndarray, np.ndarray]:
    x = np.arange(1, 101) % 5 + 1
    return x, spends(x)[0]


def test_too_few_spends_and_correlated_ones_are_said() -> None:
    fit = v1.fit_spend([1, 2, 0], [10.0, 40.0, 0.0])
    assert fit.too_small is not None and "2 位" in fit.too_small.zh
    assert v1.expected_spend(fit, [0, 9], [0, 500.0]) == pytest.approx([30, 30], rel=0.01)
    x = np.arange(1, 101)
    tied = v1.fit_spend(x, 10.0 + x)
    assert tied.warning is not None and "相关" in tied.warning.zh
    with pytest.raises(v1.BadSpend):
        v1.fit_spend([1], [math.nan])


def future() -> tuple[v1.Value, np.ndarray]:
    """Values of simulated customers, and what they really spent."""
    base = simulate((FIT.r, FIT.alpha, FIT.a, FIT.b), np.full(40_000, 40.0), ahead=52)
    m, nu = spends(base.frequency)
    spent = np.where(
        base.held > 0, np.random.default_rng(4).gamma(TRUE_SPEND[0] * np.maximum(base.held, 1e-9)) / nu, 0.0
    )
    p, q, v = TRUE_SPEND
    fit = replace(v1.fit_spend(*_small()), p=p, q=q, v=v, too_small=None)
    horizon = v1.Horizon(periods=12, period=52 / 12)
    return v1.value(FIT, fit, base.frequency, base.recency, base.age, m, horizon=horizon), spent


def test_value_and_its_interval_hold_in_a_simulated_year() -> None:
    found, spent = future()
    assert found.value.mean() == pytest.approx(spent.mean(), rel=0.05)
    assert (found.low <= found.high).all()
    assert (spent > found.high).mean() == pytest.approx(0.1, abs=0.02)
    assert (spent < found.low).mean() <= 0.1
    regulars = found.low > 0
    assert (spent[regulars] < found.low[regulars]).mean() == pytest.approx(
        0.1, abs=0.04
    )  # the shape is only nearly Gamma


def test_discount_and_margin() -> None:
    fit = v1.fit_spend(*_small())
    history = ([0, 3], [0.0, 30.0], [40.0, 40.0])
    plain = v1.value(FIT, fit, *history, [0.0, 20.0], horizon=v1.Horizon(periods=3, period=4.0))
    assert plain.value == pytest.approx(plain.purchases * plain.spend)
    rate, margin = 0.1, 0.25
    horizon = v1.Horizon(periods=3, period=4.0, rate=rate, margin=margin)
    found = v1.value(FIT, fit, *history, [0.0, 20.0], horizon=horizon)
    by = [np.zeros(2), *(v1.expected_purchases(FIT, *history, horizon=4.0 * n) for n in (1, 2, 3))]
    worth = sum((by[n] - by[n - 1]) / (1 + rate) ** n for n in (1, 2, 3))
    assert found.value == pytest.approx(worth * plain.spend * margin)
    assert found.high / plain.high == pytest.approx(found.value / plain.value)
    with pytest.raises(v1.BadHorizon):
        v1.Horizon(periods=0, period=1.0)


def test_the_hold_out_adds_up() -> None:
    base = simulate((FIT.r, FIT.alpha, FIT.a, FIT.b), np.full(20_000, 40.0), ahead=26)
    checked = v1.holdout(FIT, base.frequency, base.recency, base.age, base.held, horizon=26)
    assert sum(one.customers for one in checked.bins) == checked.customers == 20_000
    assert sum(one.customers * one.actual for one in checked.bins) == pytest.approx(base.held.sum())
    assert checked.error == pytest.approx(0, abs=0.05)
    assert checked.mean_absolute < checked.naive_mean_absolute
    assert [one.frequency for one in checked.bins] == list(range(8)) and checked.bins[-1].open_ended
    with pytest.raises(v1.BadHoldout):
        v1.holdout(FIT, [0], [0], [1], [0, 1], horizon=1)


def test_the_counted_estimate_says_what_similar_customers_did() -> None:
    base = simulate((FIT.r, FIT.alpha, FIT.a, FIT.b), np.full(50_000, 40.0), ahead=26)
    history = (base.frequency, base.recency, base.age)
    counted = empirical.count(*history, base.held, horizon=26)
    assert counted.customers.sum() == 50_000 and "同类客户" in counted.label.zh
    purchases, some = empirical.forecast(counted, *history, horizon=26)
    assert purchases.sum() == pytest.approx(base.held.sum(), rel=0.01)
    assert some.sum() == pytest.approx((base.held > 0).sum(), rel=0.01)
    longer, likelier = empirical.forecast(counted, *history, horizon=52)
    assert (longer >= purchases).all() and (likelier >= some).all() and likelier.max() <= 1
    lonely = empirical.count([9], [1.0], [50.0], [3], horizon=26)
    assert empirical.forecast(lonely, [0], [0], [50.0], horizon=26)[0] == pytest.approx([3.0])
    with pytest.raises(empirical.NoHistory):
        empirical.count([], [], [], [], horizon=26)


def plain_histories(world: World, as_of: date, hold: int) -> dict[int, tuple[int, int, int, float, int]]:
    """Frequency, recency, age, mean spend and held-out days, from the definition."""
    found = {}
    for customer in {row["id"] for row in world.customers}:
        mine = [order for order in world.orders if order["customer_id"] == customer]
        seen = sorted({order["placed_on"] for order in mine if order["placed_on"] <= as_of})
        later = {o["placed_on"] for o in mine if as_of < o["placed_on"] <= as_of + timedelta(days=hold)}
        if seen:
            repeats = [order["amount"] for order in mine if seen[0] < order["placed_on"] <= as_of]
            mean = float(sum(repeats)) / (len(seen) - 1) if repeats else 0.0
            age, recency = (as_of - seen[0]).days, (seen[-1] - seen[0]).days
            found[customer] = (len(seen) - 1, recency, age, mean, len(later))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds(), st.sampled_from([0, 1, 30]))
def test_histories_from_the_lake(session: Session, world: World, hold: int) -> None:
    pour(session, world)
    found = histories(session, AS_OF, hold=hold)
    rows = zip(found.frequency, found.recency, found.age, found.mean_spend, found.held, strict=True)
    plain = plain_histories(world, AS_OF, hold)
    assert list(found.customer_id) == sorted(plain)
    for key, row in zip(found.customer_id, rows, strict=True):
        assert row == pytest.approx(plain[int(key)])
