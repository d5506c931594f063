"""Spark gives the same answers as DuckDB and as plain Python, from the lake's own files."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import CUSTOMERS, ORDERS, Shop
from tests.engine.oracle import World, all_metrics, rfm_by_quantiles, rfm_by_thresholds
from tests.engine.sparks import APART, beside, exported, gathered
from tests.engine.test_cohorts import oracle as cohorts_by_hand
from tests.engine.test_rules import FIELDS, TAGS, TIERS, peopled
from tests.engine.test_rules import _rules as any_rule
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.core.rules import All, Baseline, InTier, MetricTest, Not, Op, Relative, holds
from zhike.engine.cohorts import cohorts
from zhike.engine.lake import Session, sync
from zhike.engine.metrics import compute, figures
from zhike.engine.rfm import v1
from zhike.engine.rules import condition, figures_for, metrics_needed, subjects
from zhike.engine.segments import members
from zhike.engine.spark import Cluster, Exchange, SparkSession, SparkUnreachable, compare, plain_files

__all__ = ["peopled"]  # a fixture: five customers with fields, tiers and tags


@pytest.fixture(scope="module")
def world() -> World:
    return beside(gathered(worlds(), 40))


@pytest.fixture
def both(
    session: Session, cluster: Cluster, world: World, tmp_path: Path
) -> Iterator[tuple[Session, SparkSession]]:
    """The same world in DuckDB and in Spark."""
    pour(session, world)
    with cluster.session(exported(session, tmp_path)) as spark:
        yield session, spark


def test_every_metric_agrees_with_plain_python(both: tuple[Session, SparkSession], world: World) -> None:
    _, spark = both
    expected = all_metrics(world, AS_OF)
    found = {row["customer_id"]: row for row in spark.rows(compute(spark, AS_OF))}
    assert found == expected
    assert len(found) > 50


@pytest.mark.parametrize("relative", ["mean", None])
def test_rfm_by_thresholds_agrees_with_plain_python(
    both: tuple[Session, SparkSession], world: World, relative: Any
) -> None:
    _, spark = both
    method = v1.Thresholds(recency_days=90, frequency=2, monetary=Decimal("1.5"), relative=relative)
    table = compute(spark, AS_OF, v1.inputs(method))
    found = spark.rows(v1.classify(table, method, v1.cuts(spark, table, method)))
    expected = rfm_by_thresholds(all_metrics(world, AS_OF), 90, 2, Decimal("1.5"), mean=relative == "mean")
    assert {row["customer_id"]: v1.CLASSES[row["rfm_class"]].zh for row in found} == expected


def test_rfm_by_quantiles_agrees_with_plain_python(both: tuple[Session, SparkSession], world: World) -> None:
    _, spark = both
    method = v1.Quantiles(buckets=5, high_from=4)
    table = compute(spark, AS_OF, v1.inputs(method))
    found = spark.rows(v1.classify(table, method, v1.cuts(spark, table, method)))
    assert {
        row["customer_id"]: (row["r"], row["f"], row["m"], v1.CLASSES[row["rfm_class"]].zh) for row in found
    } == rfm_by_quantiles(all_metrics(world, AS_OF), 5, 4)


def test_cohorts_agree_with_plain_python(both: tuple[Session, SparkSession], world: World) -> None:
    _, spark = both
    found = cohorts(spark, AS_OF)
    assert {one.month: (one.customers, [*one.active], [*one.spend]) for one in found} == cohorts_by_hand(
        world
    )
    assert [one.month for one in found] == sorted(one.month for one in found)
    assert len(found) > 10


def test_figures_and_some_cohorts_are_those_of_duckdb(both: tuple[Session, SparkSession]) -> None:
    session, spark = both
    wanted = [Baseline("spend", Relative.MEAN), Baseline("recency_days", Relative.MEAN)]
    wanted += [Baseline("spend", Relative.PERCENTILE, Decimal(share)) for share in (10, 50, 90, 99)]
    ours, theirs = (figures(one, compute(one, AS_OF, ["spend", "recency_days"]), wanted) for one in both)
    assert theirs == ours
    only = (1, APART + 1, 2 * APART + 2)
    assert cohorts(spark, AS_OF, spark.ids(only)) == cohorts(session, AS_OF, session.ids(only))


def test_rules_decide_as_core_does(peopled: Session, cluster: Cluster, tmp_path: Path) -> None:
    rules = gathered(any_rule, 40)
    wanted = metrics_needed(rules)
    with cluster.session(exported(peopled, tmp_path)) as spark:
        metrics = compute(spark, AS_OF, wanted)
        means = figures_for(spark, metrics, rules, AS_OF)
        table = subjects(spark, metrics, rules, AS_OF)
        asked = {f"r{n}": condition(rule, table, means, AS_OF) for n, rule in enumerate(rules)}
        found = {row["customer_id"]: row for row in spark.rows(table.select("customer_id", **asked))}
        values = {row["customer_id"]: row for row in spark.rows(metrics)}
        one = All((MetricTest("spend", Op.GE, Decimal(1), Relative.MEAN), Not(InTier("ordinary"))))
        assert sorted(row["customer_id"] for row in spark.rows(members(spark, one, AS_OF))) == [1, 4]
    for customer, held in FIELDS.items():
        known = {"tier": TIERS.get(customer), "tags": TAGS.get(customer, set())}
        for n, rule in enumerate(rules):
            expected = holds(rule, {**values[customer], **held, **known}, means)
            assert found[customer][f"r{n}"] == expected, (customer, rule)


@pytest.mark.parametrize("size", [1, 25, 100])
def test_percentiles_are_the_values_of_the_definition(cluster: Cluster, size: int) -> None:
    """0.28 of 25 values is the seventh, though 25 × 0.28 comes to a hair more in binary."""
    with cluster.session({}) as spark:
        spark.spark.sql(f"SELECT id FROM range(1, {size + 1})").createOrReplaceTempView("counted")
        found = spark.quantiles("counted", {"id": [share / 100 for share in range(101)]})["id"]
    assert found == tuple(max(1, -(-share * size // 100)) for share in range(101))


def test_compare_finds_agreement_and_what_differs(both: tuple[Session, SparkSession], tmp_path: Path) -> None:
    session, spark = both
    said = compare(session, spark, AS_OF, method=v1.Quantiles(), exchange=Exchange(tmp_path))
    assert [one.what for one in said] == ["metrics", "rfm", "cohorts"]
    assert all(one.holds and one.rows for one in said)
    session.cursor.execute("UPDATE lake.main.orders SET amount = amount + 1 WHERE id % 7 = 0")
    metrics, *_ = compare(session, spark, AS_OF, method=v1.Quantiles(), exchange=Exchange(tmp_path))
    assert not metrics.holds
    assert metrics.differing["spend"] > 0
    assert "orders" not in metrics.differing


def test_the_files_hold_what_the_lake_shows(shop: Shop, cluster: Cluster) -> None:
    for customer in range(1, 6):
        shop.run("INSERT INTO shop_customer VALUES (%s, 'c')", customer)
        shop.order(customer, f"{customer}.50")
    with shop.lake.session() as session:
        sync(session, [CUSTOMERS, ORDERS], shop.dsn)
        shop.run("DELETE FROM shop_order WHERE customer_id = 2")
        shop.run("UPDATE shop_order SET amount = 9 WHERE customer_id = 3")
        sync(session, [CUSTOMERS, ORDERS], shop.dsn)
        files = plain_files(session)
        with cluster.session(files) as spark:
            ours, theirs = (
                sorted(one.rows(one.table("orders")), key=lambda row: row["id"]) for one in (session, spark)
            )
            assert theirs == ours
            assert [row["amount"] for row in theirs] == [Decimal(a) for a in ("1.50", "9.00", "4.50", "5.50")]
            assert spark.rows(spark.table("events")) == []
        there = plain_files(session, here=str(shop.lake.data_path), seen_from="s3a://lake/")
        assert there["orders"].paths
        assert all(path.startswith("s3a://lake/main/orders/") for path in there["orders"].paths)


def test_what_is_kept_ends_with_the_session(both: tuple[Session, SparkSession], cluster: Cluster) -> None:
    _, spark = both
    kept = spark.keep(spark.table("orders").select("id"), "some")
    assert spark.number(f"SELECT count(*) FROM {kept.op().name}") > 0
    spark.drop(kept)
    assert not spark.spark.catalog.tableExists(kept.op().name)
    with pytest.raises(NotImplementedError, match="DuckDB"):
        spark.cursor.execute("SELECT 1")


def test_a_cluster_out_of_reach_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("JAVA_HOME", "")
    with pytest.raises(SparkUnreachable) as refused, Cluster("spark://nowhere:1").session({}):
        pass
    assert "Java 17" in refused.value.reason.en
    assert "openjdk-17" in refused.value.remedy.en
