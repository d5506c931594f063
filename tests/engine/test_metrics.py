"""Metrics agree with plain Python on random data, to the cent."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import ibis
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ibis.common.exceptions import OperationNotDefinedError

from tests.engine.conftest import fill
from tests.engine.oracle import World, all_metrics
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.core.rules import Baseline, Relative
from zhike.engine.lake import Session
from zhike.engine.metrics import (
    CATALOGUE,
    Group,
    Metric,
    Unit,
    compute,
    computing,
    figures,
    means,
    metric,
    values_of,
)
from zhike.engine.metrics.computing import DATED, Stage
from zhike.engine.metrics.windows import When, Window, months_back

quickly = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def computed(session: Session, world: World, as_of: date) -> dict[int, dict[str, Any]]:
    pour(session, world)
    table = compute(session, as_of)
    rows = {row["customer_id"]: row for row in session.rows(table)}
    session.drop(table)
    return rows


def test_every_metric_agrees_with_plain_python(session: Session) -> None:
    @quickly
    @given(world=worlds(), later=st.sampled_from([0, 1, 29, 365]))
    def agree(world: World, later: int) -> None:
        as_of = AS_OF + timedelta(days=later)
        assert computed(session, world, as_of) == all_metrics(world, as_of)

    agree()


def test_two_runs_with_one_thread_or_two_give_equal_rows(session: Session) -> None:
    @settings(quickly, max_examples=10)
    @given(world=worlds())
    def repeat(world: World) -> None:
        session.cursor.execute("SET threads = 2")
        first = computed(session, world, AS_OF)
        session.cursor.execute("SET threads = 1")
        assert computed(session, world, AS_OF) == first

    repeat()


def test_there_are_the_metrics_that_rules_rely_on() -> None:
    assert len(CATALOGUE) >= 100
    assert {found.group for found in CATALOGUE.values()} == set(Group)
    for key, found in CATALOGUE.items():
        assert found.key == key
        assert found.label.zh and found.label.en and found.formula.zh and found.formula.en
        assert found.null_means.zh and found.sources and found.grain == "customer"


def test_part_names_are_unambiguous() -> None:
    named = [(part.key, part.source) for found in CATALOGUE.values() for part in found.parts]
    assert len(dict(named)) == len(set(named))
    assert (
        not dict(named).keys() & CATALOGUE.keys()
    )  # metrics and parts of others stand side by side in the lake


def test_any_window_is_a_metric() -> None:
    assert metric("orders_45d").unit is Unit.COUNT
    assert metric("spend_6m").label.zh == "近6个月消费额"
    for unknown in ("orders_0d", "orders_d", "spend_x", "nothing", "returns_90d"):
        with pytest.raises(KeyError):
            metric(unknown)


def test_only_the_asked_metrics_are_computed(session: Session) -> None:
    fill(session, "customers", [{"id": 1, "created_on": AS_OF}])
    assert compute(session, AS_OF, ["spend"]).columns == ("customer_id", "spend", "orders")


def test_nobody_yet(session: Session) -> None:
    assert session.rows(compute(session, AS_OF)) == []


def test_a_customer_is_known_by_an_order_before_the_record(session: Session) -> None:
    later = AS_OF + timedelta(days=10)
    fill(session, "customers", [{"id": n, "created_on": later} for n in (1, 2)])
    fill(
        session, "orders", [{"id": 1, "customer_id": 1, "placed_on": AS_OF, "placed_at": AS_OF, "amount": 5}]
    )
    assert [row["customer_id"] for row in session.rows(compute(session, AS_OF, []))] == [1]


def test_figures_are_exact_and_ignore_the_unknown(session: Session) -> None:
    fill(session, "customers", [{"id": n, "created_on": date(2017, 1, 1)} for n in (1, 2, 3)])
    orders = [(1, "10.00", AS_OF), (1, "0.01", AS_OF), (2, "5.00", AS_OF - timedelta(days=9))]
    fill(
        session,
        "orders",
        [
            {"id": n, "customer_id": c, "amount": Decimal(a), "placed_on": d, "placed_at": d}
            for n, (c, a, d) in enumerate(orders)
        ],
    )
    table = compute(session, AS_OF)
    found = means(session, table)
    assert found["spend"] == Decimal("5.003333")
    assert found["recency_days"] == Decimal("4.500000")
    assert found["average_rating"] is None
    assert "last_purchase_on" not in found
    top = Baseline("spend", Relative.PERCENTILE, Decimal(90))
    middle = Baseline("spend", Relative.PERCENTILE, Decimal(50))
    assert figures(session, table, [top, middle, top]) == {
        "spend@90": Decimal("10.01"),
        "spend@50": Decimal("5.00"),
    }
    assert figures(session, table, []) == {}
    assert values_of(session, table, [2])[2]["spend"] == Decimal("5.00")


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
@example(date(2024, 2, 29), 12)
@example(date(2024, 1, 31), 11)
def test_months_back_agrees_with_the_database(as_of: date, months: int) -> None:
    row = duckdb.execute("SELECT CAST(?::DATE - to_months(?::INTEGER) AS DATE)", [as_of, months]).fetchone()
    assert row == (months_back(as_of, months),)


def test_windows_have_words() -> None:
    assert (Window(days=90).key, Window(months=12).key) == ("90d", "12m")
    assert Window(months=12).words.zh == "近12个月"


@pytest.mark.parametrize(
    ("channel", "online"),
    [
        *((name, 1) for name in ("微信小程序", "天猫旗舰店", "Mobile App", "ONLINE", "mini_program")),
        *((name, 0) for name in ("门店", "网点", "store", "apparel shop", "电话")),
    ],
)
def test_online_channels_are_recognised_by_name(session: Session, channel: str, online: int) -> None:
    fill(session, "customers", [{"id": 1, "created_on": AS_OF}])
    order = {
        "id": 1,
        "customer_id": 1,
        "amount": 1,
        "placed_on": AS_OF,
        "placed_at": AS_OF,
        "channel": channel,
    }
    fill(session, "orders", [order])
    assert session.rows(compute(session, AS_OF, ["online_share"]))[0]["online_share"] == online


def test_every_metric_can_be_asked_of_spark(session: Session) -> None:
    tables = {
        source: ibis.table(session.table(source).schema(), source)
        for source in dict.fromkeys((*DATED, "customers"))
    }
    refused = []
    for key, found in CATALOGUE.items():
        try:
            ibis.to_sql(metrics_of_tables(tables, found), dialect="pyspark")
        except OperationNotDefinedError as error:
            refused.append(f"{key}: {error}")
    assert not refused


def metrics_of_tables(tables: dict[str, ibis.Table], wanted: Metric) -> ibis.Table:
    return computing._expressed(Stage.METRICS, tables, When(), (wanted.key, "orders"))
