"""The balance sheet of the customer base: what it was worth, what moved, what it is worth, and the revenue beside it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.blueprint import queries as blueprints
from zhike.blueprint.facts import Missing
from zhike.core import figures
from zhike.insight import queries
from zhike.insight.facts import InsightRefusal
from zhike.insight.ledger import computing, periods, reading, words
from zhike.insight.ledger.periods import Period
from zhike.insight.ledger.reading import Sheet
from zhike.insight.pages import ledger_views as views
from zhike.insight.pages.tabs import Tab, tabs
from zhike.kernel.models import Job, User
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right

ALWAYS = ("tier", "rfm")


@dataclass(frozen=True, slots=True)
class Pick:
    """A usual period, and whether it is the one shown."""

    label: str
    url: str
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage(Page):
    """A statement, or what stands in its way: no model, a bad period, not computed yet."""

    template: ClassVar[str] = "insight/ledger.html"
    tabs: list[Tab]
    missing: Missing | None
    period: Period | None
    picks: list[Pick]
    picked: str
    refusal: InsightRefusal | None
    job: Job | None
    stale: Decimal | None
    view: views.View | None
    query: str
    may_run: bool


@needs(Right.INSIGHT_VIEW)
@require_GET
def ledger(request: StaffRequest) -> HttpResponse:
    """The statement between two days, by default of this quarter, within the asker's scope."""
    until, period, refusal = periods.closing_day(), None, None
    if until is not None:
        try:
            period = periods.read(request.GET.get("first", ""), request.GET.get("second", ""), until)
        except InsightRefusal as why:
            refusal = why
    sheet = _sheet(request, period) if period else None
    stale = _stale(sheet) if sheet else None
    usual = picks(request, until, period) if until else []
    page = LedgerPage(
        title=_("Customer balance sheet"),
        pretitle=pretitle(period, request.user),
        tabs=tabs(),
        missing=blueprints.missing(request.user),
        period=period,
        picks=usual,
        picked=next((one.label for one in usual if one.now), _("Other days")),
        refusal=refusal,
        job=computing.computing(period) if period and (sheet is None or stale is not None) else None,
        stale=stale,
        view=views.view(request, sheet, _by(request)) if sheet else None,
        query=_address(period) if period else "",
        may_run=may(request.user, Right.INSIGHT_RUN),
    )
    return show(request, page, fragment="statement", status=422 if refusal else 200)


@needs(Right.INSIGHT_VIEW)
@require_POST
def compute(request: StaffRequest) -> HttpResponse:
    """Let a job compute the statement; one that holds is computed again only for those who may run analyses."""
    until = periods.closing_day()
    first, second = request.POST.get("first", ""), request.POST.get("second", "")
    where = reverse("insight:ledger")
    if until is None:
        return saved(request, where)
    period = periods.read(first, second, until)
    sheet = _sheet(request, period)
    if sheet is None or _stale(sheet) is not None or may(request.user, Right.INSIGHT_RUN):
        computing.ask(period, by=request.user)
    return saved(request, f"{where}?{_address(period)}")


def _sheet(request: StaffRequest, period: Period) -> Sheet | None:
    found = reading.find(period)
    return reading.read(request.user, found, {*ALWAYS, _by(request)}) if found else None


def _stale(sheet: Sheet) -> Decimal | None:
    """By how much the orders have changed since; None when the statement holds."""
    if sheet.difference or not reading.holds(sheet.statement):
        return sheet.difference
    return None


def _by(request: HttpRequest) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in words.dimensions() else "region"


def _address(period: Period, **more: str) -> str:
    return urlencode({"first": f"{period.first}", "second": f"{period.second}", **more})


def picks(request: HttpRequest, until: date, period: Period | None) -> list[Pick]:
    """The usual periods as links that keep what else was asked."""
    more = {"by": _by(request)} if request.GET.get("by") else {}
    found = periods.picks(until)
    return [
        Pick(label, f"?{_address(found[key], **more)}", found[key] == period)
        for key, label in words.picks().items()
    ]


def pretitle(period: Period | None, user: User) -> str:
    """Of which day, against which, and whose customers."""
    if period is None:
        return ""
    days = {"second": figures.day(period.second), "first": figures.day(period.first)}
    said = _("as of %(second)s · against %(first)s") % days
    return said if queries.sees_all(user) else f"{said} · {_('customers within your scope')}"
