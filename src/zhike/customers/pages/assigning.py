"""Giving customers to a manager: one, the ticked ones, or everybody the list describes, whose number is confirmed first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.core import figures
from zhike.customers import actions, listing, queries
from zhike.customers.forms import AssignForm
from zhike.customers.models import Customer
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.queries import staff
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPage(Page):
    """How many would change hands, and to whom."""

    template: ClassVar[str] = "customers/assign.html"
    count: int
    manager: User | None
    query: str
    back: str
    changed: bool


@needs(Right.CUSTOMERS_ASSIGN)
@require_POST
def assign(request: StaffRequest, key: UUID) -> HttpResponse:
    """Give one customer to a manager."""
    found = queries.customer_for(request.user, key)
    return _assigned(request, [found.pk], reverse("customers:customer", args=[key]))


@needs(Right.CUSTOMERS_ASSIGN)
@require_POST
def assign_many(request: StaffRequest) -> HttpResponse:
    """Give the ticked customers to a manager, or, once confirmed, everybody whom the list describes."""
    query = request.POST.get("query", "")[:2000]
    back = listing.address(reverse("customers:list"), query)
    if not request.POST.get("everyone"):
        return _assigned(request, queries.ids_of(request.user, request.POST.getlist("keys")), back)
    everyone = listing.described(request.user, query)
    count, confirmed = everyone.count(), request.POST.get("confirmed", "")
    if confirmed == str(count):
        return _assigned(request, everyone, back)
    form = _form(request)
    if not form.is_valid():
        return _unknown_manager(request, back)
    page = AssignPage(
        title=_("Assign {count} customers").format(count=figures.count(count)), pretitle=_("Customers"), count=count,
        manager=form.cleaned_data["manager"], query=query, back=back, changed=bool(confirmed),
    )  # fmt: skip
    return show(request, page, status=409 if confirmed else 200)


def _assigned(request: StaffRequest, whom: Sequence[int] | QuerySet[Customer], to: str) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return _unknown_manager(request, to)
    manager = form.cleaned_data["manager"]
    moved = actions.assign(customers=whom, manager=manager, by=request.user)
    who = manager.name if manager else _("nobody")
    return saved(request, to, toast=_("{count} customers now belong to {who}").format(count=moved, who=who))


def _form(request: StaffRequest) -> AssignForm:
    return AssignForm(request.POST, managers=staff(request.user).filter(is_active=True))


def _unknown_manager(request: StaffRequest, to: str) -> HttpResponse:
    return saved(request, to, toast=_("Nothing changed: that manager is not among the staff."))
