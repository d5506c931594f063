"""A customer base with purchases, for tests that compute scores and tiers in the lake, and one that is scored by hand."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from zhike.activity.models import Order, OrderLine, Product, Return
from zhike.blueprint import queries as blueprints
from zhike.customers.models import Customer
from zhike.insight.models import Run, Score
from zhike.kernel import actions, queries
from zhike.kernel.models import User
from zhike.tiers.actions.placing import adopt
from zhike.tiers.models import Placement, Tier

TODAY = date(2017, 12, 31)
_numbers = count(1)


@pytest.fixture
def today(db: None) -> date:
    """The business date stands still at the end of 2017."""
    actions.describe_installation(is_demo=True, business_date=TODAY, by=None)
    queries.forget_installation()
    return TODAY


def customer(manager: User | None = None, *, code: str = "", name: str = "张三丰", **values: Any) -> Customer:
    """A customer of a manager, with field values."""
    joined = timezone.make_aware(datetime(2017, 1, 1, 12))
    return Customer.objects.create(
        code=code or f"K{next(_numbers):05d}",
        kind="person",
        name=name,
        manager=manager,
        department=manager.department if manager else None,
        values=values,
        created_at=joined,
        updated_at=joined,
    )


def buys(one: Customer, *days_ago: int, amount: str = "100.00", channel: str = "门店") -> list[Order]:
    """Orders so many days before TODAY."""
    made = []
    for days in days_ago:
        at = timezone.make_aware(datetime.combine(TODAY - timedelta(days=days), time(12)))
        made.append(
            Order.objects.create(
                customer=one,
                source="test",
                number=f"O{next(_numbers)}",
                placed_at=at,
                amount=Decimal(amount),
                channel=channel,
            )
        )
    return made


def line(order: Order, category: str) -> OrderLine:
    """A line of an order in a category."""
    product = Product.objects.get_or_create(
        code=f"P-{category}", defaults={"category": category, "source": "test"}
    )[0]
    return OrderLine.objects.create(
        order=order, product=product, position="1", quantity=1, amount=order.amount
    )


def brings_back(order: Order, amount: str, days_ago: int = 0) -> Return:
    """Money given back for an order."""
    return Return.objects.create(
        customer=order.customer,
        order=order,
        source="test",
        number=f"R{next(_numbers)}",
        returned_on=TODAY - timedelta(days=days_ago),
        amount=Decimal(amount),
    )


def scored(
    one: Customer, rfm_class: str = "champions", *, spend: str = "100.00", orders: int = 1, **metrics: Any
) -> Score:
    """A score as a run would have written it."""
    return Score.objects.create(
        customer=one,
        as_of=TODAY,
        spend=Decimal(spend),
        orders=orders,
        last_purchase_on=TODAY - timedelta(days=6),
        r=1,
        f=1,
        m=0,
        rfm_class=rfm_class,
        metrics={
            "spend_12m": float(spend),
            "orders_180d": orders,
            "average_order": float(spend) / orders,
            **metrics,
        },
    )


def ran(kind: str = "rfm", as_of: date = TODAY, **counts: int) -> Run:
    """A run of the past."""
    params: Mapping[str, Any] = {
        "kind": "thresholds",
        "recency_days": 30,
        "frequency": 5,
        "frequency_days": 180,
        "monetary": "1.5",
        "relative": "mean",
        "metrics": ["recency_days", "orders_180d", "average_order"],
        "cuts": {"recency": [30], "frequency": [5], "monetary": ["151.62"]},
    }
    return Run.objects.create(
        kind=kind,
        method="rfm/v1" if kind == "rfm" else "first_match/v1",
        version=blueprints.current_version(),
        params=params if kind == "rfm" else {"figures": {"spend": "100"}},
        as_of=as_of,
        customers=sum(counts.values()),
        counts=counts,
        changes={"written": 1},
        at=timezone.now(),
    )


def placed(
    one: Customer, tier: str, since: date = TODAY, until: date | None = None, **more: Any
) -> Placement:
    """A placement as a run would have written it."""
    reasons = {
        "method": "first_match/v1",
        "version": 1,
        "figures": {"spend": "200.00"},
        "values": {"spend": 800.5, "recency_days": 6},
        "ticks": [
            {"test": {"metric": "spend", "op": ">=", "value": 3.5, "relative": "mean"}, "holds": True},
            {"test": {"metric": "recency_days", "op": "<", "value": 60}, "holds": True},
        ],
    }
    more = {"method": "first_match/v1", "as_of": since, "reasons": reasons, **more}
    return Placement.objects.create(
        customer=one, tier=Tier.objects.get(key=tier), since=since, until=until, **more
    )


def tiers() -> None:
    """The tiers and rule tags of the blueprint in force exist."""
    adopt(blueprints.current())
