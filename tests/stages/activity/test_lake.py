"""What the lake copies of customers and facts: the promised shapes, and the same money to the cent."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.chunks import chunk, source, take, the
from tests.stages.activity.test_absorb import TYPES

from zhike.activity import actions, doctor, queries
from zhike.activity.models import Order
from zhike.engine.lake import SHAPES
from zhike.kernel import lake as the_lake
from zhike.kernel import slots

ZHANG = {
    "code": "C1",
    "name": "张三丰",
    "phone": "+8613800138000",
    "region": "310100",
    "joined_on": "2023-05-06",
}
KINDS = ("customers", "orders", "order_lines", "returns", "interactions", "feedback", "events")


@pytest.fixture
def filled(lake: None, retail: object) -> None:
    take(ZHANG, {"code": "C2", "name": "李四"})
    rows = [
        {
            "number": f"S{n}", "customer_code": "C1", "placed_at": datetime(2024, 3, 5, 17, tzinfo=UTC),
            "product_code": "P1", "category": "乳品", "amount": Decimal("10.10"), "row_key": f"{n}-1",
        }
        for n in range(3)
    ]  # fmt: skip
    actions.absorb("orders", chunk(rows, TYPES), source=source("shop"), by=None)
    back = [
        {
            "customer_code": "C1",
            "returned_on": datetime(2024, 3, 9).date(),
            "amount": Decimal("0.30"),
            "row_key": "r",
        }
    ]
    actions.absorb("returns", chunk(back, TYPES), source=source("shop"), by=None)


def test_the_lake_holds_the_facts_and_no_names(filled: None) -> None:
    the_lake.sync()
    with the_lake.session() as session:
        for kind in KINDS:
            assert session.table(kind).columns == tuple(SHAPES[kind])
        everything = str(
            [session.cursor.execute(f"SELECT * FROM lake.main.{kind}").fetchall() for kind in KINDS]
        )
        (line,) = session.cursor.execute(
            "SELECT DISTINCT placed_on, category FROM lake.main.order_lines"
        ).fetchall()
    assert "张三丰" not in everything and "13800138000" not in everything
    assert "2023-05-06" in everything or "2023, 5, 6" in everything
    assert (str(line[0]), line[1]) == ("2024-03-06", "乳品")


def test_spend_agrees_and_the_doctor_sees_when_it_does_not(filled: None) -> None:
    the_lake.sync()
    pk = the("C1").pk
    assert queries.purchase_totals([pk])[pk].spend == Decimal("30.00")
    assert doctor.spend_agrees() == []
    Order.objects.filter(number="S1").update(amount=Decimal("10.11"))
    assert doctor.spend_agrees()
    the_lake.sync()
    assert doctor.spend_agrees() == []


def test_an_erased_customer_leaves_the_lake(filled: None) -> None:
    the_lake.sync()
    slots.erase_customer(the("C1").pk)
    the("C1").delete()
    the_lake.sync()
    with the_lake.session() as session:
        for kind in KINDS:
            rows = session.cursor.execute(f"SELECT count(*) FROM lake.main.{kind}").fetchone()
            assert rows == (1 if kind == "customers" else 0,)
