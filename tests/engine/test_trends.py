"""Trends: counts against plain Python, seasons and forecasts against series that are known."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.conftest import fill
from tests.engine.oracle import World
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.cohorts import months_after
from zhike.engine.lake import Session
from zhike.engine.trends.forecast import tell
from zhike.engine.trends.series import over, periods


def month_of(moment: date) -> date:
    return moment.replace(day=1)


def oracle(world: World) -> dict[date, tuple[Decimal, int, int, int]]:
    orders = [row for row in world.orders if row["placed_on"] <= AS_OF]
    returns = [row for row in world.returns if row["returned_on"] <= AS_OF]
    months = [month_of(row["placed_on"]) for row in orders] + [
        month_of(row["returned_on"]) for row in returns
    ]
    found = {}
    month = min(months, default=AS_OF)
    while months and month <= month_of(AS_OF):
        mine = [row for row in orders if month_of(row["placed_on"]) == month]
        before = {row["customer_id"] for row in orders if month_of(row["placed_on"]) < month}
        active = {row["customer_id"] for row in mine}
        back = sum((r["amount"] for r in returns if month_of(r["returned_on"]) == month), Decimal(0))
        sales = sum((row["amount"] for row in mine), Decimal(0)) - back
        found[month] = (sales, len(mine), len(active), len(active - before))
        month = months_after(month, 1)
    return found


def test_months_agree_with_plain_python(session: Session) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(world=worlds())
    def agree(world: World) -> None:
        pour(session, world)
        found = periods(session, AS_OF)
        assert {one.begins: (one.sales, one.orders, one.active, one.new) for one in found} == oracle(world)

    agree()


def test_weeks_channels_and_customers(session: Session) -> None:
    placed = [
        (1, "2017-06-05", "shop"),
        (1, "2017-06-11", "web"),
        (2, "2017-06-12", "shop"),
        (1, "2017-06-26", "shop"),
    ]
    fill(session, "orders", [
        {"id": n, "customer_id": who, "placed_on": day, "placed_at": day, "amount": 10, "channel": way}
        for n, (who, day, way) in enumerate(placed)
    ])  # fmt: skip
    weeks = periods(session, AS_OF, "week")
    assert [(one.begins.day, one.orders, one.new, one.returning) for one in weeks] == [
        (5, 2, 1, 0), (12, 1, 1, 0), (19, 0, 0, None), (26, 1, 0, 1),
    ]  # fmt: skip
    assert [one.orders for one in periods(session, AS_OF, channel="web")] == [1]
    assert [one.active for one in periods(session, AS_OF, only=session.ids([2]))] == [1]
    assert over(date(2017, 6, 1), AS_OF) and not over(date(2017, 6, 26), AS_OF, "week")


def test_nobody_bought(session: Session) -> None:
    assert periods(session, AS_OF) == ()


def seasonal(months: int, noise: float) -> np.ndarray:
    place = np.arange(months)
    wave = 1 + 0.3 * np.sin(2 * np.pi * place / 12)
    return (1000 + 10 * place) * wave * np.exp(np.random.default_rng(5).normal(0, noise, months))


def test_a_known_season_is_recovered_and_continued() -> None:
    given, truth = seasonal(54, 0.02)[:48], seasonal(54, 0.0)[48:]
    told = tell(list(given))
    assert told is not None and len(told.seasons) == 12
    wave = 0.3 * np.sin(2 * np.pi * np.arange(12) / 12)
    assert np.corrcoef(told.seasons, wave)[0, 1] > 0.97
    assert told.ahead == pytest.approx(truth, rel=0.12)
    assert all(low < one < high for low, one, high in zip(told.low, told.ahead, told.high, strict=True))
    assert told.error is not None and told.naive is not None and told.error < told.naive


def test_noise_has_few_anomalies_and_no_season() -> None:
    rng = np.random.default_rng(11)
    found = [tell(list(rng.normal(100, 10, months))) for months in (23, 23, 23, 23, 30)]
    assert sum(len(one.odd) for one in found if one) <= 4  # of 122
    assert [one.seasons for one in found if one] == [()] * 5


def test_a_month_out_of_line_stands_out() -> None:
    given = list(np.random.default_rng(2).normal(100, 3, 22))
    given[15] = 190
    told = tell(given)
    assert told is not None and 15 in told.odd and told.seasons == ()


@pytest.mark.parametrize("values", [[], [5.0] * 7])
def test_too_short_tells_nothing(values: list[float]) -> None:
    assert tell(values) is None


def test_constant_and_empty_months_do_not_break_it() -> None:
    for values in ([7.0] * 12, [0.0] * 12, [0.0, 5.0] * 8):
        told = tell(values)
        assert told is not None and told.odd == () and len(told.ahead) == 6 and min(told.low) >= 0
