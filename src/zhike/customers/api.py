"""Customers for other programs: the same scope, masks and actions as the pages."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.core.errors import BadValue
from zhike.core.text import Text
from zhike.customers import actions, queries, showing
from zhike.customers.facts import CustomerRefusal
from zhike.customers.models import Customer
from zhike.kernel import queries as kernel
from zhike.kernel.api import After, ApiRequest, needs, page_of
from zhike.kernel.models import User
from zhike.kernel.rights import Right

router = Router(tags=["customers"])


class CustomerOut(Schema):
    """A customer as the token's user may see it; the fields named in `masked` hold masks, not values."""

    key: UUID
    code: str
    kind: str
    values: dict[str, Any]
    masked: list[str]
    manager: str | None = Field(description="the manager's name")
    version: int
    created_at: datetime
    updated_at: datetime


class CustomerPage(Schema):
    """One page of customers."""

    items: list[CustomerOut]
    next: str | None


class CustomerFilter(After):
    """Which customers: words as in the search box of the list, or those changed since a time."""

    q: str = Field("", max_length=100)
    updated_since: datetime | None = None


class CustomerIn(Schema):
    """A new customer: values by the field keys of the blueprint in force."""

    code: str = Field("", max_length=64)
    values: dict[str, Any]
    manager: str | None = Field(None, max_length=254, description="the e-mail address of a member of staff")
    anyway: bool = Field(False, description="add although the contact details belong to another customer")


class CustomerChange(Schema):
    """A change: only the fields given; null empties one; `version` is the one you read."""

    version: int
    values: dict[str, Any]


@router.get("/customers", response=CustomerPage)
@needs(Right.CUSTOMERS_VIEW)
def list_customers(request: HttpRequest, wanted: Query[CustomerFilter]) -> dict[str, Any]:
    """The customers within the user's scope, in the order of creation."""
    user = cast(ApiRequest, request).user
    found = queries.matching(queries.visible_to(user), wanted.q, user)
    if wanted.updated_since is not None:
        found = found.filter(updated_at__gte=wanted.updated_since)
    return page_of(found.select_related("manager"), wanted, lambda rows: _out(user, rows))


@router.get("/customers/{uuid:key}", response=CustomerOut)
@needs(Right.CUSTOMERS_VIEW)
def get_customer(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One customer."""
    user = cast(ApiRequest, request).user
    return _out(user, [queries.customer_for(user, key)])[0]


@router.post("/customers", response={201: CustomerOut})
@needs(Right.CUSTOMERS_EDIT)
def create_customer(request: HttpRequest, given: CustomerIn) -> tuple[int, dict[str, Any]]:
    """Add one customer; when the contact details belong to somebody, the answer names whom."""
    user = cast(ApiRequest, request).user
    made = actions.create(
        given=_cleaned(given.values),
        by=user,
        code=given.code,
        manager=_manager(user, given.manager),
        anyway=given.anyway,
    )
    return 201, _out(user, [made])[0]


@router.patch("/customers/{uuid:key}", response=CustomerOut)
@needs(Right.CUSTOMERS_EDIT)
def change_customer(request: HttpRequest, key: UUID, given: CustomerChange) -> dict[str, Any]:
    """Change one customer, unless somebody changed it since the version you read."""
    user = cast(ApiRequest, request).user
    held = queries.customer_for(user, key)
    changed = actions.edit(customer=held, given=_cleaned(given.values), seen=given.version, by=user)
    return _out(user, [changed])[0]


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """Clean values by their fields; an unknown or bad one is refused by name."""
    specs = queries.fields()
    cleaned: dict[str, Any] = {}
    for key, raw in values.items():
        if key not in specs:
            raise CustomerRefusal(
                Text(f"模板中没有字段“{key[:60]}”。", f"The blueprint has no field “{key[:60]}”."),
                Text(f"可用字段:{'、'.join(specs)}。", f"Known fields: {', '.join(specs)}."),
            )
        try:
            cleaned[key] = None if raw is None else specs[key].clean(raw)
        except BadValue as refusal:
            raise CustomerRefusal(refusal.reason, refusal.remedy, place=specs[key].label) from refusal
    return cleaned


def _manager(user: User, email: str | None) -> User | None:
    """Who is to look after the customer; without the right to assign, oneself."""
    if email is None:
        return user if user.scope == "own" else None
    found = kernel.staff(user).filter(email=email.strip().lower(), is_active=True).first()
    if found is None or (found != user and not user.has(Right.CUSTOMERS_ASSIGN)):
        raise CustomerRefusal(
            Text(f"不能把客户分给 {email}。", f"The customer cannot be given to {email}."),
            Text(
                "请填写在您范围内的员工邮箱。",
                "Give the e-mail address of a member of staff within your scope.",
            ),
        )
    return found


def _out(user: User, customers: list[Customer]) -> list[dict[str, Any]]:
    specs, eye = queries.fields(), showing.Eye.of(user)
    points = queries.contact_points([one.pk for one in customers])
    return [_one(one, specs, eye, points) for one in customers]


def _one(customer: Customer, specs: dict[str, Any], eye: showing.Eye, points: Any) -> dict[str, Any]:
    seen = {key: showing.shown(spec, customer, eye, points) for key, spec in specs.items()}
    told = {key: one for key, one in seen.items() if one.text}
    return {
        "key": customer.key,
        "code": customer.code,
        "kind": customer.kind,
        # A value that may be seen is given as kept (a code, a number), a masked one as its mask.
        "values": {
            k: one.text if one.masked else customer.values.get(k, one.text) for k, one in told.items()
        },
        "masked": [key for key, one in told.items() if one.masked],
        "manager": customer.manager.name if customer.manager else None,
        "version": customer.version,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
    }
