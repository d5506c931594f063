"""The lake follows PostgreSQL and loses nothing, whoever commits late."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.engine.conftest import CUSTOMERS, ORDERS, Shop
from zhike.engine.lake import (
    Lake,
    LakeTable,
    LakeUnreachable,
    Session,
    SyncReceipt,
    TableReceipt,
    erase,
    maintain,
    purge,
    reset,
    sync,
)

BOTH = (CUSTOMERS, ORDERS)


def synced(shop: Shop, tables: tuple[LakeTable, ...] = BOTH) -> SyncReceipt:
    with shop.lake.session() as session:
        return sync(session, tables, shop.dsn)


def held(shop: Shop, what: str = "id", table: str = "orders") -> list[object]:
    with shop.lake.session() as session:
        rows = session.cursor.execute(f"SELECT {what} FROM lake.main.{table} ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def test_first_load_takes_everything(shop: Shop) -> None:
    shop.run("INSERT INTO shop_customer (id, code) VALUES (1, 'A'), (2, 'B')")
    shop.order(1)
    receipt = synced(shop)
    assert receipt.tables == {"customers": TableReceipt(2, 0, 0), "orders": TableReceipt(1, 0, 0)}
    assert receipt.reloaded == ("customers", "orders")
    assert receipt.moved == 3


def test_second_sync_takes_only_what_changed(shop: Shop) -> None:
    for customer in (1, 2, 3):
        shop.order(customer)
    synced(shop)
    shop.order(4)
    shop.run("UPDATE shop_order SET amount = 99.99 WHERE customer_id = 2")
    shop.run("DELETE FROM shop_order WHERE customer_id = 3")
    receipt = synced(shop)
    assert receipt.tables["orders"] == TableReceipt(added=1, changed=1, removed=1)
    assert receipt.reloaded == ()
    assert held(shop, "customer_id") == [1, 2, 4]
    assert held(shop, "amount") == [Decimal("10.00"), Decimal("10.00"), Decimal("99.99")]


def test_nothing_new_moves_nothing_and_leaves_no_snapshot(shop: Shop) -> None:
    shop.order(1)
    synced(shop)
    with shop.lake.session() as session:
        before = session.cursor.execute("SELECT count(*) FROM ducklake_snapshots('lake')").fetchone()
    assert synced(shop).moved == 0
    with shop.lake.session() as session:
        assert session.cursor.execute("SELECT count(*) FROM ducklake_snapshots('lake')").fetchone() == before


def test_a_writer_that_commits_late_is_found(shop: Shop) -> None:
    """Its row has a lower transaction id than rows already taken; the mark must wait for it."""
    wrote, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with psycopg.connect(shop.dsn) as connection:
            connection.execute("INSERT INTO shop_order (customer_id, placed_at, amount) VALUES (7, now(), 1)")
            wrote.set()
            assert may_commit.wait(30)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(write_slowly)
        assert wrote.wait(30)
        shop.order(1)
        shop.order(2)
        synced(shop)
        synced(shop)
        assert held(shop, "customer_id") == [1, 2]
        may_commit.set()
        slow.result(30)
    synced(shop)
    assert held(shop, "customer_id") == [1, 2, 7]


def test_a_late_update_and_a_late_delete_are_found(shop: Shop) -> None:
    for customer in (1, 2, 3):
        shop.order(customer)
    synced(shop)
    with psycopg.connect(shop.dsn) as slow:
        slow.execute("UPDATE shop_order SET amount = 5 WHERE customer_id = 1")
        slow.execute("DELETE FROM shop_order WHERE customer_id = 2")
        shop.order(4)
        synced(shop)
        assert held(shop, "customer_id") == [1, 2, 3, 4]
    receipt = synced(shop)
    assert receipt.tables["orders"] == TableReceipt(added=0, changed=1, removed=1)
    assert held(shop, "customer_id") == [1, 3, 4]


def test_what_is_committed_is_in_the_lake_although_an_older_transaction_is_open(shop: Shop) -> None:
    with psycopg.connect(shop.dsn) as idle:
        idle.execute("INSERT INTO shop_customer (id, code) VALUES (1, 'A')")
        shop.order(1)
        assert synced(shop).tables["orders"].added == 1
        shop.order(2)
        assert synced(shop).tables["orders"] == TableReceipt(1, 0, 0)
        assert synced(shop).moved == 0
    assert synced(shop).tables["customers"].added == 1


def test_a_change_that_the_lake_does_not_show_moves_nothing(shop: Shop) -> None:
    shop.order(1)
    synced(shop)
    shop.run("UPDATE shop_order SET amount = amount")
    assert synced(shop).moved == 0


def test_many_writers_and_syncs_at_once_lose_nothing(shop: Shop) -> None:
    def write(customer: int) -> None:
        for _ in range(25):
            shop.order(customer)

    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, customer) for customer in range(4)]
        syncs = [pool.submit(lambda: [synced(shop) for _ in range(6)]) for _ in range(2)]
        for done in (*writers, *syncs):
            done.result(120)
    synced(shop)
    assert held(shop) == list(range(1, 101))


def test_a_failure_leaves_table_and_mark_as_they_were(shop: Shop) -> None:
    shop.order(1)
    synced(shop)
    shop.order(2)
    broken = LakeTable(name="extra", columns={"id": "BIGINT"}, select="SELECT id, tx FROM nowhere")
    with shop.lake.session() as session, pytest.raises(Exception, match="nowhere"):
        sync(session, [ORDERS, broken], shop.dsn)
    assert held(shop, "customer_id") == [1]
    synced(shop)
    assert held(shop, "customer_id") == [1, 2]


def test_a_changed_declaration_loads_afresh(shop: Shop) -> None:
    shop.order(1)
    synced(shop)
    columns = {"id": "BIGINT", "customer_id": "BIGINT"}
    slim = LakeTable(name="orders", columns=columns, select="SELECT id, customer_id, tx FROM shop_order")
    assert synced(shop, (slim,)).reloaded == ("orders",)
    with shop.lake.session() as session:
        assert session.table("orders").columns == ("id", "customer_id")


def test_a_mark_beyond_the_cluster_loads_afresh(shop: Shop) -> None:
    """A database restored into a younger cluster: the mark lies in its future."""
    shop.order(1)
    synced(shop)
    with shop.lake.session() as session:
        session.cursor.execute("UPDATE lake.main.sync_mark SET mark = mark + 1000000")
    shop.order(2)
    assert synced(shop).reloaded == BOTH_NAMES
    assert held(shop, "customer_id") == [1, 2]


BOTH_NAMES = ("customers", "orders")


def test_rows_stamped_in_another_cluster_are_taken(shop: Shop) -> None:
    """A restored dump brings ids that this cluster has not reached."""
    shop.run(
        "INSERT INTO shop_order (customer_id, placed_at, amount, tx) VALUES (1, now(), 1, '99999999999')"
    )
    synced(shop)
    shop.order(2)
    synced(shop)
    assert held(shop, "customer_id") == [1, 2]


def test_another_database_loads_afresh(shop: Shop) -> None:
    shop.order(1)
    synced(shop)
    with shop.lake.session() as session:
        session.cursor.execute("UPDATE lake.main.sync_mark SET cluster = 'elsewhere'")
    assert synced(shop).reloaded == BOTH_NAMES


def test_reset_rebuilds_the_same_lake(shop: Shop) -> None:
    shop.order(1)
    synced(shop)
    before = held(shop)
    with shop.lake.session() as session:
        reset(session)
        assert session.names() == frozenset()
    assert synced(shop).reloaded == BOTH_NAMES
    assert held(shop) == before


def test_a_known_table_that_was_never_synced_is_empty(shop: Shop) -> None:
    with shop.lake.session() as session:
        assert session.rows(session.table("events")) == []


def test_erasing_a_customer_leaves_no_trace_in_any_file(shop: Shop, tmp_path: Path) -> None:
    shop.run("INSERT INTO shop_customer (id, code) VALUES (1, 'KEEP-ME'), (2, 'FORGET-ME')")
    shop.run(
        "INSERT INTO shop_order (customer_id, placed_at, amount) SELECT 1 + g % 2, now(), g FROM generate_series(1, 50) g"
    )
    synced(shop)
    with shop.lake.session() as session:
        assert erase(session, [2]) == 26
        assert erase(session, []) == 0
        assert _customers_in_files(session) == {1}
        listed = session.cursor.execute(
            "SELECT count(*) FROM ducklake_list_files('lake', 'orders')"
        ).fetchone()
        assert listed == (1,)
    on_disk = list((tmp_path / "lake").rglob("*.parquet"))
    assert on_disk and not any(b"FORGET-ME" in path.read_bytes() for path in on_disk)


def test_a_sync_and_an_erasure_at_once_take_turns(shop: Shop) -> None:
    """Whichever comes first, the customer who is gone from PostgreSQL is gone from the lake."""
    shop.run(
        "INSERT INTO shop_order (customer_id, placed_at, amount) SELECT g % 5, now(), g FROM generate_series(1, 50) g"
    )
    synced(shop)
    shop.run("DELETE FROM shop_order WHERE customer_id = 2")

    def forget() -> int:
        with shop.lake.session() as session:
            return erase(session, [2])

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(synced, shop), pool.submit(forget), pool.submit(synced, shop)]
        for one in done:
            one.result(60)
    assert 2 not in held(shop, "customer_id")
    assert len(held(shop)) == 40


def _customers_in_files(session: Session) -> set[int]:
    """Every customer named in any Parquet file of orders, read without the lake."""
    folder = session.cursor.execute("SELECT data_file FROM ducklake_list_files('lake', 'orders')").fetchall()
    files = [str(path) for (path,) in folder for path in Path(path).parent.glob("*.parquet")]
    rows = session.cursor.execute("SELECT DISTINCT customer_id FROM read_parquet(?)", [files]).fetchall()
    return {row[0] for row in rows}


def test_upkeep_merges_small_files_and_keeps_the_rows(shop: Shop, tmp_path: Path) -> None:
    for batch in range(4):
        shop.run(
            "INSERT INTO shop_order (customer_id, placed_at, amount) SELECT %s, now(), g FROM generate_series(1, 50) g",
            batch,
        )
        synced(shop)
    before = len(list((tmp_path / "lake").rglob("*.parquet")))
    with shop.lake.session() as session:
        done = maintain(session, now=datetime.now(UTC) + timedelta(hours=1), keep=timedelta(0))
        purge(session)
    assert done.snapshots_expired > 0
    assert len(list((tmp_path / "lake").rglob("*.parquet"))) < before
    assert len(held(shop)) == 200


def test_an_unreachable_catalogue_says_what_to_do(tmp_path: Path) -> None:
    lake = Lake("host=/nowhere user=nobody", tmp_path)
    with pytest.raises(LakeUnreachable) as refused, lake.session():
        pass
    assert "PostgreSQL" in refused.value.remedy.zh


def test_deletions_belong_to_the_table_of_the_query() -> None:
    assert ORDERS.deleted_from == "shop_order"
    assert LakeTable(name="x", columns={}, select="SELECT 1", source="given").deleted_from == "given"
