"""Questions about large orders in sight; whoever asks sees the customers within their scope."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from zhike.core.text import Text
from zhike.engine.large_orders import LABELS
from zhike.insight.models import LargeOrder
from zhike.kernel.models import User
from zhike.kernel.scope import within

ANY = "any"


def large_orders(user: User) -> QuerySet[LargeOrder]:
    """The signals of the customers the user may see, most points first."""
    found = LargeOrder.objects.filter(within(user, "customer__")).select_related("customer")
    return found.order_by("-points", "customer")


def signs(one: LargeOrder) -> list[Text]:
    """The signs of one signal in words."""
    return [LABELS[sign] for sign in one.signs if sign in LABELS]


def with_large_order(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to those with a large order in sight, by any sign or by one."""
    found = LargeOrder.objects.all()
    if value != ANY:
        found = found.filter(signs__contains=[value])
    return customers.filter(pk__in=found.values("pk"))
