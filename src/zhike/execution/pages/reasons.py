"""Reasons for churn as customers gave them: how often each, by month and by tier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import charts
from zhike.core.charts import Chart
from zhike.execution import reasons
from zhike.execution.reasons import Summary
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right
from zhike.kernel.workbooks import Cell, Sheet
from zhike.tiers import queries as tiers

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason: how often, which share, and how often in each of the page's tiers."""

    label: str
    number: int
    share: float
    tiers: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsPage(Page):
    """Reasons as a table by tier, and over time."""

    template: ClassVar[str] = "execution/reasons.html"
    total: int
    since: date
    rows: list[ReasonRow]
    tiers: list[str]
    months: Chart | None


@needs(Right.TASKS_VIEW)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """What the customers of the user's scope said in the last year."""
    found = reasons.summary(request.user, clock.today() - YEAR)
    page = ReasonsPage(
        title=_("Reasons for churn"),
        pretitle=_("Execution records"),
        total=found.total,
        since=found.since,
        rows=_rows(found),
        tiers=_tiers(found),
        months=_months(found) if found.months else None,
    )
    return show(request, page)


@needs(Right.TASKS_VIEW)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """Both tables as an Excel workbook: by tier, and by month."""
    found, label = reasons.summary(request.user, clock.today() - YEAR), _label()
    by_tier: list[list[Cell]] = [[one.label, one.number, *one.tiers] for one in _rows(found)]
    by_month: list[list[Cell]] = [
        [month, label(key), number]
        for month, counted in found.months.items()
        for key, number in counted.items()
    ]
    audit.record("execution.reasons_exported", None, by=request.user)
    sheets = [
        Sheet(name=_("By tier"), header=[_("Reason"), _("Records"), *_tiers(found)], rows=by_tier),
        Sheet(name=_("By month"), header=[_("Month"), _("Reason"), _("Records")], rows=by_month),
    ]
    return workbooks.answer(f"churn-reasons-{clock.today():%Y%m%d}", sheets)


def _rows(found: Summary) -> list[ReasonRow]:
    label = _label()
    return [
        ReasonRow(
            label(key), number, number / found.total, [counted[key] for counted in found.tiers.values()]
        )
        for key, number in found.every.most_common()
    ]


def _tiers(found: Summary) -> list[str]:
    named = tiers.names()
    return [str(named[key].label) if key in named else _("no tier") for key in found.tiers]


def _months(found: Summary) -> Chart:
    label = _label()
    series = [
        charts.Series(name=label(key), values=[counted[key] for counted in found.months.values()])
        for key, _number in found.every.most_common()
    ]
    return charts.bars(list(found.months), series, first=_("Month"), unit="plain")


def _label() -> Callable[[str], str]:
    known = reasons.churn_reasons()
    return lambda key: str(known.get(key, key))
