"""Histories folded by numpy give what SQL gives, in whatever stretches they are read and whoever is asked about."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.oracle import World, all_metrics
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.histories import Column, Fold, History, ordered, words
from zhike.engine.lake import Session
from zhike.engine.metrics import CATALOGUE, compute, computing, folding
from zhike.engine.metrics.computing import DATED, asked, parted, parts_of, tables_read
from zhike.engine.metrics.folding import folded
from zhike.engine.metrics.windows import When

quickly = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
Rows = dict[int, dict[str, Any]]


def keyed(session: Session, table: ibis.Table) -> Rows:
    return {row["customer_id"]: row for row in session.rows(table)}


def parts_by_folding(session: Session, as_of: date, among: ibis.Table | None = None) -> Rows:
    wanted = asked(None)
    tables = tables_read(session, wanted)
    with folded(session, tables, DATED, parts_of(wanted), as_of, among=among) as found:
        return keyed(session, found)


def parts_by_sql(session: Session, as_of: date) -> Rows:
    wanted = asked(None)
    return keyed(session, parted(tables_read(session, wanted), When(on=as_of), wanted))


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch holds a handful of facts, two stretches are read at once, and two words of a column are many."""
    monkeypatch.setattr(folding, "ROWS", 4)
    monkeypatch.setattr(folding, "_room", lambda session: 8)
    monkeypatch.setattr(words, "FEW", 1)


def test_every_part_is_that_of_sql(session: Session) -> None:
    @quickly
    @given(world=worlds(), later=st.sampled_from([0, 1, 29, 365]))
    def agree(world: World, later: int) -> None:
        as_of = AS_OF + timedelta(days=later)
        pour(session, world)
        assert parts_by_folding(session, as_of) == parts_by_sql(session, as_of)

    agree()


def test_metrics_are_the_same_in_many_stretches(session: Session, small_stretches: None) -> None:
    @quickly
    @given(world=worlds())
    def agree(world: World) -> None:
        pour(session, world)
        assert keyed(session, compute(session, AS_OF)) == all_metrics(world, AS_OF)

    agree()


def test_some_customers_have_the_parts_they_have_among_all(session: Session, small_stretches: None) -> None:
    @quickly
    @given(world=worlds(), chosen=st.sets(st.integers(1, 9)))
    def agree(world: World, chosen: set[int]) -> None:
        pour(session, world)
        everybody = parts_by_folding(session, AS_OF)
        few = parts_by_folding(session, AS_OF, among=session.ids(chosen))
        assert few == {key: row for key, row in everybody.items() if key in chosen}

    agree()


def test_numbers_far_apart_are_sorted_too(session: Session) -> None:
    ids = [3, 2**40, 2**62]
    fill(session, "customers", [{"id": one, "created_on": AS_OF} for one in ids])
    days = [AS_OF - timedelta(days=n) for n in (400, 9, 2)]
    orders = [
        {"id": n, "customer_id": ids[n % 3], "placed_on": day, "placed_at": day, "amount": n, "discount": 0}
        for n, day in enumerate(sorted(days * 3))
    ]
    fill(session, "orders", orders)
    lines = [
        {"id": n, "customer_id": ids[n % 3], "order_id": 2**62 - n // 3, "placed_on": AS_OF, "quantity": 1}
        for n in range(12)
    ]
    fill(session, "order_lines", lines)
    found = keyed(session, compute(session, AS_OF))
    assert {row["lines_per_order"] for row in found.values()} == {Decimal(1)}
    told = {key: (row["orders"], row["purchase_days"], row["longest_gap"]) for key, row in found.items()}
    assert told == dict.fromkeys(ids, (3, 3, 391))


def test_the_first_of_several_orders_of_a_day_is_told_by_moment_and_number(session: Session) -> None:
    fill(session, "customers", [{"id": one, "created_on": AS_OF} for one in (1, 2, 3)])
    noon, later = datetime(2017, 1, 5, 12), datetime(2017, 1, 5, 13)
    placed = [(1, 1, later, 10), (2, 1, noon, 20), (5, 2, noon, 30), (4, 2, noon, 40), (6, 3, later, 50)]
    fill(
        session,
        "orders",
        [
            {"id": n, "customer_id": c, "placed_at": at, "placed_on": at.date(), "amount": a, "discount": 0}
            for n, c, at, a in placed
        ],
    )
    found = keyed(session, compute(session, AS_OF))
    assert {key: row["first_order"] for key, row in found.items()} == {
        1: Decimal(20),
        2: Decimal(40),
        3: Decimal(50),
    }


def test_one_pass_stays_with_sql() -> None:
    assert not computing.folds(["spend", "orders_90d", "recency_days", "returns"])
    assert computing.folds(["spend", "longest_gap"])
    assert computing.folds(CATALOGUE)


@pytest.fixture
def history() -> Iterator[History]:
    """Two customers: 7 with three rows, the second unknown; 9 with one, unknown."""
    owners = np.array([7, 7, 7, 9])
    amount = Column(np.array([100, 0, 300, 0]), np.array([True, False, True, False]), scale=2)
    kind = Column(np.array([0, 1, 1, 0]), words=("in", "out"))
    return ordered(owners, {"day": Column(np.array([1, 2, 3, 4])), "amount": amount, "kind": kind})


TABLE = ibis.table({"amount": "decimal(14, 2)", "kind": "string"}, "t")


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        (TABLE.count(), [3, 1]),
        (TABLE.amount.count(), [2, 0]),
        (TABLE.count(where=TABLE.amount > 1), [1, 0]),
        (TABLE.amount.sum(), [400, None]),
        (TABLE.amount.min(), [100, None]),
        (TABLE.amount.max(where=TABLE.kind == "in"), [100, None]),
        (TABLE.count(where=TABLE.kind == "never"), [0, 0]),
        (TABLE.kind.nunique(), [2, 1]),
        (TABLE.kind.nullif("in").nunique(), [1, 0]),
        (TABLE.amount.sum().fill_null(0), [400, 0]),
    ],
    ids=lambda given: given.get_name() if isinstance(given, ibis.Value) else "",
)
def test_unknown_values_are_left_out_as_in_sql(
    history: History, expression: ibis.Value, values: list[int | None]
) -> None:
    found = Fold(history, {}).of(expression)
    known = [True, True] if found.known is None else found.known.tolist()
    assert [one if here else None for one, here in zip(found.values.tolist(), known, strict=True)] == values


def test_what_no_metric_uses_is_refused(history: History) -> None:
    with pytest.raises(NotImplementedError, match="Mean"):
        Fold(history, {}).of(TABLE.amount.mean())
