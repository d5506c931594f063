"""The signal of a large order: each sign by itself, against plain facts, and the trial on the past."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from tests.engine.conftest import fill
from zhike.engine import large_orders
from zhike.engine.lake import Session

AS_OF = date(2017, 12, 31)
Order = tuple[int, int, str]


def pour(session: Session, orders: list[Order], events: list[tuple[int, int, str]] = ()) -> None:
    """Orders and events as (customer, days ago, amount or kind)."""
    ids = {row[0] for row in (*orders, *events)}
    fill(session, "customers", [{"id": one} for one in sorted(ids)])
    rows = [
        {"id": n, "customer_id": who, "placed_on": AS_OF - timedelta(days=ago), "amount": Decimal(amount)}
        for n, (who, ago, amount) in enumerate(orders)
    ]
    fill(session, "orders", rows)
    noon = time(12)
    fill(
        session,
        "events",
        [
            {
                "id": n,
                "customer_id": who,
                "at": datetime.combine(AS_OF - timedelta(days=ago), noon),
                "kind": kind,
            }
            for n, (who, ago, kind) in enumerate(events)
        ],
    )
    fill(session, "interactions", [])


SMALL: list[Order] = [(9, ago, "10") for ago in range(1, 300, 3)]


def test_each_sign(session: Session) -> None:
    due = [(1, ago, "900") for ago in (120, 80, 40)]
    late = [(2, ago, "900") for ago in (300, 280, 260)]
    grown = [(3, ago, "10") for ago in (90, 80, 70)] + [(3, ago, "15") for ago in (9, 8, 7)]
    visits = [(3, ago, "visit") for ago in (1, 2, 3)]
    quote = [(4, 29, "客户询价"), (5, 31, "客户询价")]
    bought = [(4, 200, "10"), (5, 200, "10")]
    pour(session, [*SMALL, *due, *late, *grown, *bought], [*visits, *quote])
    assert large_orders.signals(session, AS_OF) == [
        (4, 3, ["quote"]),
        (1, 2, ["due"]),
        (3, 2, ["burst", "growth"]),
    ]


def test_the_usual_bustle_is_no_burst(session: Session) -> None:
    grown = [(3, ago, "10") for ago in (90, 80, 70)] + [(3, ago, "15") for ago in (9, 8, 7)]
    pour(session, [*SMALL, *grown], [(3, ago, "visit") for ago in range(0, 100, 4)])
    assert large_orders.signals(session, AS_OF) == []


def test_a_large_order_is_of_the_top_tenth(session: Session) -> None:
    pour(session, [(1, n, str(n)) for n in range(1, 101)])
    assert large_orders.cut(session, AS_OF) == 90
    pour(session, [])
    assert large_orders.cut(session, AS_OF) == 0


def test_the_trial_counts_what_came(session: Session) -> None:
    right = [(n, ago, "900") for n in range(10, 40) for ago in (150, 110, 70, 5)]
    wrong = [(n, ago, "900") for n in range(40, 50) for ago in (150, 110, 70)]
    pour(
        session,
        [*SMALL, *[(n, ago, "20") for n in range(100, 200) for ago in range(60, 340, 8)], *right, *wrong],
    )
    found = large_orders.trial(session, AS_OF)
    assert (found.signals, found.right, found.large) == (40, 0.75, 30)
    assert found.says_something
    assert found.anybody < found.right
    pour(session, SMALL)
    assert not large_orders.trial(session, AS_OF).says_something


def test_an_empty_lake(session: Session) -> None:
    pour(session, [])
    assert large_orders.signals(session, AS_OF) == []
    assert large_orders.trial(session, AS_OF).signals == 0
