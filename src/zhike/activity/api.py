"""Orders, interactions and feedback for other programs; what is written here is audited like on the pages."""

from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.activity import actions, queries
from zhike.activity.models import Feedback, Interaction, Order
from zhike.customers import queries as customers
from zhike.kernel.api import After, ApiRequest, needs, page_of
from zhike.kernel.models import User
from zhike.kernel.rights import Right

router = Router(tags=["activity"])


class OfCustomer(After):
    """Which rows: all of the user's customers, or one customer's; since a time."""

    customer: UUID | None = None
    since: datetime | None = None


class LineOut(Schema):
    """One line of an order."""

    product: str
    name: str
    quantity: Decimal
    amount: Decimal
    discount: Decimal


class OrderOut(Schema):
    """An order with its lines; amounts to the cent."""

    key: UUID
    customer: UUID
    source: str
    number: str
    placed_at: datetime
    amount: Decimal
    discount: Decimal
    channel: str
    store: str
    payment: str
    lines: list[LineOut]


class OrderPage(Schema):
    """One page of orders."""

    items: list[OrderOut]
    next: str | None


class InteractionIn(Schema):
    """Somebody spoke with a customer; now, unless `at` says otherwise."""

    customer: UUID
    channel: str = Field(min_length=1, max_length=60)
    purpose: str = Field("", max_length=100)
    content: str = Field("", max_length=5000)
    direction: str = Field("out", pattern="^(in|out)$")
    at: datetime | None = None


class InteractionOut(Schema):
    """An interaction."""

    key: UUID
    customer: UUID
    at: datetime
    channel: str
    purpose: str
    direction: str
    content: str


class InteractionPage(Schema):
    """One page of interactions."""

    items: list[InteractionOut]
    next: str | None


class FeedbackIn(Schema):
    """What a customer thought: a rating, words, or both."""

    customer: UUID
    rating: Decimal | None = Field(None, ge=0, le=5, decimal_places=2)
    content: str = Field("", max_length=5000)
    channel: str = Field("", max_length=60)
    at: datetime | None = None


class FeedbackOut(Schema):
    """A piece of feedback."""

    key: UUID
    customer: UUID
    at: datetime
    rating: Decimal | None
    content: str
    channel: str


class FeedbackPage(Schema):
    """One page of feedback."""

    items: list[FeedbackOut]
    next: str | None


@router.get("/orders", response=OrderPage)
@needs(Right.ACTIVITY_VIEW)
def list_orders(request: HttpRequest, wanted: Query[OfCustomer]) -> dict[str, Any]:
    """Orders with their lines."""
    found = _narrowed(queries.orders(cast(ApiRequest, request).user), wanted, "placed_at")
    return page_of(found, wanted, _orders)


@router.get("/orders/{uuid:key}", response=OrderOut)
@needs(Right.ACTIVITY_VIEW)
def get_order(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One order."""
    return _orders([queries.order_for(cast(ApiRequest, request).user, key)])[0]


@router.get("/interactions", response=InteractionPage)
@needs(Right.ACTIVITY_VIEW)
def list_interactions(request: HttpRequest, wanted: Query[OfCustomer]) -> dict[str, Any]:
    """Interactions."""
    user = cast(ApiRequest, request).user
    found = _narrowed(queries.interactions(user), wanted, "at")
    return page_of(found, wanted, lambda rows: [_interaction(user, row) for row in rows])


@router.post("/interactions", response={201: InteractionOut})
@needs(Right.ACTIVITY_RECORD)
def record_interaction(request: HttpRequest, given: InteractionIn) -> tuple[int, dict[str, Any]]:
    """Record an interaction."""
    user = cast(ApiRequest, request).user
    customer = customers.customer_for(user, given.customer)
    said = given.dict(exclude={"customer"})
    return 201, _interaction(user, actions.record_interaction(customer=customer, by=user, **said))


@router.get("/feedback", response=FeedbackPage)
@needs(Right.ACTIVITY_VIEW)
def list_feedback(request: HttpRequest, wanted: Query[OfCustomer]) -> dict[str, Any]:
    """Feedback."""
    user = cast(ApiRequest, request).user
    found = _narrowed(queries.feedback(user), wanted, "at")
    return page_of(found, wanted, lambda rows: [_feedback(user, row) for row in rows])


@router.post("/feedback", response={201: FeedbackOut})
@needs(Right.ACTIVITY_RECORD)
def add_feedback(request: HttpRequest, given: FeedbackIn) -> tuple[int, dict[str, Any]]:
    """Add feedback."""
    user = cast(ApiRequest, request).user
    customer = customers.customer_for(user, given.customer)
    return 201, _feedback(
        user, actions.add_feedback(customer=customer, by=user, **given.dict(exclude={"customer"}))
    )


def _narrowed(found: QuerySet[Any], wanted: OfCustomer, when: str) -> QuerySet[Any]:
    if wanted.customer is not None:
        found = found.filter(customer__key=wanted.customer)
    return found.filter(**{f"{when}__gte": wanted.since}) if wanted.since else found


def _orders(rows: list[Order]) -> list[dict[str, Any]]:
    lines = queries.lines_of([row.pk for row in rows])
    return [
        {
            **{
                name: getattr(row, name)
                for name in OrderOut.model_fields
                if name not in {"customer", "lines"}
            },
            "customer": row.customer.key,
            "lines": [
                {
                    "product": line.product.code if line.product else "",
                    "name": line.product.name if line.product else "",
                    "quantity": line.quantity,
                    "amount": line.amount,
                    "discount": line.discount,
                }
                for line in lines[row.pk]
            ],
        }
        for row in rows
    ]


def _interaction(user: User, row: Interaction) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in InteractionOut.model_fields if name != "customer"}
    return {
        **told,
        "customer": row.customer.key,
        "content": queries.words_for(user, row.content, leaves=True),
    }


def _feedback(user: User, row: Feedback) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in FeedbackOut.model_fields if name != "customer"}
    return {
        **told,
        "customer": row.customer.key,
        "content": queries.words_for(user, row.content, leaves=True),
    }
