"""Scores, forecasts and recommendations for other programs."""

from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.customers import queries as customers
from zhike.insight import queries
from zhike.insight.queries import Told
from zhike.kernel.api import After, ApiRequest, needs, page_of
from zhike.kernel.rights import Right

router = Router(tags=["insight"])


class ScoreOut(Schema):
    """What a customer is worth and how they buy, as of a day; `metrics` by key, see /insight/metrics/."""

    customer: UUID
    code: str
    as_of: date
    spend: Decimal
    orders: int
    last_purchase_on: date | None
    r: int
    f: int
    m: int
    rfm_class: str
    metrics: dict[str, Any]


class ScorePage(Schema):
    """One page of scores."""

    items: list[ScoreOut]
    next: str | None


class ScoreFilter(After):
    """Which scores."""

    rfm_class: str = Field("", max_length=40)
    customer: UUID | None = None


class ForecastOut(Schema):
    """What a customer is expected to bring within a year (low to high: 80 %), and how likely they are to stay away."""

    customer: UUID
    code: str
    as_of: date
    purchases: Decimal
    value: Decimal
    low: Decimal
    high: Decimal
    alive: Decimal
    churn: Decimal
    level: str
    horizon_days: int
    reasons: list[dict[str, str]]


class ForecastPage(Schema):
    """One page of forecasts."""

    items: list[ForecastOut]
    next: str | None


class ForecastFilter(After):
    """Which forecasts."""

    level: str = Field("", max_length=10)
    customer: UUID | None = None


class ItemOut(Schema):
    """An item by the mark it bears in its grain (code, name or category), with the reason in both languages."""

    item: str
    label: str
    reason_zh: str
    reason_en: str


class RecommendationsOut(Schema):
    """What is recommended to one customer; who objects to profiles gets only what is popular with everybody."""

    customer: UUID
    objects: bool
    grain: str
    again: list[ItemOut]
    new: list[ItemOut]
    popular: list[ItemOut]


@router.get("/scores", response=ScorePage)
@needs(Right.INSIGHT_VIEW)
def list_scores(request: HttpRequest, wanted: Query[ScoreFilter]) -> dict[str, Any]:
    """The score of each customer, as of the latest run."""
    found = queries.scores(cast(ApiRequest, request).user).select_related("customer")
    if wanted.rfm_class:
        found = found.filter(rfm_class=wanted.rfm_class)
    if wanted.customer is not None:
        found = found.filter(customer__key=wanted.customer)
    return page_of(found, wanted, _scores)


@router.get("/forecasts", response=ForecastPage)
@needs(Right.INSIGHT_VIEW)
def list_forecasts(request: HttpRequest, wanted: Query[ForecastFilter]) -> dict[str, Any]:
    """The forecast of each customer who has bought."""
    found = queries.forecasts(cast(ApiRequest, request).user).select_related("customer")
    if wanted.level:
        found = found.filter(level=wanted.level)
    if wanted.customer is not None:
        found = found.filter(customer__key=wanted.customer)
    return page_of(found, wanted, _forecasts)


@router.get("/customers/{uuid:key}/recommendations", response=RecommendationsOut)
@needs(Right.INSIGHT_VIEW)
def recommendations(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """What one customer is likely to buy again and may buy for the first time, the best first."""
    found = customers.customer_for(cast(ApiRequest, request).user, key)
    card = queries.recommended_to(found.pk)
    return {
        "customer": found.key,
        "objects": card.objects,
        "grain": card.run.params["grain"] if card.run else "",
        "again": _listed(card.again),
        "new": _listed(card.fresh),
        "popular": _listed(card.popular),
    }


def _scores(rows: list[Any]) -> list[dict[str, Any]]:
    cards = queries.cards([row.pk for row in rows])
    names = ("as_of", "spend", "orders", "last_purchase_on", "r", "f", "m", "rfm_class")
    return [
        {
            "customer": row.customer.key,
            "code": row.customer.code,
            **{name: getattr(cards[row.pk], name) for name in names},
            "metrics": dict(cards[row.pk].metrics),
        }
        for row in rows
        if row.pk in cards
    ]


def _forecasts(rows: list[Any]) -> list[dict[str, Any]]:
    cards = queries.forecast_cards(rows)
    names = ("as_of", "purchases", "value", "low", "high", "alive", "churn", "level")
    return [
        {
            "customer": row.customer.key,
            "code": row.customer.code,
            **{name: getattr(cards[row.pk], name) for name in names},
            "horizon_days": cards[row.pk].horizon,
            "reasons": [reason.as_json() for reason in cards[row.pk].reasons],
        }
        for row in rows
        if row.pk in cards
    ]


def _listed(told: tuple[Told, ...]) -> list[dict[str, str]]:
    return [
        {
            "item": one.item.mark,
            "label": one.item.label,
            "reason_zh": one.reason.zh,
            "reason_en": one.reason.en,
        }
        for one in told
    ]
