"""Pages of strategies: the table 客户分层维护策略表, one tier's strategy with its past, and exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.kernel import clock
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right
from zhike.strategies import actions, queries
from zhike.strategies.facts import MeasureRow, StrategyRow
from zhike.strategies.forms import ExceptionForm
from zhike.strategies.models import StrategyReview
from zhike.strategies.rows import ExceptionRow, exception_rows
from zhike.tiers.facts import TierName


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyTable(Page):
    """The strategy table."""

    template: ClassVar[str] = "strategies/table.html"
    rows: list[StrategyRow]
    exceptions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One strategy a tier had, from when to when."""

    traits: Text
    owner: str
    by_manager: bool
    cycle: Text
    since: date
    until: date | None
    version: int
    measures: list[MeasureRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPage(Page):
    """One tier's strategy, its past and its reviews."""

    template: ClassVar[str] = "strategies/tier.html"
    mark: TierName
    customers: int
    now: Chapter
    past: list[Chapter]
    reviews: list[StrategyReview]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionList(Page):
    """Customers treated otherwise than the standard."""

    template: ClassVar[str] = "strategies/exceptions.html"
    rows: list[ExceptionRow]
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionPage(Page):
    """The form that makes an exception."""

    template: ClassVar[str] = "strategies/exception.html"
    form: ExceptionForm
    back: str


@needs(Right.STRATEGIES_VIEW)
@require_GET
def table(request: StaffRequest) -> HttpResponse:
    """Per tier its traits, measures, owner and cycle."""
    today = clock.today()
    rows = queries.table(request.user, today)
    page = StrategyTable(
        title=_("Strategies by tier"),
        pretitle=_("In force on {day}").format(day=f"{today:%Y-%m-%d}"),
        rows=rows,
        exceptions=queries.exceptions_visible_to(request.user, today).count(),
    )
    return show(request, page)


@needs(Right.STRATEGIES_VIEW)
@require_GET
def tier(request: StaffRequest, key: str) -> HttpResponse:
    """One tier's strategy."""
    chapters = [
        Chapter(
            traits=one.traits_text,
            owner=queries.role_name(one.owner_role),
            by_manager=queries.goes_to_manager(one.owner_role),
            cycle=one.cycle_text,
            since=one.effective_from,
            until=one.until,
            version=one.version.number,
            measures=queries.measure_rows(one),
        )
        for one in queries.history(key)
    ]
    now = queries.strategy_of(key)
    page = TierPage(
        title=str(now.name),
        pretitle=_("Strategy since {day}").format(day=f"{now.effective_from:%Y-%m-%d}"),
        mark=queries.mark(now),
        customers=queries.customer_counts(request.user).get(key, 0),
        now=chapters[0],
        past=chapters[1:],
        reviews=list(queries.reviews(key)[:8]),
    )
    return show(request, page)


@needs(Right.STRATEGIES_VIEW)
@require_GET
def exceptions(request: StaffRequest) -> HttpResponse:
    """Customers of the asker who are treated otherwise than the standard."""
    found = queries.exceptions_visible_to(request.user, clock.today())[:500]
    page = ExceptionList(
        title=_("Exceptions"),
        pretitle=_("Strategies by tier"),
        rows=exception_rows(request.user, list(found)),
        may_edit=may(request.user, Right.STRATEGIES_EDIT),
    )
    return show(request, page)


@needs(Right.STRATEGIES_EDIT)
@require_http_methods(["GET", "POST"])
def make(request: StaffRequest) -> HttpResponse:
    """Make an exception for one customer."""
    try:
        customer = customers.customer_for(request.user, UUID(request.GET.get("customer", "")))
    except ValueError as error:
        raise Http404 from error
    form = ExceptionForm(
        request.POST if request.method == "POST" else None,
        measures=queries.measures_of(customer, clock.today()),
        people=queries.owners(),
    )
    if form.is_valid():
        try:
            actions.make_exception(customer=customer, by=request.user, **form.answer())
            return saved(
                request, _back(request), toast=_("Exception made; it counts from the next planning on")
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    page = ExceptionPage(
        title=_("Treat a customer otherwise"), pretitle=customer.code, form=form, back=_back(request)
    )
    return show(request, page, status=422 if form.is_bound else 200)


@needs(Right.STRATEGIES_EDIT)
@require_POST
def end(request: StaffRequest, key: UUID) -> HttpResponse:
    """Return a customer to the standard."""
    actions.end_exception(exception=queries.exception_for(request.user, key), by=request.user)
    return saved(request, _back(request), toast=_("Back to the standard"))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    here = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if here else reverse("strategies:exceptions")
