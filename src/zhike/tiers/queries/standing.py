"""Who stands in which tier now, and what each tier is worth, within the asker's scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from zhike.core.text import Text
from zhike.insight import queries as insight
from zhike.kernel import bulk
from zhike.kernel.models import User
from zhike.kernel.scope import within
from zhike.tiers.facts import TierName
from zhike.tiers.models import Placement, Tier

UNPLACED = "unplaced"
_EXPORT_CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFigures:
    """One tier in numbers, within a scope."""

    tier: TierName
    customers: int
    spend: Decimal
    orders: int
    repeat: int
    recent: int


def tiers() -> QuerySet[Tier]:
    """The tiers in use, in order."""
    return Tier.objects.filter(retired=False).order_by("order", "key")


def name_of(tier: Tier) -> TierName:
    """A tier as badges show it."""
    return TierName(key=tier.key, label=tier.name, color=tier.color, order=tier.order)


def names() -> dict[str, TierName]:
    """Every tier by key, retired ones too."""
    return {tier.key: name_of(tier) for tier in Tier.objects.order_by("order", "key")}


def current(customer: Any) -> Placement | None:
    """The open placement of a customer (an instance or an id) whom the caller may see."""
    wanted = customer if isinstance(customer, int) else customer.pk
    return Placement.objects.filter(customer_id=wanted, until=None).select_related("tier", "by").first()


def badges(customer_ids: Iterable[int]) -> dict[int, TierName]:
    """The tier of each of some customers, for a page of a list."""
    found = Placement.objects.filter(bulk.among("customer_id", customer_ids), until=None).select_related(
        "tier"
    )
    return {placement.customer_id: name_of(placement.tier) for placement in found}


def members(tier: str) -> QuerySet[Placement, int]:
    """The ids of a tier's customers, to narrow a query that is within somebody's scope."""
    return Placement.objects.filter(until=None, tier__key=tier).values_list("customer_id", flat=True)


def placements(user: User) -> QuerySet[Placement]:
    """The open placements of the customers the user may see."""
    return Placement.objects.filter(within(user, "customer__"), until=None).select_related("tier")


def placed_on(day: date) -> QuerySet[Placement]:
    """Everybody's placements as they stood on a day: for planning by the system, not for showing to somebody."""
    return Placement.objects.filter(Q(until=None) | Q(until__gt=day), since__lte=day)


def history(customer: Any) -> QuerySet[Placement]:
    """All placements of a customer whom the caller may see, latest first."""
    return Placement.objects.filter(customer=customer).select_related("tier", "by").order_by("-since", "-id")


def figures(user: User) -> list[TierFigures]:
    """Customers, spend, orders, repeat buyers and recent buyers (90 days) of every tier, in order."""
    scope, parameters = insight.scope_sql(user, "p.customer_id")
    run = insight.latest()
    as_of = run.as_of if run else date.min
    rows = bulk.rows(
        f"""
        SELECT tier.key, count(*), coalesce(sum(s.spend), 0), coalesce(sum(s.orders), 0),
               count(*) FILTER (WHERE s.orders >= 2), count(*) FILTER (WHERE s.last_purchase_on > %s::date - 90)
        FROM tiers_placement p
        JOIN tiers_tier tier ON tier.id = p.tier_id
        LEFT JOIN insight_score s ON s.customer_id = p.customer_id
        WHERE p.until IS NULL AND {scope}
        GROUP BY tier.key
        """,
        [as_of, *parameters],
    )
    found = {key: numbers for key, *numbers in rows}
    shown = [tier for tier in Tier.objects.order_by("order", "key") if tier.key in found or not tier.retired]
    return [_figures(name_of(tier), found.get(tier.key, [0, Decimal(0), 0, 0, 0])) for tier in shown]


def _figures(tier: TierName, numbers: list[Any]) -> TierFigures:
    customers, spend, orders, repeat, recent = numbers
    return TierFigures(
        tier=tier, customers=customers, spend=Decimal(spend), orders=int(orders), repeat=repeat, recent=recent
    )


def counts(user: User) -> dict[str, int]:
    """Customers per tier within the user's scope, every tier in use."""
    return {one.tier.key: one.customers for one in figures(user)}


def unplaced(user: User) -> int:
    """Customers the user may see who have no tier yet."""
    return insight.customers_seen(user) - placements(user).order_by().count()


def highest_spend(user: User, tier: str, most: int) -> list[Any]:
    """The customers of a tier who spent most, within the user's scope, with customer and score."""
    found = insight.scores(user).filter(customer__in=members(tier)).select_related("customer")
    return list(found.order_by("-spend", "pk")[:most])


def exported(user: User) -> Iterator[Placement]:
    """The open placements of the customers the user may see, by customer code, with the customer."""
    rows = placements(user).select_related("customer").order_by("customer__code")
    yield from rows.iterator(chunk_size=_EXPORT_CHUNK)


def label_of(tier: TierName | None) -> Text:
    """A tier's name, or the words for not having one yet."""
    return tier.label if tier else Text("未分层", "Not placed yet")
