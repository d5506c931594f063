"""Questions about what customers did; everything stays within the asker's customers."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import pyarrow as pa
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Model, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.shortcuts import get_object_or_404

from zhike.activity import words
from zhike.activity.facts import Purchases
from zhike.activity.models import Feedback, Interaction, Order, OrderLine, Product, Return
from zhike.kernel import bulk, prose
from zhike.kernel.models import User
from zhike.kernel.rights import Right
from zhike.kernel.scope import within

Fact = TypeVar("Fact", bound=Model)

# As many groups of a customer's facts as a page of the timeline can need.
GROUPS = 40

PURCHASES = """
    SELECT c.id,
           coalesce((SELECT sum(o.amount) FROM activity_order o WHERE o.customer_id = c.id), 0)
         - coalesce((SELECT sum(r.amount) FROM activity_return r WHERE r.customer_id = c.id), 0),
           (SELECT count(*) FROM activity_order o WHERE o.customer_id = c.id),
           (SELECT (max(o.placed_at) AT TIME ZONE 'Asia/Shanghai')::date FROM activity_order o WHERE o.customer_id = c.id)
    FROM unnest(%s::bigint[]) AS c (id)
"""
MONTHS = """
    SELECT to_char(month, 'YYYY-MM'), sum(amount) FROM (
        SELECT date_trunc('month', placed_at AT TIME ZONE 'Asia/Shanghai') AS month, amount
        FROM activity_order WHERE customer_id = %(customer)s AND placed_at >= %(since)s::timestamp AT TIME ZONE 'Asia/Shanghai'
        UNION ALL
        SELECT date_trunc('month', returned_on::timestamp), -amount
        FROM activity_return WHERE customer_id = %(customer)s AND returned_on >= %(since)s
    ) spent GROUP BY month ORDER BY month
"""


def purchase_totals(customer_ids: Collection[int]) -> dict[int, Purchases]:
    """Spend to the cent (orders less returns), number of orders and day of the last one, for each customer asked for."""
    rows = bulk.rows(PURCHASES, [list(customer_ids)])
    return {
        customer: Purchases(spend=Decimal(spend).quantize(Decimal("0.01")), orders=count, last_on=last)
        for customer, spend, count, last in rows
    }


def spend_by_month(customer: int, months: list[str]) -> list[Decimal]:
    """What one customer spent in each of the months (YYYY-MM, in order), returns taken off."""
    since = date.fromisoformat(f"{months[0]}-01")
    spent: Mapping[str, Decimal] = dict(bulk.rows(MONTHS, {"customer": customer, "since": since}))
    return [Decimal(spent.get(month, 0)).quantize(Decimal("0.01")) for month in months]


def orders(user: User) -> QuerySet[Order]:
    """The orders of the asker's customers."""
    return _seen(Order.objects.filter(within(user, "customer__")), user).select_related("customer")


def interactions(user: User) -> QuerySet[Interaction]:
    """The interactions with the asker's customers."""
    found = Interaction.objects.filter(within(user, "customer__"))
    return _seen(found, user).select_related("customer", "by")


def shopping_days(user: User, customer: int, before: datetime) -> list[list[Order]]:
    """A customer's newest orders day by day, the latest first; only days that were over before a moment."""
    return _together(orders(user), customer, before, "placed_at")


def contacts(user: User, customer: int, before: datetime) -> list[list[Interaction]]:
    """A customer's newest interactions; those of a day, channel, purpose, direction and colleague are together."""
    return _together(interactions(user), customer, before, "at", "channel", "purpose", "direction", "by")


def _together(
    facts: QuerySet[Fact], customer: int, before: datetime, at: str, *alike: str
) -> list[list[Fact]]:
    """The newest groups of facts that share a day and what else counts; a group stands where its latest fact does."""
    mine = facts.filter(customer_id=customer)
    groups = (
        mine.order_by()
        .values(*alike, day=TruncDate(at))
        .annotate(latest=Max(at), members=ArrayAgg("pk", ordering=[f"-{at}", "-pk"]))
        .filter(latest__lt=before)
        .order_by("-latest")
        .values_list("members", flat=True)[:GROUPS]
    )
    found = list(groups)
    known = mine.in_bulk([pk for members in found for pk in members])
    return [[known[pk] for pk in members] for members in found]


def feedback(user: User) -> QuerySet[Feedback]:
    """The feedback of the asker's customers."""
    return _seen(Feedback.objects.filter(within(user, "customer__")), user).select_related("customer", "by")


def words_for(user: User, content: str, *, leaves: bool = False) -> str:
    """What was said, for those who may see personal values; others see that something was."""
    return prose.about(user, content, leaves=leaves)


def order_for(user: User, key: UUID) -> Order:
    """One order of a customer of the asker's, or 404."""
    return get_object_or_404(orders(user), key=key)


def lines_of(order_ids: Collection[int]) -> dict[int, list[OrderLine]]:
    """The lines of some orders with their products, in the order of the file."""
    found: dict[int, list[OrderLine]] = {pk: [] for pk in order_ids}
    for line in (
        OrderLine.objects.filter(order_id__in=list(order_ids)).select_related("product").order_by("pk")
    ):
        found[line.order_id].append(line)
    return found


def products(words: str = "") -> QuerySet[Product]:
    """The products, by code; narrowed to those whose code, name, category or brand holds every word."""
    found = Product.objects.order_by("code")
    for word in words.split()[:5]:
        found = found.filter(
            Q(code__icontains=word)
            | Q(name__icontains=word)
            | Q(category__icontains=word)
            | Q(brand__icontains=word)
        )
    return found


def goods() -> pa.Table:
    """All products for computing: code, name, category, label as one reads it, and whether one is withheld."""
    rows = list(Product.objects.order_by("pk").values_list("code", "name", "category", "withheld"))
    code, name, category, withheld = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "code": pa.array(code, pa.string()),
            "name": pa.array(name, pa.string()),
            "category": pa.array(category, pa.string()),
            "label": pa.array(
                [words.calm(said) or mark for mark, said in zip(code, name, strict=True)], pa.string()
            ),
            "withheld": pa.array([bool(why) for why in withheld], pa.bool_()),
        }
    )


def on_offer(grain: str, marks: Collection[str]) -> set[str]:
    """Which of these (codes, names or categories, as the grain says) hold a product that is not withheld."""
    column = {"product": "code"}.get(grain, grain)
    offered = Product.objects.filter(withheld="")
    of_own_name = set(offered.filter(**{f"{column}__in": marks}).values_list(column, flat=True))
    return of_own_name | set(offered.filter(code__in=marks, **{column: ""}).values_list("code", flat=True))


def channels() -> list[str]:
    """The channels that orders came through."""
    return _values("activity_order", "channel")


def contact_channels() -> list[str]:
    """The channels on which staff and customers met."""
    return _values("activity_interaction", "channel")


def feedback_channels() -> list[str]:
    """The channels that feedback came through."""
    return _values("activity_feedback", "channel")


def _values(table: str, column: str) -> list[str]:
    """The values of a column among the newest rows: enough to choose from, without reading millions."""
    newest = f"SELECT {column} AS value FROM {table} ORDER BY id DESC LIMIT 20000"
    rows = bulk.rows(f"SELECT DISTINCT value FROM ({newest}) n WHERE value <> '' LIMIT 50")
    return sorted(row[0] for row in rows)


def _seen(facts: QuerySet[Fact], user: User) -> QuerySet[Fact]:
    return facts if user.has(Right.ACTIVITY_VIEW) else facts.none()


def order_count(customer: int, *, since: date | None = None) -> int:
    """How many orders a customer placed, in all or from a day on."""
    found = Order.objects.filter(customer_id=customer)
    return (found.filter(placed_at__date__gte=since) if since else found).count()


def returns_of(customer: int, *, without_order: bool = False) -> list[Return]:
    """What a customer brought back, the latest first; or only what no order is known for."""
    found = Return.objects.filter(customer_id=customer).order_by("-returned_on", "-pk")
    return list(found.filter(order=None) if without_order else found)


def returned_of(order_ids: Collection[int]) -> dict[int, Decimal]:
    """How much was given back of some orders."""
    found = Return.objects.filter(order_id__in=list(order_ids)).values_list("order_id")
    return {order: amount for order, amount in found.annotate(amount=Sum("amount")) if order is not None}
