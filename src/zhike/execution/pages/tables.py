"""The three working tables 客户基础信息表, 客户分层维护策略表, 维护执行记录表 as pages and as one workbook."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.customers import queries as customers
from zhike.execution import queries, sheets
from zhike.execution.paging import SIZE
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right
from zhike.kernel.workbooks import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One of the three tables."""

    key: str
    label: str
    url: str
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage(Page):
    """One working table, fifty lines at a time."""

    template: ClassVar[str] = "execution/tables.html"
    tabs: list[Tab]
    active: str
    header: list[str]
    rows: list[list[Any]]
    next: str
    first: str
    may_export: bool


@needs(Right.TASKS_VIEW)
@require_GET
def table(request: StaffRequest, name: str = "customers") -> HttpResponse:
    """One of the three working tables."""
    labels = {
        "customers": _("Customer base data"),
        "strategies": _("Strategies by tier"),
        "records": _("Execution records"),
    }
    if name not in labels:
        raise Http404
    start = _start(request)
    header, rows = sheets.lines(_sheet(request, name, start))
    shown = list(islice(rows, SIZE))
    here = reverse("execution:table", args=[name])
    full = name != "strategies" and len(shown) == SIZE
    page = TablePage(
        title=_("Working tables"),
        pretitle=labels[name],
        tabs=[
            Tab(key=key, label=label, url=reverse("execution:table", args=[key]))
            for key, label in labels.items()
        ],
        active=name,
        header=header,
        rows=shown,
        next=f"{here}?from={start + SIZE}" if full else "",
        first=here if start else "",
        may_export=may(request.user, Right.CUSTOMERS_EXPORT),
    )
    return show(request, page)


def _start(request: StaffRequest) -> int:
    raw = request.GET.get("from", "0")
    return min(int(raw), 100_000) if raw.isdecimal() else 0


def _sheet(request: StaffRequest, name: str, start: int) -> Sheet:
    user, end = request.user, start + SIZE
    if name == "customers":
        return sheets.customer_table(user, customers.visible_to(user).order_by("pk")[start:end])
    if name == "records":
        return sheets.records(user, queries.records_visible_to(user).order_by("-on_date", "-pk")[start:end])
    return sheets.strategy_table(user)


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def workbook(request: StaffRequest) -> HttpResponse:
    """The three tables as one Excel workbook, within the asker's customers and masked as their rights say."""
    user = request.user
    audit.record("execution.tables_exported", None, by=user)
    tables = [sheets.customer_table(user), sheets.strategy_table(user), sheets.records(user)]
    return workbooks.answer(f"zhike-{clock.today():%Y%m%d}", tables)
