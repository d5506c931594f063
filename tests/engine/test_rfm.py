"""RFM v1 against readable cases, against plain Python on random data, and against itself."""

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.oracle import World, all_metrics, rfm_by_quantiles, rfm_by_thresholds
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.rfm import v1

CASES = list(csv.DictReader((Path(__file__).parent.parent / "cases" / "rfm.csv").open(encoding="utf-8")))
CASE_METHOD = v1.Thresholds(
    recency_days=30, frequency_days=180, frequency=5, monetary=Decimal(1500), relative=None
)
quickly = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def parsed(written: str, dated: str) -> list[dict[str, Any]]:
    pairs = [entry.split() for entry in written.split(";") if entry.strip()]
    return [
        {
            "id": n,
            "customer_id": 1,
            dated: date.fromisoformat(day),
            "placed_at": datetime.fromisoformat(day),
            "amount": Decimal(amount),
            "discount": Decimal(0),
            "channel": None,
        }
        for n, (day, amount) in enumerate(pairs)
    ]


def world_of(case: dict[str, str]) -> World:
    return World(
        customers=[{"id": 1, "created_on": date(2016, 1, 1)}],
        orders=parsed(case["orders"], "placed_on"),
        returns=parsed(case["returns"], "returned_on"),
    )


def run(session: Session, world: World, as_of: date, method: v1.Method) -> dict[int, dict[str, Any]]:
    pour(session, world)
    table = compute(session, as_of, v1.inputs(method))
    classified = v1.classify(table, method, v1.cuts(session, table, method))
    rows = session.rows(table.inner_join(classified, "customer_id"))
    return {row["customer_id"]: row for row in rows}


def facts(case: dict[str, str]) -> tuple[int | None, int, Decimal, str]:
    recency = int(case["recency_days"]) if case["recency_days"] else None
    return recency, int(case["orders_180d"]), Decimal(case["spend"]), case["class"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases_in_the_lake(session: Session, case: dict[str, str]) -> None:
    row = run(session, world_of(case), date.fromisoformat(case["as_of"]), CASE_METHOD)[1]
    named = v1.CLASSES[row["rfm_class"]].zh
    assert (row["recency_days"], row["orders_180d"], row["spend"], named) == facts(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases_in_plain_python(case: dict[str, str]) -> None:
    rows = all_metrics(world_of(case), date.fromisoformat(case["as_of"]))
    named = rfm_by_thresholds(rows, 30, 5, Decimal(1500), mean=False)[1]
    assert (rows[1]["recency_days"], rows[1]["orders_180d"], rows[1]["spend"], named) == facts(case)


def judged(session: Session, world: World, method: v1.Method) -> dict[int, dict[str, Any]]:
    pour(session, world)
    table = compute(session, AS_OF, v1.inputs(method))
    classified = v1.classify(table, method, v1.cuts(session, table, method))
    return {
        row["customer_id"]: row | {"named": v1.CLASSES[row["rfm_class"]].zh}
        for row in session.rows(classified)
    }


def test_thresholds_agree_with_plain_python(session: Session) -> None:
    @quickly
    @given(world=worlds(), times=st.sampled_from(["0.5", "1", "1.5", "2"]).map(Decimal), mean=st.booleans())
    def agree(world: World, times: Decimal, mean: bool) -> None:
        money = times if mean else times * 1000
        relative: Literal["mean"] | None = "mean" if mean else None
        method = v1.Thresholds(recency_days=30, frequency=2, monetary=money, relative=relative)
        rows = judged(session, world, method)
        expected = rfm_by_thresholds(all_metrics(world, AS_OF), 30, 2, money, mean=mean)
        assert {key: row["named"] for key, row in rows.items()} == expected

    agree()


def test_quantiles_agree_with_plain_python(session: Session) -> None:
    @quickly
    @given(world=worlds(), buckets=st.integers(2, 6))
    def agree(world: World, buckets: int) -> None:
        method = v1.Quantiles(buckets=buckets, high_from=buckets // 2 + 1)
        rows = judged(session, world, method)
        scored = {key: (row["r"], row["f"], row["m"], row["named"]) for key, row in rows.items()}
        assert scored == rfm_by_quantiles(all_metrics(world, AS_OF), buckets, buckets // 2 + 1)

    agree()


@pytest.mark.parametrize("method", [v1.Thresholds(), v1.Quantiles()], ids=["thresholds", "quantiles"])
def test_classes_sum_to_all_customers(session: Session, method: v1.Method) -> None:
    @quickly
    @given(world=worlds())
    def add_up(world: World) -> None:
        pour(session, world)
        table = compute(session, AS_OF, v1.inputs(method))
        everybody = session.number(f"SELECT count(*) FROM ({session.ibis.compile(table)})")
        classified = v1.classify(table, method, v1.cuts(session, table, method))
        counts = v1.counts(session, classified)
        assert list(counts) == list(v1.CLASSES) and sum(counts.values()) == everybody
        assert all(sum(scores.values()) == everybody for scores in v1.shares(session, classified).values())

    add_up()


def test_equal_customers_are_classed_equally_however_many_tie(session: Session) -> None:
    """One order each, as in most shops: whatever bucket they fall in, they fall in it together."""
    fill(session, "customers", [{"id": n, "created_on": AS_OF} for n in range(100)])
    fill(
        session,
        "orders",
        [
            {"id": n, "customer_id": n, "placed_on": AS_OF, "placed_at": AS_OF, "amount": 10}
            for n in range(100)
        ],
    )
    method = v1.Quantiles()
    table = compute(session, AS_OF, v1.inputs(method))
    classified = session.keep(v1.classify(table, method, v1.cuts(session, table, method)))
    assert v1.shares(session, classified) == {"r": {5: 100}, "f": {1: 100}, "m": {1: 100}}


@pytest.mark.parametrize("buckets", range(2, 11))
def test_as_many_buyers_as_buckets_take_one_each(session: Session, buckets: int) -> None:
    """Where a cut falls on a customer exactly: fractions such as 5/6 are not exact in binary."""
    buyers = range(1, buckets + 1)
    placed = {"placed_on": AS_OF, "placed_at": AS_OF}
    pairs = [(buyer, order) for buyer in buyers for order in range(buyer)]
    orders = [{"id": n, "customer_id": pair[0], "amount": 10} | placed for n, pair in enumerate(pairs)]
    world = World(customers=[{"id": n, "created_on": AS_OF} for n in buyers], orders=orders)
    rows = judged(session, world, v1.Quantiles(buckets=buckets, high_from=2))
    assert {key: (row["f"], row["m"]) for key, row in rows.items()} == {n: (n, n) for n in buyers}


def test_stored_cuts_reproduce_the_classes(session: Session) -> None:
    """Last quarter's cut points applied again give last quarter's classes."""
    fill(session, "customers", [{"id": 1, "created_on": AS_OF}])
    fill(
        session, "orders", [{"id": 1, "customer_id": 1, "placed_on": AS_OF, "placed_at": AS_OF, "amount": 10}]
    )
    table = compute(session, AS_OF, v1.inputs(CASE_METHOD))
    low = v1.Cuts(recency=(0,), frequency=(1,), monetary=(Decimal(10),))
    row = session.rows(v1.classify(table, CASE_METHOD, low))[0]
    assert (row["r"], row["f"], row["m"], row["rfm_class"]) == (1, 1, 1, "champions")


def test_nobody_bought(session: Session) -> None:
    fill(session, "customers", [{"id": 1, "created_on": AS_OF}])
    for method in (v1.Thresholds(), v1.Quantiles()):
        table = compute(session, AS_OF, v1.inputs(method))
        row = session.rows(v1.classify(table, method, v1.cuts(session, table, method)))[0]
        assert (row["r"], row["f"], row["m"], row["rfm_class"]) == (0, 0, 0, "dormant")


def test_windows_of_their_own(session: Session) -> None:
    method = v1.Thresholds(frequency_days=45, monetary_metric="spend_60d")
    assert v1.inputs(method) == ("recency_days", "orders_45d", "spend_60d")
    assert v1.inputs(v1.Quantiles()) == ("recency_days", "orders", "spend")
