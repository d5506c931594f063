"""Lists of orders, interactions, feedback and products, each with search, filters and export."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.activity import queries, words
from zhike.activity.listing import Wanted
from zhike.activity.models import Order, Product
from zhike.activity.rows import OrderRow, order_rows
from zhike.core import masks
from zhike.customers import queries as customers
from zhike.kernel import audit, clock, paging, workbooks
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.paging import Pager
from zhike.kernel.rights import Right

MOST_IN_EXCEL = 20_000
LATEST = paging.Order(by="at", falling=True)
LATEST_ORDER = paging.Order(by="placed_at", falling=True)


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact with the name of its customer as the user may see it."""

    fact: Any
    customer: str
    content: str = ""
    channel: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactList(Page):
    """A list of orders, interactions or feedback."""

    template: ClassVar[str] = "activity/facts.html"
    here: str
    wanted: Wanted
    rows: list[FactRow]
    count: str
    pager: Pager
    channels: list[str]
    export: str
    may_import: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductList(Page):
    """The products."""

    template: ClassVar[str] = "activity/products.html"
    words: str
    rows: list[Product]
    count: str
    pager: Pager
    may_import: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage(Page):
    """One order with its lines."""

    template: ClassVar[str] = "activity/order.html"
    row: OrderRow
    customer: str
    returns: list[Any] = field(default_factory=list)


@needs(Right.ACTIVITY_VIEW)
@require_GET
def orders(request: StaffRequest) -> HttpResponse:
    """The orders of the asker's customers, the latest first."""
    wanted = Wanted.read(request.GET)
    found = _orders(request, wanted)
    some, pager = paging.page_of(request, found, LATEST_ORDER)
    return show(
        request,
        _list(request, "orders", _("Orders"), wanted, found, _rows(request, some), pager),
        fragment="rows",
    )


@needs(Right.ACTIVITY_VIEW)
@require_GET
def interactions(request: StaffRequest) -> HttpResponse:
    """The interactions with the asker's customers, the latest first."""
    wanted = Wanted.read(request.GET)
    found = wanted.narrow(queries.interactions(request.user), request.user, at="at")
    some, pager = paging.page_of(request, found, LATEST)
    page = _list(request, "interactions", _("Interactions"), wanted, found, _rows(request, some), pager)
    return show(request, page, fragment="rows")


@needs(Right.ACTIVITY_VIEW)
@require_GET
def feedback(request: StaffRequest) -> HttpResponse:
    """The feedback of the asker's customers, the latest first."""
    wanted = Wanted.read(request.GET)
    found = wanted.narrow(queries.feedback(request.user), request.user, at="at")
    some, pager = paging.page_of(request, found, LATEST)
    page = _list(request, "feedback", _("Feedback"), wanted, found, _rows(request, some), pager)
    return show(request, page, fragment="rows")


@needs(Right.ACTIVITY_VIEW)
@require_GET
def products(request: StaffRequest) -> HttpResponse:
    """The products by code."""
    asked = request.GET.get("q", "").strip()[:100]
    found = queries.products(asked)
    some, pager = paging.page_of(request, found, paging.Order(by="code"))
    page = ProductList(
        title=_("Products"), pretitle=_("Activity"), words=asked, rows=some, count=paging.counted(found), pager=pager,
        may_import=may(request.user, Right.INTAKE_RUN),
    )  # fmt: skip
    return show(request, page, fragment="rows")


@needs(Right.ACTIVITY_VIEW)
@require_GET
def order(request: StaffRequest, key: UUID) -> HttpResponse:
    """One order: its lines, and what came back."""
    found = queries.order_for(request.user, key)
    page = OrderPage(
        title=_("Order {number}").format(number=found.number),
        pretitle=_("Orders"),
        row=order_rows([found])[0],
        customer=customers.shown_name(request.user, found.customer),
        returns=[one for one in queries.returns_of(found.customer_id) if one.order_id == found.pk],
    )
    return show(request, page)


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def export(request: StaffRequest, kind: str) -> HttpResponse:
    """A list as an Excel workbook, as the filters narrow it."""
    wanted = Wanted.read(request.GET)
    header, rows = _SHEETS[kind](request, wanted)
    audit.record(
        "activity.exported", None, by=request.user, changes={"kind": kind, "searched": bool(wanted.q)}
    )
    sheet = workbooks.Sheet(name=kind, header=header, rows=rows)
    return workbooks.answer(f"{kind}-{clock.today():%Y-%m-%d}", [sheet])


def _orders(request: StaffRequest, wanted: Wanted) -> QuerySet[Order]:
    return wanted.narrow(
        queries.orders(request.user), request.user, at="placed_at", also=Q(number__startswith=wanted.q)
    )


def _list(
    request: StaffRequest,
    here: str,
    title: str,
    wanted: Wanted,
    found: QuerySet[Any],
    rows: list[FactRow],
    pager: Pager,
) -> FactList:
    user = request.user
    return FactList(
        title=title,
        pretitle=_("Activity"),
        here=here,
        wanted=wanted,
        rows=rows,
        count=paging.counted(found),
        pager=pager,
        channels=queries.contact_channels() if here == "interactions" else queries.channels(),
        export=f"{reverse('activity:export', args=[here])}?{wanted.query}"
        if may(user, Right.CUSTOMERS_EXPORT)
        else "",
        may_import=may(user, Right.INTAKE_RUN),
    )


def _rows(request: StaffRequest, facts: list[Any]) -> list[FactRow]:
    return [_row(request, one) for one in facts]


def _row(request: StaffRequest, one: Any) -> FactRow:
    name = customers.shown_name(request.user, one.customer)
    return FactRow(
        fact=one,
        customer=name,
        content=queries.words_for(request.user, getattr(one, "content", "")),
        channel=words.said(one.channel),
        purpose=words.said(getattr(one, "purpose", "")),
    )


Sheet = tuple[list[str], Iterator[list[Any]]]


def _order_sheet(request: StaffRequest, wanted: Wanted) -> Sheet:
    header = [
        _("Order number"), _("Customer code"), _("Customer"), _("Placed at"), _("Amount"), _("Discount"), _("Channel"),
        _("Shop"), _("Payment"),
    ]  # fmt: skip
    found = _orders(request, wanted).order_by("-placed_at", "-pk")[:MOST_IN_EXCEL]
    return header, (
        [
            row.fact.number, row.fact.customer.code, row.customer, row.fact.placed_at, row.fact.amount, row.fact.discount,
            row.fact.channel, row.fact.store, row.fact.payment,
        ]
        for row in _rows(request, list(found))
    )  # fmt: skip


def _interaction_sheet(request: StaffRequest, wanted: Wanted) -> Sheet:
    header = [
        _("Customer code"), _("Customer"), _("When"), _("Channel"), _("Purpose of contact"), _("Direction"), _("What was said"),
        _("Staff"),
    ]  # fmt: skip
    found = wanted.narrow(queries.interactions(request.user), request.user, at="at").order_by("-at", "-pk")
    return header, (
        [
            row.fact.customer.code, row.customer, row.fact.at, row.channel, row.purpose, row.fact.get_direction_display(),
            masks.numbers(row.content), row.fact.by.name if row.fact.by else "",
        ]
        for row in _rows(request, list(found[:MOST_IN_EXCEL]))
    )  # fmt: skip


def _feedback_sheet(request: StaffRequest, wanted: Wanted) -> Sheet:
    header = [_("Customer code"), _("Customer"), _("When"), _("Rating"), _("Words"), _("Channel")]
    found = wanted.narrow(queries.feedback(request.user), request.user, at="at").order_by("-at", "-pk")
    return header, (
        [
            row.fact.customer.code,
            row.customer,
            row.fact.at,
            row.fact.rating,
            masks.numbers(row.content),
            row.fact.channel,
        ]
        for row in _rows(request, list(found[:MOST_IN_EXCEL]))
    )


_SHEETS = {"orders": _order_sheet, "interactions": _interaction_sheet, "feedback": _feedback_sheet}
