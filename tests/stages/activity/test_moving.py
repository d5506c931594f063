"""Facts follow their customer: into one record when two become one, and away when one is erased."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.chunks import chunk, source, take, the
from tests.stages.activity.test_absorb import TYPES

from zhike.activity import actions, queries
from zhike.activity.models import Event, Feedback, Interaction, Order, OrderLine, Return
from zhike.customers.models import Customer
from zhike.kernel import slots
from zhike.kernel.models import Deletion

pytestmark = pytest.mark.usefixtures("retail")
NOON = datetime(2024, 3, 5, 4, tzinfo=UTC)
FACTS = (Order, Return, Interaction, Feedback, Event)


@pytest.fixture(autouse=True)
def lives(retail: object) -> None:
    take({"code": "C1", "name": "张三"}, {"code": "C2", "name": "张三"})
    for code in ("C1", "C2"):
        whose = {"customer_code": code, "at": NOON}
        rows = {
            "orders": {
                "number": f"S{code}", "customer_code": code, "placed_at": NOON, "product_code": "P", "amount": Decimal(9),
                "row_key": "a",
            },
            "returns": {"customer_code": code, "returned_on": NOON.date(), "amount": Decimal(1), "row_key": code},
            "interactions": {**whose, "channel": "电话", "row_key": "same"},
            "feedback": {**whose, "rating": Decimal(4), "row_key": "same"},
            "events": {**whose, "kind": "到店", "row_key": code},
        }  # fmt: skip
        for kind, row in rows.items():
            assert actions.absorb(kind, chunk([row], TYPES), source=source("shop"), by=None).accepted == 1


def test_two_records_become_one() -> None:
    kept, gone = the("C1").pk, the("C2").pk
    slots.merge_customer(kept, gone)
    Customer.objects.filter(pk=gone).delete()
    assert [set(model.objects.values_list("customer", flat=True)) for model in FACTS] == [{kept}] * 5
    assert [model.objects.count() for model in FACTS] == [2, 2, 1, 1, 2]
    assert queries.purchase_totals([kept])[kept].spend == Decimal("16.00")


def test_erasing_takes_everything_and_tells_the_lake() -> None:
    gone = the("C1").pk
    slots.erase_customer(gone)
    assert [model.objects.filter(customer=gone).count() for model in FACTS] == [0] * 5
    assert [model.objects.count() for model in FACTS] == [1] * 5 and OrderLine.objects.count() == 1
    assert {"activity_order", "activity_orderline", "activity_return"} <= set(
        Deletion.objects.values_list("table_name", flat=True)
    )
