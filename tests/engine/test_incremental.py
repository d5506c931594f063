"""A day computed from the day before differs in nothing from one computed from all facts."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis.expr.types as ir
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import CUSTOMERS, ORDERS, Shop
from tests.engine.oracle import World, all_metrics
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.incremental import Advance, advance, begin
from zhike.engine.lake import Session, erase, maintain, reset, sync
from zhike.engine.metrics import CATALOGUE, compute, store
from zhike.engine.metrics.computing import of_day
from zhike.engine.stored import refreshed

quickly = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def rows(session: Session, table: Any) -> dict[int, dict[str, Any]]:
    return {row["customer_id"]: row for row in session.rows(table)}


def shaken(world: World, dice: Any) -> tuple[World, set[int]]:
    """The same world with facts that came late, were corrected or deleted, and customers who came or went; and whose they are."""
    later, touched = deepcopy(world), set()
    for name, held in vars(later).items():
        key = "id" if name == "customers" else "customer_id"
        if held and dice.random() < 0.5:
            touched.add(held.pop(dice.randrange(len(held)))[key])
        if held and name != "customers" and dice.random() < 0.7:
            copied = dict(dice.choice(held))
            copied["id"] = max(row["id"] for row in held) + 1
            held.append(copied)
            touched.add(copied["customer_id"])
        if held and "amount" in held[0] and dice.random() < 0.5:
            corrected = dice.choice(held)
            corrected["amount"] += 1
            touched.add(corrected["customer_id"])
    if dice.random() < 0.5:
        later.customers.append({"id": 99, "created_on": AS_OF + timedelta(days=1)})
        touched.add(99)
    return later, touched


def after(kept: ir.Table, found: Advance) -> ir.Table:
    """What is settled about everybody on the new day."""
    return kept.anti_join(found.moved, "customer_id").union(found.fresh)


def test_from_the_day_before_as_from_all_facts(session: Session) -> None:
    @quickly
    @given(world=worlds(), dice=st.randoms(use_true_random=False), days=st.sampled_from([0, 1, 2, 17]))
    def agree(world: World, dice: Any, days: int) -> None:
        since = AS_OF - timedelta(days=20)
        as_of = since + timedelta(days=days)
        pour(session, world)
        kept = begin(session, since)
        later, touched = shaken(world, dice)
        pour(session, later)
        found = advance(session, session.ids(touched), since=since, as_of=as_of)
        assert found is not None
        computed = rows(session, of_day(after(kept, found), as_of, CATALOGUE))
        assert computed == rows(session, compute(session, as_of)) == all_metrics(later, as_of)

    agree()


def test_only_those_are_read_again_about_whom_something_changed(session: Session) -> None:
    day = timedelta(days=1)
    quiet, leaving, coming = AS_OF - 40 * day, AS_OF - 90 * day, AS_OF + day
    world = World(customers=[{"id": n, "created_on": AS_OF - 900 * day} for n in (1, 2, 3, 4)])
    world.orders = [
        {"id": n, "customer_id": n, "placed_on": on, "placed_at": on, "amount": n, "discount": 0}
        for n, on in enumerate((quiet, leaving, coming, quiet), 1)
    ]
    pour(session, world)
    since, as_of = AS_OF - day, AS_OF  # the day on which the order of 90 days ago leaves the quarter
    keys = ["spend", "spend_90d", "recency_days"]
    found = advance(session, session.ids([4]), since=since, as_of=as_of, keys=keys)
    assert found is not None
    assert sorted(row["customer_id"] for row in session.rows(found.moved)) == [2, 4]
    later = advance(session, session.ids([]), since=AS_OF, as_of=AS_OF, keys=keys)
    assert later is not None and later.customers == 0


def test_a_new_month_or_an_earlier_day_begins_anew(session: Session) -> None:
    pour(session, World(customers=[{"id": 1, "created_on": AS_OF}]))
    none = session.ids([])
    for other in (AS_OF + timedelta(days=1), AS_OF - timedelta(days=1)):
        assert advance(session, none, since=AS_OF, as_of=other) is None


def test_kept_in_the_lake_from_one_refresh_to_the_next(shop: Shop) -> None:
    day = date(2017, 3, 10)

    def agreed(as_of: date) -> int:
        """Both ways give the same; how many customers were computed anew into the kept parts."""
        sync(session, [CUSTOMERS, ORDERS], shop.dsn)
        before = {row["customer_id"]: row for row in kept()}
        found = rows(session, refreshed(session, as_of, from_size=1))
        assert found == rows(session, compute(session, as_of))
        for key in ("recency_days", "orders_90d"):  # one that moves with the day, one that does not
            shown = {customer: row[key] for customer, row in found.items() if row[key] is not None}
            assert store.values(session, key) == shown
        return sum(before.get(row["customer_id"]) != row for row in kept())

    def kept() -> list[dict[str, Any]]:
        held = "settled_metrics" in session.names()
        return session.rows(session.table_as_it_is("settled_metrics")) if held else []

    for customer in range(1, 6):
        shop.run("INSERT INTO shop_customer VALUES (%s, 'c')", customer)
        shop.order(customer)
    with shop.lake.session() as session:
        assert agreed(day) == 5
        shop.order(3, "7.00")
        assert agreed(day + timedelta(days=1)) == 1
        shop.run("DELETE FROM shop_order WHERE customer_id = 2")
        shop.run("UPDATE shop_order SET amount = 9 WHERE customer_id = 4")
        shop.run("DELETE FROM shop_customer WHERE id = 5")
        assert agreed(day + timedelta(days=2)) == 2
        assert agreed(day + timedelta(days=2)) == 0
        assert len(kept()) == 4
        assert (
            agreed(date(2017, 6, 29)) == 3
        )  # another month, everything anew; who has no order stays as they were
        assert agreed(date(2017, 6, 30)) == 0
        reset(session)
        assert agreed(date(2017, 6, 30)) == 4


def test_other_metrics_begin_anew_and_upkeep_loses_nothing(shop: Shop) -> None:
    day = date(2017, 3, 10)
    for customer in range(1, 5):
        shop.run("INSERT INTO shop_customer VALUES (%s, 'c')", customer)
        shop.order(customer)
    with shop.lake.session() as session:
        for keys in (["spend"], ["spend", "orders_90d"], ["orders"], ["orders"]):
            sync(session, [CUSTOMERS, ORDERS], shop.dsn)
            found = rows(session, refreshed(session, day, keys, from_size=1))
            assert found == rows(session, compute(session, day, keys))
            shop.order(1, "3.00")
            shop.run("DELETE FROM shop_order WHERE customer_id = 2")
            maintain(session, now=datetime.now(UTC))


def test_a_small_base_keeps_nothing(shop: Shop) -> None:
    shop.run("INSERT INTO shop_customer VALUES (1, 'c')")
    with shop.lake.session() as session:
        sync(session, [CUSTOMERS, ORDERS], shop.dsn)
        table = refreshed(session, date(2017, 3, 10), ["spend"])
        assert rows(session, table) == rows(session, compute(session, date(2017, 3, 10), ["spend"]))
        assert "settled_metrics" not in session.names()


def test_a_base_that_grows_and_shrinks_past_what_is_worthwhile(shop: Shop) -> None:
    """Pages read a table or a view under the same name; one gives way to the other."""
    day = date(2017, 3, 10)
    shop.run("INSERT INTO shop_customer VALUES (1, 'c')")
    shop.order(1)
    with shop.lake.session() as session:
        sync(session, [CUSTOMERS, ORDERS], shop.dsn)
        for size, kind in ((9, "table"), (1, "view"), (1, "view"), (9, "table"), (9, "table"), (1, "view")):
            refreshed(session, day, ["recency_days"], from_size=size)
            assert (store.TABLE in session.views()) == (kind == "view")
            assert store.values(session, "orders") == {1: 1}


def test_who_is_erased_is_gone_from_what_pages_read(shop: Shop) -> None:
    for customer in (1, 2):
        shop.run("INSERT INTO shop_customer VALUES (%s, 'c')", customer)
        shop.order(customer)
    with shop.lake.session() as session:
        sync(session, [CUSTOMERS, ORDERS], shop.dsn)
        refreshed(session, date(2017, 3, 10), from_size=1)
        erase(session, [1])
        assert store.values(session, "orders") == {2: 1}
        reset(session)
        assert store.kept(session) == () and not session.views()
