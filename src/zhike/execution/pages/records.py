"""Execution records as a list 维护执行记录表, and their export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.execution import queries, sheets
from zhike.execution.forms import RecordFilterForm
from zhike.execution.pages.tasks import people
from zhike.execution.paging import Pager, counted, page_of
from zhike.execution.queries import RecordFilter
from zhike.execution.rows import RecordRow, record_rows
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList(Page):
    """The list of execution records."""

    template: ClassVar[str] = "execution/records.html"
    rows: list[RecordRow]
    pager: Pager
    total: str
    wanted: RecordFilter
    people: list[tuple[str, str]]
    query: str


@needs(Right.TASKS_VIEW)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Execution records, newest first."""
    wanted = _wanted(request)
    found = queries.records(request.user, wanted)
    records, pager = page_of(request, found, "on_date", newest=True)
    total = counted(found)
    page = RecordList(
        title=_("Execution records"),
        pretitle=_("{count} records").format(count=total),
        rows=record_rows(request.user, records),
        pager=pager,
        total=total,
        wanted=wanted,
        people=[("", _("Everybody's")), ("mine", _("Mine")), *people(request.user)[3:]],
        query=_query(wanted),
    )
    return show(request, page, fragment="rows")


def _wanted(request: HttpRequest) -> RecordFilter:
    form = RecordFilterForm(request.GET)
    form.is_valid()  # a day that makes no sense narrows nothing
    return RecordFilter(
        q=request.GET.get("q", "").strip()[:100],
        who=request.GET.get("who", "")[:40],
        result=form.cleaned_data.get("result") or "",
        since=form.cleaned_data.get("since"),
        until=form.cleaned_data.get("until"),
    )


def _query(wanted: RecordFilter) -> str:
    return urlencode({name: getattr(wanted, name) or "" for name in RecordFilter.__slots__})


@needs(Right.TASKS_VIEW)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """The records a filter shows, as an Excel workbook."""
    found = queries.records(request.user, _wanted(request)).order_by("-on_date", "-pk")
    audit.record("execution.records_exported", None, by=request.user)
    return workbooks.answer(f"records-{clock.today():%Y%m%d}", [sheets.records(request.user, found)])
