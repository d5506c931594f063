"""Tiers and placements for other programs."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.kernel.api import After, ApiRequest, needs, page_of
from zhike.kernel.rights import Right
from zhike.tiers import queries, segment_api

router = Router(tags=["tiers"])
router.add_router("", segment_api.router)


class TierOut(Schema):
    """A tier with its customers within the user's scope."""

    key: str
    label: dict[str, str]
    color: str
    order: int
    customers: int


class PlacementOut(Schema):
    """Where a customer stands and why."""

    customer: UUID
    code: str
    tier: str
    since: date
    method: str
    reasons: dict[str, Any]


class PlacementPage(Schema):
    """One page of placements."""

    items: list[PlacementOut]
    next: str | None


class PlacementFilter(After):
    """Which placements."""

    tier: str = Field("", max_length=60)
    customer: UUID | None = None


@router.get("/tiers", response=list[TierOut])
@needs(Right.TIERS_VIEW)
def list_tiers(request: HttpRequest) -> list[dict[str, Any]]:
    """The tiers in use, in order."""
    return [
        {
            "key": one.tier.key,
            "label": one.tier.label.as_json(),
            "color": one.tier.color,
            "order": one.tier.order,
            "customers": one.customers,
        }
        for one in queries.figures(cast(ApiRequest, request).user)
    ]


@router.get("/placements", response=PlacementPage)
@needs(Right.TIERS_VIEW)
def list_placements(request: HttpRequest, wanted: Query[PlacementFilter]) -> dict[str, Any]:
    """The tier of each customer, with the reasons."""
    found = queries.placements(cast(ApiRequest, request).user).select_related("customer", "tier")
    if wanted.tier:
        found = found.filter(tier__key=wanted.tier)
    if wanted.customer is not None:
        found = found.filter(customer__key=wanted.customer)
    return page_of(found, wanted, lambda rows: [_placement(row) for row in rows])


def _placement(row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("since", "method", "reasons")}
    return {**told, "customer": row.customer.key, "code": row.customer.code, "tier": row.tier.key}
