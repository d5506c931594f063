"""A segment's refresh tells exactly who comes and who goes; asking only those to whom something happened tells the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_ducklake
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.deeds import AS_OF, random_world
from tests.engine.towns import RULES, pour
from zhike.core.rules import All, Did, InSegment, MetricTest, Op, Relative, Rule, Span, Where, Within
from zhike.engine.lake import SHAPES, Session
from zhike.engine.segments import Seen, cost, members, refresh

OFTEN = Did("orders", Op.GE, Decimal(2), Within(span=Span(days=30)))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A lake that keeps its states, with its catalogue in a file."""
    folder = tmp_path_factory.mktemp("lake")
    connection = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False})
    wheel = Path(duckdb_extension_ducklake.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    connection.execute(f"LOAD '{next(wheel.glob('*.duckdb_extension'))}'")
    connection.execute(f"ATTACH 'ducklake:{folder}/catalogue' AS lake (DATA_PATH '{folder}/data/')")
    yield Session(connection)
    connection.close()


@pytest.fixture
def shop(lake: Session) -> Session:
    """Twelve customers; each bought once lately, the even ones twice."""
    with lake.transaction():
        for name in SHAPES:
            fill(lake, name, [])
        fill(
            lake, "customers", [{"id": n, "created_on": date(2016, 1, 1), "fields": "{}"} for n in range(12)]
        )
        fill(
            lake,
            "orders",
            [order(n, n % 12) for n in range(12)] + [order(20 + n, n) for n in range(0, 12, 2)],
        )
    return lake


def order(number: int, customer: int, ago: int = 3) -> dict[str, Any]:
    on = AS_OF - timedelta(days=ago)
    return {
        "id": number,
        "customer_id": customer,
        "placed_on": on,
        "placed_at": on,
        "amount": Decimal("10.00"),
    }


def buy(session: Session, number: int, customer: int, ago: int = 0) -> None:
    held = order(number, customer, ago)
    session.cursor.execute(
        "INSERT INTO lake.main.orders BY NAME SELECT ?::BIGINT id, ?::BIGINT customer_id, ?::DATE placed_on, 10.00 amount",
        [held["id"], held["customer_id"], held["placed_on"]],
    )


def ids(session: Session, table: Any) -> set[int]:
    return {row["customer_id"] for row in session.rows(table)}


def test_a_refresh_tells_who_comes_and_who_goes(shop: Session) -> None:
    found = refresh(shop, OFTEN, AS_OF, [1, 2, 3])
    assert (ids(shop, found.added), ids(shop, found.removed)) == ({0, 4, 6, 8, 10}, {1, 3})
    assert (found.coming, found.going, found.asked) == (5, 2, None)
    assert refresh(shop, OFTEN, AS_OF, [0, 2, 4, 6, 8, 10]).coming == 0


def test_after_an_event_only_its_customer_is_asked(shop: Session) -> None:
    before = refresh(shop, OFTEN, AS_OF, [])
    stored = ids(shop, before.added)
    buy(shop, 99, 5)
    after = refresh(shop, OFTEN, AS_OF, stored, last=before.seen)
    assert (ids(shop, after.added), after.going, after.asked) == ({5}, 0, 1)
    shop.cursor.execute("DELETE FROM lake.main.orders WHERE id IN (99, 20)")
    gone = refresh(shop, OFTEN, AS_OF, stored | {5}, last=after.seen)
    assert (ids(shop, gone.removed), gone.coming, gone.asked) == ({0, 5}, 0, 2)
    quiet = refresh(shop, OFTEN, AS_OF, stored - {0}, last=gone.seen)
    assert (quiet.coming, quiet.going, quiet.asked) == (0, 0, 0)


def test_everybody_is_asked_when_the_day_or_the_others_matter(shop: Session) -> None:
    first = refresh(shop, OFTEN, AS_OF, [])
    assert refresh(shop, OFTEN, AS_OF + timedelta(days=1), [], last=first.seen).asked is None
    above = MetricTest("spend", Op.GT, Decimal(1), Relative.MEAN)
    assert refresh(shop, above, AS_OF, [], last=first.seen).asked is None
    assert refresh(shop, OFTEN, AS_OF, [], last=Seen(AS_OF, None)).asked is None


def test_states_that_the_lake_has_forgotten_mean_asking_everybody(shop: Session) -> None:
    first = refresh(shop, OFTEN, AS_OF, [])
    buy(shop, 98, 7)
    buy(shop, 97, 7)
    assert first.seen.snapshot is not None
    shop.cursor.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{first.seen.snapshot + 1}])")
    after = refresh(shop, OFTEN, AS_OF, [], last=first.seen)
    assert (after.asked, after.coming) == (None, 7)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(data=st.data(), rule=RULES)
def test_following_events_ends_where_asking_everybody_does(
    shop: Session, data: st.DataObject, rule: Rule
) -> None:
    with shop.transaction():
        pour(shop, data.draw(st.composite(random_world)(size=6)))
    first = refresh(shop, rule, AS_OF, [])
    stored = ids(shop, first.added)
    for number in range(2):
        buy(shop, 1000 + number, data.draw(st.integers(1, 6)), data.draw(st.integers(0, 100)))
    found = refresh(shop, rule, AS_OF, stored, last=first.seen)
    stored = stored - ids(shop, found.removed) | ids(shop, found.added)
    assert stored == ids(shop, members(shop, rule, AS_OF))


def test_the_cost_is_told_before_a_rule_is_asked(shop: Session) -> None:
    buy(shop, 50, 1, ago=60)
    told = cost(shop, All((OFTEN, InSegment("a"))), AS_OF)
    assert [(one.table, one.rows) for one in told.readings] == [
        ("customers", 12),
        ("orders", 18),
        ("memberships", 0),
    ]
    assert told.text.zh == "读取 客户 12 行、订单 18 行、分群成员 0 行;新数据到达后只重算有变动的客户。"
    assert told.text.en.startswith("Reads 12 customers, 18 orders")
    by_line = Did("orders", within=OFTEN.within, where=(Where("category", Op.IN, ("茶",)),))
    assert {one.table for one in cost(shop, by_line, AS_OF).readings} == {
        "customers",
        "orders",
        "order_lines",
    }
    assert cost(shop, MetricTest("spend", Op.GT, Decimal(1), Relative.MEAN), AS_OF).readings[1].rows == 19
