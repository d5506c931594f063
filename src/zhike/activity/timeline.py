"""What customers did, as moments of the 360 page's timeline: one day's purchases are one moment, as are alike contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.activity import queries, words
from zhike.activity.models import Feedback, Interaction, Order, OrderLine, Return
from zhike.core import figures
from zhike.core.text import listed
from zhike.kernel.facts import Moment
from zhike.kernel.models import User
from zhike.kernel.rights import Right

if TYPE_CHECKING:
    from zhike.customers.models import Customer

NAMED = 3
Word = TypeVar("Word")


def moments(user: User, customer: Customer, before: datetime) -> Iterator[Moment]:
    """The newest purchases, returns, interactions and feedback before a moment."""
    if not user.has(Right.ACTIVITY_VIEW):
        return
    days = queries.shopping_days(user, customer.pk, before)
    lines = queries.lines_of([order.pk for orders in days for order in orders])
    yield from (_purchases(orders, lines, customer) for orders in days)
    back = [_return(one) for one in queries.returns_of(customer.pk)]
    yield from [moment for moment in back if moment.at < before][: queries.GROUPS]
    for alike in queries.contacts(user, customer.pk, before):
        yield _contacts(alike, user, customer)
    thought = (
        queries.feedback(user).filter(customer=customer, at__lt=before).order_by("-at")[: queries.GROUPS]
    )
    yield from (_feedback(one, user) for one in thought)


def _purchases(orders: list[Order], lines: dict[int, list[OrderLine]], customer: Customer) -> Moment:
    """The orders of one day, the latest first."""
    bought = [_line(line) for order in orders for line in lines[order.pk]]
    where = [part for order in orders for part in (order.channel, order.store, order.payment)]
    one = orders[0] if len(orders) == 1 else None
    return Moment(
        at=orders[0].placed_at,
        icon="shopping-cart",
        color="blue",
        title=_("Order {number}").format(number=one.number)
        if one
        else ngettext("%(count)d purchase", "%(count)d purchases", len(orders)) % {"count": len(orders)},
        detail=_told([_some(bought), *_once(where)]),
        aside=figures.money(sum((order.amount for order in orders), Decimal(0))),
        href=reverse("activity:order", args=[one.key])
        if one
        else reverse("customers:customer", args=[customer.key]) + "?tab=orders",
    )


def _line(line: OrderLine) -> str:
    name = line.product.shown
    return name if line.quantity == 1 else f"{name} × {figures.plain(line.quantity)}"


def _return(one: Return) -> Moment:
    noon = timezone.make_aware(datetime.combine(one.returned_on, time(12)))
    return Moment(
        at=noon,
        icon="arrow-back-up",
        color="red",
        title=_("Return"),
        detail=one.reason,
        aside=figures.money(-one.amount),
    )


def _contacts(alike: list[Interaction], user: User, customer: Customer) -> Moment:
    """Contacts of one day on one channel for one purpose, the latest first."""
    one, count = alike[0], len(alike)
    said = [queries.words_for(user, each.content) for each in alike]
    title = _told([words.said(one.channel), words.said(one.purpose)]) or _("Interaction")
    return Moment(
        at=one.at,
        icon=words.icon_of(one.channel),
        color="green" if one.direction == "out" else "purple",
        title=title if count == 1 else f"{title} × {count}",
        detail=_told([_some(_once(said), " / "), one.by.name if one.by else ""]),
        href="" if count == 1 else f"{reverse('activity:interactions')}?q={customer.code}",
    )


def _feedback(one: Feedback, user: User) -> Moment:
    rating = "" if one.rating is None else f" {figures.plain(one.rating)}"
    return Moment(
        at=one.at,
        icon="star",
        color="yellow",
        title=_("Feedback") + rating,
        detail=_told([queries.words_for(user, one.content), one.channel]),
    )


def _told(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _some(names: list[str], between: str = "") -> str:
    shown = names[:NAMED]
    return (between.join(shown) if between else listed(shown)) + (" …" if len(names) > NAMED else "")


def _once(names: Iterable[Word]) -> list[Word]:
    return list(dict.fromkeys(names))
