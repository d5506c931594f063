"""KPI readings add up, follow the placement history, and compare equal stretches of time."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.engine.conftest import fill
from zhike.engine import effect
from zhike.engine.lake import Session

AS_OF = date(2017, 3, 15)


def order(who: int, amount: str, on: str) -> dict[str, object]:
    day = date.fromisoformat(on)
    return {
        "customer_id": who,
        "amount": Decimal(amount),
        "placed_on": day,
        "placed_at": datetime.fromisoformat(on),
    }


@pytest.fixture
def history(session: Session) -> Session:
    """Customers 1 to 4: 1 is core, 2 rises to core in February, 3 stays ordinary, 4 is placed in March."""
    fill(session, "customers", [{"id": n, "created_on": date(2016, 1, 1)} for n in (1, 2, 3, 4)])
    new_year, rise = date(2017, 1, 1), date(2017, 2, 10)
    placements = [
        {"customer_id": 1, "tier": "core", "since": new_year},
        {"customer_id": 2, "tier": "ordinary", "since": new_year, "until": rise},
        {"customer_id": 2, "tier": "core", "since": rise},
        {"customer_id": 3, "tier": "ordinary", "since": new_year},
        {"customer_id": 4, "tier": "ordinary", "since": date(2017, 3, 1)},
    ]
    fill(session, "placements", placements)
    orders = [
        order(1, "100.00", "2017-01-01"),
        order(1, "50.50", "2017-01-31"),
        order(2, "10.00", "2017-02-01"),
        order(3, "7.00", "2016-10-01"),
        order(1, "30.00", "2017-03-15"),
        order(2, "999.00", "2017-03-16"),
    ]
    fill(session, "orders", orders)
    fill(
        session, "returns", [{"customer_id": 1, "amount": Decimal("20.50"), "returned_on": date(2017, 1, 31)}]
    )
    fill(session, "interactions", [{"customer_id": 3, "on_date": date(2017, 1, 15)}])
    ratings = [("4", 5), ("5", 6)]
    feedback = [{"customer_id": 1, "rating": Decimal(r), "on_date": date(2017, 1, d)} for r, d in ratings]
    fill(session, "feedback", feedback)
    return session


def read(
    session: Session, month: date, as_of: date = AS_OF
) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    found = effect.readings(session, [month], as_of=as_of)
    return {(reading.tier, reading.kpi): (reading.value, reading.customers) for reading in found}


def test_a_month_by_tier(history: Session) -> None:
    january = read(history, date(2017, 1, 20))
    assert january["core", "spend_per_customer"] == (Decimal("130.00"), 1)
    assert january["core", "average_order"] == (Decimal("65.00"), 1)
    assert january["core", "average_rating"] == (Decimal("4.5000"), 1)
    assert january["core", "repurchase_rate"] == (Decimal("1.0000"), 1)
    assert january["ordinary", "active_share"] == (Decimal("0.0000"), 2)
    assert january["ordinary", "contact_share"] == (Decimal("0.5000"), 2)
    assert january["ordinary", "churn_share"] == (Decimal("1.0000"), 2)
    assert january["ordinary", "average_order"] == (None, 2)
    assert january["all", "spend_per_customer"] == (Decimal("43.33"), 3)


def test_members_follow_the_placement_history(history: Session) -> None:
    february, march = read(history, date(2017, 2, 1)), read(history, date(2017, 3, 1))
    assert february["core", "active_share"] == (Decimal("0.5000"), 2)
    assert february["ordinary", "active_share"] == (Decimal("0.0000"), 1)
    assert march["ordinary", "active_share"][1] == 2
    assert march["core", "spend_per_customer"] == (Decimal("15.00"), 2)


def test_the_current_month_ends_with_as_of_and_the_future_is_not_read(history: Session) -> None:
    assert read(history, date(2017, 3, 1), date(2017, 3, 14))["core", "spend_per_customer"] == (
        Decimal("0.00"),
        2,
    )
    assert effect.readings(history, [date(2017, 4, 1)], as_of=AS_OF) == ()


def test_several_months_at_once(history: Session) -> None:
    months = [date(2017, 2, 1), date(2017, 1, 31), date(2017, 1, 1)]
    found = effect.readings(history, months, as_of=AS_OF)
    assert sorted({reading.month for reading in found}) == [date(2017, 1, 1), date(2017, 2, 1)]
    assert {reading.kpi for reading in found} == set(effect.KPIS)


def test_before_and_after_compare_the_same_customers_over_equal_time(history: Session) -> None:
    groups = effect.placements_on(history, date(2017, 3, 1))
    found = effect.before_after(
        history, groups=groups, began_on=date(2017, 2, 1), as_of=date(2017, 3, 3), days=31
    )
    assert set(found) == {"core", "ordinary"}
    core = {comparison.kpi: comparison for comparison in found["core"]}
    spend = core["spend_per_customer"]
    assert (spend.before, spend.after, spend.customers) == (Decimal("65.00"), Decimal("5.00"), 2)
    assert spend.change == Decimal("-0.9231")
    assert core["average_rating"].change is None
    ordinary = {comparison.kpi: comparison for comparison in found["ordinary"]}
    assert (ordinary["contact_share"].before, ordinary["contact_share"].after) == (
        Decimal("0.5000"),
        Decimal("0.0000"),
    )


def test_before_and_after_shrink_to_the_time_that_has_passed(history: Session) -> None:
    groups = effect.placements_on(history, date(2017, 3, 1))
    began = date(2017, 2, 1)
    first_day = effect.before_after(history, groups=groups, began_on=began, as_of=began)
    spend = next(c for c in first_day["core"] if c.kpi == "spend_per_customer")
    assert (spend.before, spend.after) == (Decimal("15.00"), Decimal("5.00"))
    assert effect.before_after(history, groups=groups, began_on=began, as_of=began - timedelta(days=1)) == {}


def test_nobody_is_placed_yet(session: Session) -> None:
    found = effect.readings(session, [AS_OF], as_of=AS_OF)
    assert {(reading.tier, reading.value, reading.customers) for reading in found} == {("all", None, 0)}
