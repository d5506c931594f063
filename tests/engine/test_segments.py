"""A segment has exactly the customers for whom its rule holds; counting it live disturbs nobody."""

from datetime import date
from decimal import Decimal

import pytest

from tests.engine.conftest import fill
from zhike.core.rules import All, MetricTest, Not, Op, Relative
from zhike.engine.lake import Session
from zhike.engine.segments import TooSlow, count_and_sample, members

AS_OF = date(2017, 6, 30)
BIG = MetricTest("spend", Op.GE, Decimal(100))


@pytest.fixture
def shop(session: Session) -> Session:
    """Four customers: one made later who bought before, one made later who never did."""
    days = {1: date(2016, 1, 1), 2: AS_OF, 3: date(2017, 7, 1), 4: date(2017, 7, 1)}
    fill(session, "customers", [{"id": n, "created_on": on, "fields": "{}"} for n, on in days.items()])
    bought = [
        (1, "100.00", AS_OF),
        (2, "99.99", AS_OF),
        (3, "500", date(2017, 1, 1)),
        (4, "900", date(2017, 8, 1)),
    ]
    rows = [
        {"id": n, "customer_id": who, "amount": Decimal(amount), "placed_on": on, "placed_at": on}
        for n, (who, amount, on) in enumerate(bought)
    ]
    fill(session, "orders", rows)
    return session


def ids(session: Session, rule: object) -> list[int]:
    found = members(session, rule, AS_OF)  # type: ignore[arg-type]
    return sorted(row["customer_id"] for row in session.rows(found))


def test_members_are_those_known_on_the_day(shop: Session) -> None:
    assert ids(shop, All(())) == [1, 2, 3]
    assert ids(shop, BIG) == [1, 3]
    assert ids(shop, Not(BIG)) == [2]


def test_a_scope_limits_who_is_found_and_not_the_mean(shop: Session) -> None:
    above = MetricTest("spend", Op.GT, Decimal(1), Relative.MEAN)  # the mean of the three is 233.33
    assert ids(shop, above) == [3]
    assert count_and_sample(shop, above, AS_OF, scope=[1, 2]).count == 0
    assert count_and_sample(shop, above, AS_OF, scope=[2, 3]).sample == (3,)


def test_a_count_comes_with_the_same_few_customers_each_time(shop: Session) -> None:
    first = count_and_sample(shop, All(()), AS_OF, sample=2)
    assert (first.count, len(first.sample)) == (3, 2)
    assert count_and_sample(shop, All(()), AS_OF, sample=2).sample == first.sample


def test_counting_leaves_nothing_behind(shop: Session) -> None:
    before = shop.number("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'found%'")
    count_and_sample(shop, BIG, AS_OF)
    assert shop.number("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'found%'") == before


def test_a_count_that_takes_too_long_is_stopped_and_says_so(shop: Session) -> None:
    shop.cursor.execute(
        "INSERT INTO lake.main.customers (id, created_on) SELECT range + 9, DATE '2016-01-01' FROM range(3000000)"
    )
    with pytest.raises(TooSlow) as slow:
        count_and_sample(shop, All(()), AS_OF, seconds=0.01)
    assert "秒" in slow.value.reason.zh
    assert count_and_sample(shop, All(()), AS_OF).count == 3_000_003
