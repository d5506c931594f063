"""The list of customers: search, filters, columns, saved views, bulk actions; its whole state stands in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.customers import actions, listing, queries, tables
from zhike.customers.forms import ViewForm
from zhike.customers.listing import Chip, Filter, Wanted
from zhike.customers.models import SavedView
from zhike.customers.tables import Heading, ListColumn, ListRow
from zhike.kernel import paging, private_words, slots
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.paging import Pager
from zhike.kernel.queries import staff
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerList(Page):
    """Customers, as the address describes them."""

    template: ClassVar[str] = "customers/list.html"
    wanted: Wanted
    count: str
    chips: list[Chip]
    misread: list[str]
    without_misread: str
    headings: list[Heading]
    rows: list[ListRow]
    pager: Pager
    filters: list[tuple[Filter, str]]
    columns: list[ListColumn]
    shown: frozenset[str]
    views: list[SavedView]
    query: str
    bulk: Sequence[slots.BulkAction]
    managers: list[User]
    may_create: bool
    may_export: bool
    may_assign: bool
    may_import: bool
    sees_all: bool
    may_see_clear: bool
    may_see_names: bool


@needs(Right.CUSTOMERS_VIEW)
@require_GET
def customers(request: StaffRequest) -> HttpResponse:
    """The asker's customers, narrowed, sorted and in the columns that the address says."""
    in_clear = private_words.seal_search(request)
    page = _page(request, Wanted.read(request.GET, request.user))
    # A form sends its empty fields too; the address that can be kept says only what matters.
    at = {word: request.GET[word] for word in ("after", "before") if request.GET.get(word)}
    kept = listing.address(reverse("customers:list"), page.query, **at)
    if in_clear and not request.htmx:
        return redirect(kept)
    return show(request, page, fragment="rows", headers={"HX-Push-Url": kept})


@needs(Right.CUSTOMERS_VIEW)
@require_POST
def save_view(request: StaffRequest) -> HttpResponse:
    """Keep the list as it stands under a name."""
    form = ViewForm(request.POST)
    wanted = Wanted.read(QueryDict(request.POST.get("query", "")[:2000]), request.user)
    to = listing.address(reverse("customers:list"), wanted.query())
    if not form.is_valid():
        return saved(request, to, toast=_("A view needs a name of at most 60 characters."))
    query = wanted.query(q=None) if wanted.private else wanted.query()
    view = actions.save_view(**form.cleaned_data, query=query, by=request.user)
    told = _("View saved: {name}").format(name=view.name)
    if wanted.private:
        told += _(" The search words look like a phone, an e-mail or an ID number and are not kept in it.")
    return saved(request, to, toast=told)


@needs(Right.CUSTOMERS_VIEW)
@require_POST
def drop_view(request: StaffRequest, key: UUID) -> HttpResponse:
    """Forget one of one's own views."""
    view = queries.own_view(request.user, key)
    actions.drop_view(view=view, by=request.user)
    return saved(request, reverse("customers:list"), toast=_("View removed: {name}").format(name=view.name))


def _page(request: StaffRequest, wanted: Wanted) -> CustomerList:
    user = request.user
    fields = queries.fields()
    known = listing.filters(user, fields)
    found, misread = listing.narrowed(user, wanted, known), listing.misread(wanted, known)
    columns = tables.all_columns(fields)
    picked = tables.chosen(wanted, columns)
    wanted = wanted.in_columns([] if picked == tables.usual(columns) else [one.key for one in picked])
    some, pager = paging.page_of(
        request,
        listing.annotated(found, wanted).select_related("manager").defer("search", "origins", "others"),
        listing.order_of(wanted),
    )
    return CustomerList(
        title=_("Customers"),
        wanted=wanted,
        count=paging.counted(found),
        chips=listing.chips(wanted, known),
        misread=list(misread.values()),
        without_misread=f"?{wanted.query(**dict.fromkeys(misread))}",
        headings=tables.headings(wanted, picked),
        rows=tables.rows(some, picked, user),
        pager=pager,
        filters=[(one, wanted.filters.get(one.key, "")) for one in reversed(known.values())],
        columns=columns,
        shown=frozenset(one.key for one in picked),
        views=list(queries.views_of(user)),
        query=wanted.query(),
        bulk=slots.bulk_actions(user),
        managers=list(staff(user).filter(is_active=True)) if may(user, Right.CUSTOMERS_ASSIGN) else [],
        may_create=may(user, Right.CUSTOMERS_EDIT),
        may_export=may(user, Right.CUSTOMERS_EXPORT),
        may_assign=may(user, Right.CUSTOMERS_ASSIGN),
        may_import=may(user, Right.INTAKE_RUN),
        sees_all=user.scope == "all",
        may_see_clear=may(user, Right.PERSONAL_REVEAL),
        may_see_names=may(user, Right.NAMES_VIEW),
    )
