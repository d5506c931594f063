"""BG/NBD v1: the likelihood against plain formulas, its optimum against known truth, and what it says of bad data."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from threadpoolctl import threadpool_info

from tests.engine import buyers, cdnow
from tests.engine.buyers import simulate
from zhike.engine.clv import v1
from zhike.engine.clv.v1 import fitting, likelihood, purchases, rows
from zhike.engine.cores import on_one_core

PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
TRUTH = (0.8, 60.0, 0.8, 2.5)
WEEKS = v1.Fit(
    **PUBLISHED, log_likelihood=0.0, converged=True, customers=0, repeaters=0, groups=0, evaluations=0
)
quickly = settings(max_examples=60, deadline=None)
parameter = st.floats(-3, 3).map(math.exp)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, float, float]]:
    """Up to thirty customers, on days, on days in weeks, or at any time; many alike."""
    parts = draw(st.sampled_from([1, 7, 100, None]))
    found = []
    for _ in range(draw(st.integers(1, 30))):
        age = draw(st.integers(1, 60))
        x = draw(st.sampled_from([0, 0, 1, 1, 2, 9]))
        recency = draw(st.integers(0, age)) if x else 0
        jitter = draw(st.floats(0, 1)) if parts is None else 0
        found.append((x, recency / (parts or 1), age / (parts or 1) + jitter))
    return found


def as_rows(customers: list[tuple[int, float, float]]) -> rows.Rows:
    x, t, age = (np.array(column) for column in zip(*customers, strict=True))
    return rows.grouped(*rows.checked(x, t, age))


@quickly
@given(histories(), parameter, parameter, parameter, parameter)
def test_the_likelihood_is_that_of_the_paper(
    customers: list[tuple[int, float, float]], r: float, alpha: float, a: float, b: float
) -> None:
    found, _ = likelihood.log_likelihood(np.log([r, alpha, a, b]), as_rows(customers))
    assert found == pytest.approx(buyers.log_likelihood(r, alpha, a, b, customers), rel=1e-9, abs=1e-9)


@quickly
@given(histories(), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_the_gradient_is_that_of_the_likelihood(
    customers: list[tuple[int, float, float]], logs: list[float]
) -> None:
    table, at, step = as_rows(customers), np.array(logs), 1e-5
    _, slope = likelihood.log_likelihood(at, table)
    for place, shift in enumerate(np.eye(4) * step):
        above, below = (likelihood.log_likelihood(at + side, table)[0] for side in (shift, -shift))
        assert slope[place] == pytest.approx((above - below) / (2 * step), rel=1e-4, abs=1e-4)


@quickly
@given(histories())
def test_grouping_changes_no_history(customers: list[tuple[int, float, float]]) -> None:
    table = as_rows(customers)
    kept = [
        (0, 0.0, age) for age, n in zip(table.once_age, table.once_weight, strict=True) for _ in range(int(n))
    ]
    for x, t, age, n in zip(table.x, table.recency, table.age, table.weight, strict=True):
        kept += [(int(x), t, age)] * int(n)
    assert sorted(kept) == sorted(customers)


def test_days_collapse_and_moments_do_not() -> None:
    x, t, age = np.ones(1000), np.full(1000, 3.0), np.full(1000, 9.0)
    assert rows.grouped(*rows.checked(x, t, age)).groups == 1
    moments = np.linspace(3, 4, 1000) * math.pi / 3.2
    assert rows.grouped(*rows.checked(x, moments, age)).groups == 1000


@pytest.mark.parametrize("whole_days", [True, False])
def test_the_truth_is_found_again(whole_days: bool) -> None:
    ages = np.random.default_rng(5).integers(200, 731, 60_000).astype(float)
    base = simulate(TRUTH, ages)
    fit = v1.fit(base.frequency, np.floor(base.recency) if whole_days else base.recency, base.age)
    assert fit.converged and fit.warning is None and fit.method == "bg_nbd"
    assert [fit.r, fit.alpha, fit.a, fit.b] == pytest.approx(TRUTH, rel=0.06)


def test_a_sketch_only_starts_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    ages = np.random.default_rng(6).uniform(20, 100, 60_000)
    base = simulate((0.243, 4.414, 0.793, 2.426), ages)
    by_sketch = v1.fit(base.frequency, base.recency, base.age)
    monkeypatch.setattr(fitting, "LARGE", 10**9)
    directly = v1.fit(base.frequency, base.recency, base.age)
    assert by_sketch.groups > 20_000
    assert by_sketch.log_likelihood == pytest.approx(directly.log_likelihood, abs=1e-4)
    assert [by_sketch.r, by_sketch.alpha, by_sketch.a, by_sketch.b] == pytest.approx(
        [directly.r, directly.alpha, directly.a, directly.b], rel=1e-3
    )


def test_the_unit_of_time_does_not_matter() -> None:
    base = simulate(TRUTH, np.random.default_rng(7).uniform(100, 700, 5000))
    days = v1.fit(base.frequency, base.recency, base.age)
    weeks = v1.fit(base.frequency, base.recency / 7, base.age / 7)
    assert weeks.alpha * 7 == pytest.approx(days.alpha, rel=1e-3)
    scaled = weeks.log_likelihood - base.frequency.sum() * math.log(7)
    assert scaled == pytest.approx(days.log_likelihood, abs=1e-3)


@cdnow.given
def test_the_published_table() -> None:
    fit = v1.fit(*cdnow.sample())
    for name, value in PUBLISHED.items():
        assert getattr(fit, name) == pytest.approx(value, abs=0.001)
    assert fit.log_likelihood == pytest.approx(-9582.4256, abs=0.001)


def test_nobody_leaving_is_said() -> None:
    base = simulate((1.5, 40.0, 0.0, 1.0), np.random.default_rng(8).uniform(100, 700, 4000))
    fit = v1.fit(base.frequency, base.recency, base.age)
    assert fit.degenerate is not None and fit.warning is fit.degenerate
    assert "退化" in fit.degenerate.zh and "Degenerate" in fit.degenerate.en


@pytest.mark.parametrize(
    ("a", "silence", "said"),
    [(1e-5, 500, "几乎无人流失"), (5e-4, 0, "高于 99.9%"), (5e-4, 500, None), (0.8, 0, None)],
)
def test_each_degenerate_optimum_is_known_by_itself(a: float, silence: float, said: str | None) -> None:
    table = as_rows([(5, 300.0, 300.0 + silence), (0, 0.0, 100.0)])
    found = fitting._degenerate(np.array([1.0, 10.0, a, 1.0]), table)
    assert (found is None) if said is None else (found is not None and said in found.zh)


@pytest.mark.parametrize(("customers", "said"), [(30, "客户太少:30"), (200, "复购客户太少:5")])
def test_what_is_too_small_is_said_and_replaced(customers: int, said: str) -> None:
    x = np.zeros(customers)
    x[:5] = 2
    fit = v1.fit(x, np.where(x > 0, 10.0, 0), np.full(customers, 100.0))
    assert fit.method == "empirical" and fit.too_small is not None and fit.too_small.zh.startswith(said)
    assert "经验" in fit.label.zh
    expected = v1.expected_purchases(fit, x, np.where(x > 0, 10.0, 0), np.full(customers, 100.0), horizon=100)
    assert 0 < expected[-1] < expected[0] < 3 and np.isfinite(expected).all()


@pytest.mark.parametrize(
    ("history", "place", "reason"),
    [
        (([1.5], [1], [2]), "第 1 位", "整数"),
        (([0, 1], [0, 3], [2, 2]), "第 2 位", "之间"),
        (([0], [1], [2]), "第 1 位", "没有复购"),
        (([0], [0], [math.nan]), "第 1 位", "缺失"),
        (([0, 0], [0], [1]), "", "长度"),
    ],
)
def test_contradictions_are_refused(history: tuple[list[float], ...], place: str, reason: str) -> None:
    with pytest.raises(v1.BadHistory) as refused:
        v1.fit(*history)
    assert place in refused.value.text.zh and reason in refused.value.reason.zh and refused.value.remedy.en


def by_integral(fit: v1.Fit, x: int, age: float, horizon: float) -> float:
    """Expected purchases of a customer who is alive: (1 − E e^(−λph))/p averaged over p."""
    power, reach = fit.r + x, fit.alpha + age

    def per_p(p: float) -> float:
        return -math.expm1(-power * math.log1p(p * horizon / reach)) / p if p > 0 else power * horizon / reach

    ends = (fit.a - 1, fit.b + x - 1)
    whole, _ = quad(per_p, 0, 1, weight="alg", wvar=ends, epsabs=0, epsrel=1e-10, limit=300)
    size, _ = quad(lambda _: 1.0, 0, 1, weight="alg", wvar=ends, epsabs=0, epsrel=1e-10, limit=300)
    return whole / size


@pytest.mark.parametrize("a", [0.2, 0.793, 1.0, 3.0])
@pytest.mark.parametrize("b", [0.2, 0.8, 2.426, 20.0])
def test_expected_purchases_by_another_road(a: float, b: float) -> None:
    fit = replace(WEEKS, a=a, b=b)
    x, age = np.array([0, 0, 1, 3, 40, 300]), np.array([0.0, 30, 30, 39, 39, 500])
    for horizon in (0.5, 39.0, 2000.0):
        found = purchases.mean_alive(fit, x.astype(float), age, horizon)
        plain = [by_integral(fit, int(n), float(old), horizon) for n, old in zip(x, age, strict=True)]
        assert found == pytest.approx(plain, rel=1e-5)


def test_the_same_chance_of_leaving_for_everybody_is_within_the_range_of_numbers() -> None:
    x, age = np.array([0.0, 3.0, 40.0]), np.array([30.0, 39.0, 500.0])
    below, above = (
        purchases.mean_alive(replace(WEEKS, a=a, b=300.0), x, age, 80.0) for a in (100.0, 100.001)
    )
    assert below == pytest.approx(above, rel=1e-4)
    a, b = 3505.5, 162_337.5
    power, p = WEEKS.r + x, a / (a + b)
    same = -np.expm1(-power * np.log1p(p * 365.0 / (WEEKS.alpha + age))) / p
    assert purchases.mean_alive(replace(WEEKS, a=a, b=b), x, age, 365.0) == pytest.approx(same, rel=0.01)


def test_a_simulated_future_is_foretold() -> None:
    base = simulate((0.5, 5.0, 0.9, 2.0), np.full(200_000, 40.0), ahead=30)
    fit = replace(WEEKS, r=0.5, alpha=5.0, a=0.9, b=2.0)
    history = (base.frequency, base.recency, base.age)
    expected = v1.expected_purchases(fit, *history, horizon=30)
    some = v1.p_purchase(fit, *history, horizon=30)
    for group in (base.frequency == 0, base.frequency == 1, base.frequency >= 4):
        assert expected[group].mean() == pytest.approx(base.held[group].mean(), rel=0.04)
        assert some[group].mean() == pytest.approx((base.held[group] > 0).mean(), rel=0.04)
    moment = purchases.second_moment_alive(fit, base.frequency, base.age, 30.0) * v1.p_alive(fit, *history)
    assert moment.mean() == pytest.approx((base.held**2).mean(), rel=0.04)


def test_who_bought_once_is_alive_and_silence_kills() -> None:
    alive = v1.p_alive(WEEKS, [0, 10, 10], [0, 38, 10], [39, 39, 39])
    assert alive[0] == 1 and alive[1] > 0.8 and alive[2] < 0.05


def test_intervals_are_exact_quantiles() -> None:
    x, t, age = np.array([0, 1, 4, 12]), np.array([0.0, 20, 38, 38]), np.full(4, 39.0)
    low, high = v1.purchase_interval(WEEKS, x, t, age, horizon=52, level=0.8)
    alive = v1.p_alive(WEEKS, x, t, age)
    for n in range(4):

        def above(k: int, n: int = n) -> float:
            after = (WEEKS.r + x[n], WEEKS.alpha + age[n], WEEKS.a, WEEKS.b + x[n])
            return float(alive[n]) * buyers.more_than(k, *after, 52)

        assert high[n] == next(k for k in range(1000) if above(k) <= 0.1)
        assert low[n] == next(k for k in range(1000) if above(k) <= 0.9)
    assert high[3] > low[3] > 0


@pytest.mark.parametrize("horizon", [0, -1, math.inf, math.nan])
def test_a_horizon_must_be_one(horizon: float) -> None:
    with pytest.raises(v1.BadHorizon):
        v1.p_purchase(WEEKS, [0], [0], [1], horizon=horizon)


def test_no_customers_no_forecast() -> None:
    nobody = np.array([])
    assert v1.fit(nobody, nobody, nobody).method == "empirical"
    assert len(v1.expected_purchases(WEEKS, nobody, nobody, nobody, horizon=1)) == 0


def test_a_fit_keeps_to_one_core_and_lets_go_after() -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    assert set(on_one_core(threads)()) == {1} and threads() == before


def test_buyers_as_regular_as_clockwork_have_a_forecast() -> None:
    """All buy at the same rate: r and alpha grow together until the closed form leaves the range of numbers."""
    fit = replace(WEEKS, r=160_000.0, alpha=8_000_000.0, a=6e-6, b=3_500.0)
    found = v1.expected_purchases(fit, [3, 9], [200, 300], [250, 320], horizon=365)
    assert found == pytest.approx([(160_003 / 8_000_250) * 365, (160_009 / 8_000_320) * 365], rel=1e-4)
