"""Staged facts become orders, returns, interactions, feedback and events; told again, nothing changes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from tests.chunks import chunk, source, take, the

from zhike.activity import actions, doctor, queries
from zhike.activity.models import Event, Feedback, Interaction, Order, OrderLine, Product, Return
from zhike.customers.facts import Outcome
from zhike.intake.models import Batch
from zhike.kernel.models import User

pytestmark = pytest.mark.usefixtures("retail")
NOON = datetime(2024, 3, 5, 4, tzinfo=UTC)
TYPES = {
    "placed_at": "datetime", "at": "datetime", "quantity": "number", "amount": "money", "discount": "money",
    "returned_on": "date", "rating": "number", "price": "money",
}  # fmt: skip


@pytest.fixture(autouse=True)
def two_customers(retail: object) -> None:
    take({"code": "C1", "name": "张三"}, {"code": "C2", "name": "李四"})


def batch(number: int = 1) -> Batch:
    return Batch.objects.create(
        source=source("shop"), kind="orders", file_name=f"{number}.csv", sha256=str(number), size=1
    )


def send(kind: str, *rows: Mapping[str, Any], of: Batch | None = None) -> Outcome:
    return actions.absorb(kind, chunk(rows, TYPES), source=source("shop"), by=None, batch=of)


def line(
    number: str, product: str | None, amount: str, key: str, customer: str = "C1", **more: Any
) -> dict[str, Any]:
    return {
        "number": number, "customer_code": customer, "placed_at": NOON, "product_code": product, "amount": Decimal(amount),
        "row_key": key, "quantity": Decimal(more.pop("quantity", 1)), **more,
    }  # fmt: skip


def amounts() -> dict[str, Decimal]:
    return dict(Order.objects.values_list("number", "amount"))


def snapshot() -> list[Any]:
    with connection.cursor() as cursor:
        found = []
        for table in ("order", "orderline", "return", "interaction", "feedback", "event", "product"):
            cursor.execute(f"SELECT t::text, t.xmin::text FROM activity_{table} t ORDER BY 1")
            found += cursor.fetchall()
        return found


def test_rows_with_one_number_form_one_order() -> None:
    first, second = line("S1", "P1", "10.50", "a-1", channel="门店"), line("S1", "P2", "0.25", "b-1")
    outcome = send("orders", first, second, line("S2", "P1", "3", "c-1"))
    assert (outcome.accepted, outcome.added, outcome.held) == (3, 2, ())
    assert amounts() == {"S1": Decimal("10.75"), "S2": Decimal("3.00")}
    assert Order.objects.get(number="S1").channel == "门店"
    assert set(Product.objects.values_list("code", flat=True)) == {"P1", "P2"}


def test_a_row_without_a_product_gives_the_total() -> None:
    send("orders", line("S1", None, "99", "t-1"), line("S1", "P1", "50", "a-1"))
    assert amounts() == {"S1": Decimal("99.00")}


def test_sending_again_changes_nothing() -> None:
    rows = [line("S1", "P1", "10", "a-1"), line("S1", "P1", "10", "a-2"), line("S2", None, "5", "t-1")]
    send("orders", *rows, of=batch(1))
    before = snapshot()
    outcome = send("orders", *rows, of=batch(2))
    assert (outcome.accepted, outcome.added, outcome.changed) == (3, 0, 0)
    assert snapshot() == before


FIELDS = (
    "number",
    "customer__code",
    "placed_at",
    "amount",
    "total",
    "discount",
    "channel",
    "store",
    "payment",
)


@pytest.mark.parametrize("product", [None, "P1"])
def test_new_orders_of_one_row_are_what_grouped_ones_are(product: str | None) -> None:
    rows = [
        line("S1", product, "10.50", "a-1", channel="门店", discount=Decimal("0.50")),
        line("S2", product, "3", "b-1", customer="C2", store="静安店", payment=""),
    ]
    outcome = send("orders", *rows)
    assert (outcome.accepted, outcome.added, outcome.changed) == (2, 2, 0)
    quick = list(Order.objects.order_by("number").values_list(*FIELDS))
    lines = OrderLine.objects.count()
    Order.objects.all().delete()
    again = line("S9", "P1", "1", "c-1")
    outcome = send("orders", *rows, again, {**again, "row_key": "c-2"})
    assert outcome.added == 3
    assert list(Order.objects.exclude(number="S9").order_by("number").values_list(*FIELDS)) == quick
    assert OrderLine.objects.exclude(order__number="S9").count() == lines == (2 if product else 0)


def test_a_whole_order_told_again_is_corrected() -> None:
    send("orders", line("S1", None, "10", "a-1"), line("S2", None, "5", "b-1"))
    outcome = send("orders", line("S1", None, "12", "a-1"), line("S3", None, "7", "c-1"))
    assert (outcome.added, outcome.changed) == (1, 1)
    assert amounts() == {"S1": Decimal(12), "S2": Decimal(5), "S3": Decimal(7)}


def test_an_order_told_in_two_chunks_is_one_order() -> None:
    first = batch(1)
    send("orders", line("S1", "P1", "10", "a-1"), of=first)
    send("orders", line("S1", "P1", "10", "a-2"), of=first)
    assert amounts() == {"S1": Decimal("20.00")} and OrderLine.objects.count() == 2


def test_a_numbered_line_is_corrected_in_place() -> None:
    send("orders", line("S1", "P1", "10", "#1"), line("S1", "P2", "5", "#2"), of=batch(1))
    send("orders", line("S1", "P1", "12", "#1"), line("S1", "P2", "5", "#2"), of=batch(2))
    assert amounts() == {"S1": Decimal("17.00")} and OrderLine.objects.count() == 2


def test_a_corrected_line_without_number_replaces_what_it_corrects() -> None:
    send("orders", line("S1", "P1", "10", "a-1"), line("S1", "P2", "5", "b-1"), of=batch(1))
    send("orders", line("S1", "P1", "12", "c-1"), line("S1", "P2", "5", "b-1"), of=batch(2))
    assert amounts() == {"S1": Decimal("17.00")} and OrderLine.objects.count() == 2


def test_a_new_product_of_a_known_order_is_added() -> None:
    send("orders", line("S1", "P1", "10", "a-1"), of=batch(1))
    send("orders", line("S1", "P2", "5", "b-1"), of=batch(2))
    assert amounts() == {"S1": Decimal("15.00")}


def test_unknown_customers_wait_with_a_remedy() -> None:
    outcome = send("orders", line("S1", "P1", "10", "a-1", customer="C9"), line("S2", "P1", "5", "b-1"))
    assert outcome.accepted == 1 and amounts() == {"S2": Decimal("5.00")}
    (held,) = outcome.held
    assert held.row == 2 and "C9" in held.reason.en and held.remedy.zh
    take({"code": "C9", "name": "王五"})
    assert send("orders", line("S1", "P1", "10", "a-1", customer="C9")).held == ()


@pytest.mark.parametrize("together", [True, False])
def test_an_order_has_one_customer(together: bool) -> None:
    mine, theirs = line("S1", "P1", "10", "a-1"), line("S1", "P2", "5", "b-1", customer="C2")
    if not together:
        send("orders", mine)
    outcome = send("orders", mine, theirs)
    assert [held.row for held in outcome.held] == [3] and "S1" in outcome.held[0].reason.zh
    assert amounts() == {"S1": Decimal("10.00")}


def test_products_fill_in_what_orders_could_not_tell() -> None:
    send("orders", line("S1", "P1", "10", "a-1"))
    stamp = OrderLine.objects.get().tx
    outcome = send("products", {"code": "P1", "name": "牛奶", "category": "乳品", "price": Decimal("12.80")})
    assert (outcome.added, outcome.changed) == (0, 1)
    assert Product.objects.get().category == "乳品"
    # The lake shows the category at the line: it is copied anew.
    assert (OrderLine.objects.get().tx or 0) >= (stamp or 0)
    assert send("products", {"code": "P1", "name": "牛奶"}).changed == 0


def test_returns_lower_the_spend() -> None:
    send("orders", line("S1", "P1", "10.00", "a-1"))
    rows = [
        {
            "order_number": "S1",
            "customer_code": "C1",
            "returned_on": NOON.date(),
            "amount": Decimal("2.50"),
            "row_key": "r-1",
        }
    ]
    assert send("returns", *rows).accepted == 1
    assert send("returns", *rows).added == 0 and Return.objects.count() == 1
    assert queries.purchase_totals([the("C1").pk])[the("C1").pk].spend == Decimal("7.50")


def test_returns_of_unknown_or_foreign_orders_wait() -> None:
    send("orders", line("S1", "P1", "10.00", "a-1"))
    base = {"returned_on": NOON.date(), "amount": Decimal(1)}
    outcome = send(
        "returns",
        {**base, "order_number": "S9", "customer_code": "C1", "row_key": "a"},
        {**base, "order_number": "S1", "customer_code": "C2", "row_key": "b"},
        {**base, "order_number": "S1", "customer_code": None, "row_key": "c"},
        {**base, "order_number": None, "customer_code": "C2", "row_key": "d"},
    )
    assert [held.row for held in outcome.held] == [2, 3] and outcome.accepted == 2
    assert (
        Return.objects.get(number="c").customer == the("C1") and Return.objects.get(number="d").order is None
    )


def test_interactions_feedback_and_events(wang: User) -> None:
    met = {
        "customer_code": "C1", "at": NOON, "channel": "电话", "direction": "in", "content": "问价格", "by": wang.email,
        "row_key": "#C1",
    }  # fmt: skip
    # One number for two customers (a campaign) is two interactions.
    assert send("interactions", met, {**met, "customer_code": "C2"}).added == 2
    assert send("interactions", met).added == 0
    assert Interaction.objects.get(customer=the("C1")).by == wang
    said = {"customer_code": "C1", "at": NOON, "rating": Decimal("4.5"), "content": "好", "row_key": "f-1"}
    assert send("feedback", said).added == 1 and send("feedback", said).added == 0
    assert (
        send("feedback", {**said, "rating": Decimal(3)}).changed == 1 and Feedback.objects.get().rating == 3
    )
    seen = {"customer_code": "C1", "at": NOON, "kind": "到店", "detail": "静安店", "row_key": "e-1"}
    assert send("events", seen, {**seen, "row_key": "e-2"}).added == 2 and send("events", seen).added == 0
    assert Event.objects.count() == 2


def test_totals_and_months_agree_with_the_orders() -> None:
    send(
        "orders",
        line("S1", "P1", "10.10", "a-1"),
        {**line("S2", "P1", "0.20", "b-1"), "placed_at": datetime(2024, 3, 31, 17, tzinfo=UTC)},
    )
    pk = the("C1").pk
    total = queries.purchase_totals([pk])[pk]
    # 17:00 UTC is already April in Shanghai.
    assert (total.spend, total.orders, str(total.last_on)) == (Decimal("10.30"), 2, "2024-04-01")
    assert queries.spend_by_month(pk, ["2024-02", "2024-03", "2024-04"]) == [
        0,
        Decimal("10.10"),
        Decimal("0.20"),
    ]


def test_the_doctor_finds_broken_amounts_and_stray_lines() -> None:
    send("orders", line("S1", "P1", "10", "a-1"))
    assert doctor.amounts_are_sums() == [] == doctor.no_stray_lines()
    Order.objects.update(amount=Decimal(11))
    assert "S1" in doctor.amounts_are_sums()[0].what.en
    Order.objects.all()._raw_delete("default")
    assert doctor.no_stray_lines()
