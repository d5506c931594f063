"""Churn v1: features against plain Python, the regression against its definition, and what a trial must show."""

import csv
import math
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine import cdnow
from tests.engine.conftest import fill
from tests.engine.oracle import World
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.churn import logistic, v1
from zhike.engine.churn.features import Snapshot, snapshot
from zhike.engine.churn.words import ALL, FEATURES, LEVELS, THEMES, Cuts
from zhike.engine.lake import Session

START = date(2016, 1, 1)
HORIZON = 60


def plain_features(world: World, customer: int, as_of: date, horizon: int) -> dict[str, float] | None:
    """Every feature of a customer, from its label."""
    days: dict[date, float] = {}
    for order in world.orders:
        if order["customer_id"] == customer and order["placed_on"] <= as_of:
            days[order["placed_on"]] = days.get(order["placed_on"], 0.0) + float(order["amount"])
    if not days:
        return None
    ago = {day: (as_of - day).days for day in days}
    oldest, newest, number = max(ago.values()), min(ago.values()), len(days)
    lately = [day for day in days if ago[day] < horizon]
    before = [day for day in days if horizon <= ago[day] < 2 * horizon]
    total = sum(days.values())
    mean = sum(ago.values()) / number
    spread = math.sqrt(max(0.0, sum(one**2 for one in ago.values()) / number - mean**2))
    return {
        "recency_days": newest,
        "silence_share": newest / (oldest + 1),
        "silence_gaps": (newest + 1) * number / (oldest + 1),
        "purchases": number,
        "repeats": float(number > 1),
        "pace": 30 * number / (oldest + 1),
        "gap_days": (oldest - newest) / (number - 1) if number > 1 else oldest + 1,
        "spread": spread / (oldest + 1),
        "lately": len(lately),
        "change": len(lately) - len(before),
        "spend_change": sum(days[day] for day in lately) - sum(days[day] for day in before),
        "fresh_spend": sum(amount * math.exp(-ago[day] / horizon) for day, amount in days.items()),
        "spend": total,
        "average": total / number,
        "first_amount": days[min(days)],
        "last_ratio": days[max(days)] / (total / number) if total else 1.0,
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds(), st.sampled_from([1, 30, 90]))
def test_features_from_the_lake(session: Session, world: World, horizon: int) -> None:
    pour(session, world)
    found = snapshot(session, AS_OF, horizon=horizon)
    plain = {row["id"]: plain_features(world, row["id"], AS_OF, horizon) for row in world.customers}
    assert list(found.customer_id) == sorted(key for key, held in plain.items() if held)
    for place, key in enumerate(found.customer_id):
        named = dict(zip(FEATURES, found.features[place].tolist(), strict=True))
        assert named == pytest.approx(plain[int(key)], rel=1e-9, abs=1e-6)
        mine = [order["placed_on"] for order in world.orders if order["customer_id"] == key]
        assert found.bought[place] == any(AS_OF < day <= AS_OF + timedelta(days=horizon) for day in mine)


def stock(session: Session, rows: Iterable[tuple[int, date, Decimal]], folder: Path) -> None:
    """Many orders into the lake at once."""
    fill(session, "orders", [])
    fill(session, "customers", [])
    path = folder / "orders.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    session.cursor.execute(
        "INSERT INTO lake.main.orders (id, customer_id, placed_at, placed_on, amount, discount) "
        f"SELECT row_number() OVER (), column0, column1, column1, column2, 0 FROM read_csv('{path}', header=false, "
        "columns={'column0': 'BIGINT', 'column1': 'DATE', 'column2': 'DECIMAL(14,2)'})"
    )
    session.cursor.execute(
        "INSERT INTO lake.main.customers (id) SELECT DISTINCT customer_id FROM lake.main.orders"
    )


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Snapshot]:
    """Customers of a shop of whom many leave, on days 120 and 180 after its start."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("ATTACH ':memory:' AS lake")
    session = Session(connection)
    stock(session, shop(), tmp_path_factory.mktemp("shop"))
    return {n: snapshot(session, START + timedelta(days=n), horizon=HORIZON) for n in (120, 180)}


def shop() -> Iterable[tuple[int, date, Decimal]]:
    dice = np.random.default_rng(11)
    for customer in range(1, 2501):
        day, rate = dice.integers(0, 100), dice.gamma(1.2, 1 / 25)
        leaving, typical = dice.beta(0.8, 2.4), dice.gamma(3, 15)
        while day <= 260:
            yield (
                customer,
                START + timedelta(days=int(day)),
                Decimal(f"{typical * dice.uniform(0.5, 1.5):.2f}"),
            )
            if dice.random() < leaving:
                break
            day += 1 + dice.exponential(1 / rate)


def test_a_trial_on_a_later_day_beats_the_recency_rule(days: dict[int, Snapshot]) -> None:
    trial = v1.validate(days[120], days[180])
    assert trial.better and trial.model.auc > 0.75 and trial.model.auc >= trial.bg_nbd.auc - 0.01
    assert trial.customers == len(days[180].bought) == sum(band.customers for band in trial.bands)
    assert trial.base_rate == pytest.approx((~days[180].bought).mean())
    for band in trial.bands:
        assert band.lowest <= band.expected <= band.highest
        assert band.actual == pytest.approx(band.expected, abs=0.12)


def test_probabilities_are_calibrated_where_they_were_learnt(days: dict[int, Snapshot]) -> None:
    scores = v1.score(v1.train(days[120]), days[120])
    assert scores.probability.mean() == pytest.approx((~days[120].bought).mean(), abs=0.01)


def test_two_trainings_agree_to_the_bit(days: dict[int, Snapshot]) -> None:
    one, two = (v1.score(v1.train(days[120]), days[180]) for _ in range(2))
    assert np.array_equal(one.probability, two.probability) and np.array_equal(one.reason, two.reason)


def test_reasons_speak_for_churn_in_both_languages(days: dict[int, Snapshot]) -> None:
    model = v1.train(days[120])
    assert (model.coefficients * v1.SIGNS >= -1e-9).all()
    scores = v1.score(model, days[180])
    worst, best = int(scores.probability.argmax()), int(scores.probability.argmin())
    reasons = scores.reasons(worst)
    assert len(reasons) == v1.REASONS and not {"average", "gap_days", "spread"} & {one.key for one in reasons}
    assert len({ALL[one.key].theme for one in reasons}) == v1.REASONS
    assert [one.contribution for one in reasons] == sorted(
        (one.contribution for one in reasons), reverse=True
    )
    for one in reasons:
        assert one.contribution > 0 and not {"{", "}"} & set(one.text.zh + one.text.en)
    assert sum(one.contribution for one in scores.reasons(best)) < sum(one.contribution for one in reasons)


def test_contributions_of_all_themes_add_up(
    days: dict[int, Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v1, "REASONS", len(THEMES))
    model = v1.train(days[120])
    scores = v1.score(model, days[180])
    odds = np.log(scores.probability / (1 - scores.probability))
    middle = model.line[0] + model.line[1] * model.intercept
    all_for = (scores.reason >= 0).all(axis=1)
    assert all_for.any()
    assert (odds - middle)[all_for] == pytest.approx(scores.contribution.sum(axis=1)[all_for])


def test_levels_by_their_cuts(days: dict[int, Snapshot]) -> None:
    model = v1.train(days[120])
    scores = v1.score(model, days[180], cuts=Cuts(watch=0.2, warning=0.4, critical=0.6))
    keys = np.array(list(LEVELS))[scores.level]
    assert set(keys[scores.probability >= 0.6]) == {"critical"} and set(keys[scores.probability < 0.2]) <= {
        "none"
    }
    assert sum(scores.counts().values()) == len(keys) and list(scores.counts()) == list(LEVELS)


def test_the_future_is_not_seen(days: dict[int, Snapshot]) -> None:
    with pytest.raises(v1.CannotLearn, match="看到未来"):
        v1.validate(days[180], days[120])


def test_too_little_and_another_horizon_are_refused(
    session: Session, days: dict[int, Snapshot], tmp_path: Path
) -> None:
    stock(session, [(n, START, Decimal(1)) for n in range(60)], tmp_path)
    with pytest.raises(v1.CannotLearn, match="购买的 0 位,未购买的 60 位"):
        v1.train(snapshot(session, START, horizon=HORIZON))
    with pytest.raises(v1.CannotLearn, match="60 天训练"):
        v1.score(v1.train(days[120]), snapshot(session, START, horizon=30))


@cdnow.given
def test_cdnow_reaches_what_others_reach(session: Session, tmp_path: Path) -> None:
    stock(session, cdnow.log(), tmp_path)
    earlier, later = (snapshot(session, cdnow.START + timedelta(weeks=n), horizon=91) for n in (26, 39))
    trial = v1.validate(earlier, later)
    assert trial.model.auc >= 0.78 and trial.model.brier <= 0.116 and trial.better


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.5, 0.9]), st.booleans()), min_size=2, max_size=30)
)
def test_quality_by_counting_pairs(customers: list[tuple[float, bool]]) -> None:
    probability, happened = (np.array(column) for column in zip(*customers, strict=True))
    found = v1.quality(probability, happened)
    pairs = [(p, q) for p, yes in customers for q, no in customers if yes and not no]
    won = sum(1.0 if p > q else 0.5 if p == q else 0.0 for p, q in pairs)
    assert found.brier == pytest.approx(sum((p - y) ** 2 for p, y in customers) / len(customers))
    assert found.auc == pytest.approx(won / len(pairs)) if pairs else math.isnan(found.auc)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.01, 1.0, 30.0]))
def test_the_regression_is_at_its_optimum(seed: int, penalty: float) -> None:
    dice = np.random.default_rng(seed)
    x = dice.normal(size=(80, 4)) @ dice.normal(size=(4, 4))
    happened = dice.random(80) < 1 / (1 + np.exp(-x[:, 0]))
    signs = dice.integers(-1, 2, 4).astype(float)
    beta = logistic.fit(x, happened, penalty=penalty, signs=signs)
    slope = x.T @ (happened - 1 / (1 + np.exp(-logistic.logits(beta, x)))) - penalty * beta[1:]
    for coefficient, sign, upward in zip(beta[1:], signs, slope, strict=True):
        assert sign * coefficient >= 0
        at_zero = sign and abs(coefficient) < 1e-9
        assert upward * sign <= 1e-5 if at_zero else abs(upward) < 1e-5
    assert (happened.mean() - 1 / (1 + np.exp(-logistic.logits(beta, x)))).mean() == pytest.approx(
        0, abs=1e-6
    )


def test_words_cost_no_computing_library() -> None:
    code = "import sys, zhike.engine.churn.words; sys.exit(any(n in sys.modules for n in ('scipy', 'numpy', 'duckdb')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_feature_says_something_in_both_languages() -> None:
    assert len(FEATURES) == 16
    for feature in ALL.values():
        for value in (0.0, 0.25, 1234.5):
            said = feature.sentence(value, 3.0, 91)
            assert said.zh and said.en and "{" not in said.zh + said.en
