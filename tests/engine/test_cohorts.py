"""Cohorts against plain Python on random worlds, and on cases a reader can follow."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from tests.engine.conftest import fill
from tests.engine.oracle import World
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.cohorts import cohorts, complete, months_after
from zhike.engine.lake import Session


def month_of(moment: date) -> date:
    return moment.replace(day=1)


def oracle(world: World) -> dict[date, tuple[int, list[int], list[Decimal]]]:
    orders = [row for row in world.orders if row["placed_on"] <= AS_OF]
    returns = [row for row in world.returns if row["returned_on"] <= AS_OF]
    first: dict[int, date] = {}
    for row in orders:
        month = month_of(row["placed_on"])
        first[row["customer_id"]] = min(first.get(row["customer_id"], month), month)
    members: dict[date, set[int]] = defaultdict(set)
    for customer, month in first.items():
        members[month].add(customer)
    found = {}
    for cohort, who in members.items():
        active, spend = [], []
        month = cohort
        while month <= month_of(AS_OF):
            mine = [r for r in orders if r["customer_id"] in who and month_of(r["placed_on"]) == month]
            back = [
                r
                for r in returns
                if r["customer_id"] in who
                and (month_of(r["returned_on"]) == month or (month == cohort and r["returned_on"] < cohort))
            ]
            active.append(len({r["customer_id"] for r in mine}))
            spend.append(
                sum((r["amount"] for r in mine), Decimal(0)) - sum((r["amount"] for r in back), Decimal(0))
            )
            month = months_after(month, 1)
        found[cohort] = (len(who), active, spend)
    return found


def test_they_agree_with_plain_python(session: Session) -> None:
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(world=worlds())
    def agree(world: World) -> None:
        pour(session, world)
        found = cohorts(session, AS_OF)
        assert [one.month for one in found] == sorted(one.month for one in found)
        assert {one.month: (one.customers, [*one.active], [*one.spend]) for one in found} == oracle(world)

    agree()


def orders(*placed: tuple[int, str, int]) -> list[dict[str, object]]:
    return [
        {
            "id": n,
            "customer_id": customer,
            "placed_on": date.fromisoformat(day),
            "placed_at": day,
            "amount": amount,
        }
        for n, (customer, day, amount) in enumerate(placed)
    ]


def test_two_of_three_come_back(session: Session) -> None:
    placed = orders((1, "2017-01-05", 100), (2, "2017-01-31", 50), (3, "2017-01-31", 30), (1, "2017-02-01", 10),
                    (2, "2017-02-28", 20), (9, "2017-03-01", 7), (1, "2017-04-01", 1000))  # fmt: skip
    fill(session, "orders", placed)
    fill(session, "returns", [{"id": 1, "customer_id": 2, "returned_on": date(2017, 2, 3), "amount": 15}])
    january, march = cohorts(session, date(2017, 3, 31))
    assert (january.month, january.customers, january.active) == (date(2017, 1, 1), 3, (3, 2, 0))
    assert january.retention == (Decimal("1.0000"), Decimal("0.6667"), Decimal("0.0000"))
    assert january.value == (Decimal("60.00"), Decimal("65.00"), Decimal("65.00"))
    assert (march.month, march.customers, march.active, march.spend) == (date(2017, 3, 1), 1, (1,), (7,))


def test_only_those_asked_for_count(session: Session) -> None:
    fill(session, "orders", orders((1, "2017-01-05", 100), (2, "2017-01-05", 50)))
    (found,) = cohorts(session, date(2017, 1, 31), session.ids([2]))
    assert (found.customers, found.spend) == (1, (Decimal(50),))


def test_nobody_bought(session: Session) -> None:
    assert cohorts(session, AS_OF) == ()


def test_a_month_is_complete_on_its_last_day() -> None:
    assert [complete(date(2017, 2, day)) for day in (27, 28)] == [False, True]
    assert months_after(date(2016, 11, 1), 14) == date(2018, 1, 1)
