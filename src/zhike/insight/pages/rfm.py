"""The eight RFM classes: how many customers, what they spent, what it means, and how it was before."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.blueprint import queries as blueprints
from zhike.blueprint.facts import Missing
from zhike.core import charts, figures
from zhike.core.charts import Chart
from zhike.core.text import Text
from zhike.engine.metrics import metric
from zhike.insight import methods, queries
from zhike.insight.facts import RFM_CLASSES, RfmClass
from zhike.insight.models import Run
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.queries import RfmTotals
from zhike.kernel import jobs
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right

RUNS_SHOWN = 24
RECOMPUTE = Text("重新计算:分析、分层、任务、效果", "Recompute: analysis, tiers, tasks, effect")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class within the asker's scope."""

    rfm: RfmClass
    customers: int
    share: Decimal
    spend: Decimal
    spend_share: Decimal
    url: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """How customers spread over the scores of one dimension: (score, customers, share)."""

    letter: str
    label: Text
    scores: list[tuple[int, int, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmPage(Page):
    """The eight classes."""

    template: ClassVar[str] = "insight/rfm.html"
    tabs: list[Tab]
    run: Run | None
    rows: list[ClassRow]
    customers: int
    spend: Decimal
    unscored: int
    unscored_url: str
    treemap: Chart
    words: list[Text]
    dimensions: list[Dimension]
    history: Chart | None
    runs: list[Run]
    may_run: bool
    missing: Missing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage(Page):
    """One run of the past: method, parameters and what came out."""

    template: ClassVar[str] = "insight/run.html"
    tabs: list[Tab]
    run: Run
    rows: list[tuple[RfmClass, int, Decimal]]
    words: list[Text]


@needs(Right.INSIGHT_VIEW)
@require_GET
def rfm(request: StaffRequest) -> HttpResponse:
    """The classes of the customers the user may see."""
    run, missing = queries.latest(), blueprints.missing(request.user)
    totals = queries.rfm_totals(request.user)
    rows = _rows(totals)
    past = list(queries.runs()[:RUNS_SHOWN]) if queries.sees_all(request.user) else []
    page = RfmPage(
        title=_("RFM"),
        pretitle=as_of(run, request.user),
        tabs=tabs(),
        run=run,
        rows=rows,
        customers=totals.customers,
        spend=totals.spend,
        unscored=queries.customers_seen(request.user) - totals.customers,
        unscored_url=_customers(rfm="unscored"),
        treemap=_treemap(rows),
        words=methods.in_words(run.params) if run else [],
        dimensions=_dimensions(run, totals),
        history=_history(past),
        runs=past,
        may_run=may(request.user, Right.INSIGHT_RUN) and missing is None,
        missing=missing,
    )
    return show(request, page)


@needs(Right.INSIGHT_VIEW)
@require_GET
def run(request: StaffRequest, key: UUID) -> HttpResponse:
    """One run; its figures are those of the whole base, so only those who see all customers may open it."""
    found = queries.runs().filter(key=key).first()
    if found is None or not queries.sees_all(request.user):
        raise Http404
    rows = [
        (one, found.counts.get(one.key, 0), _share(found.counts.get(one.key, 0), found.customers))
        for one in RFM_CLASSES.values()
    ]
    page = RunPage(
        title=_("RFM run"),
        pretitle=as_of(found, request.user),
        tabs=tabs(),
        run=found,
        rows=rows,
        words=methods.in_words(found.params),
    )
    return show(request, page)


@needs(Right.INSIGHT_RUN)
@require_POST
def recompute(request: StaffRequest) -> HttpResponse:
    """Go once round the daily loop as a job, which needs a blueprint."""
    blueprints.current()
    job = jobs.defer("loop.daily", by=request.user, title=RECOMPUTE)
    return saved(request, reverse("desk:job", args=[job.key]))


def _rows(totals: RfmTotals) -> list[ClassRow]:
    return [
        ClassRow(
            rfm=one,
            customers=number,
            share=_share(number, totals.customers),
            spend=spend,
            spend_share=spend / totals.spend if totals.spend else Decimal(0),
            url=_customers(rfm=one.key),
        )
        for one, (number, spend) in zip(RFM_CLASSES.values(), totals.classes.values(), strict=True)
    ]


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(0)


def _customers(**narrowed: str) -> str:
    return f"{reverse('customers:list')}?{urlencode(narrowed)}"


def _treemap(rows: list[ClassRow]) -> Chart:
    items = [
        charts.Item(label=row.rfm.label, value=row.customers, color=row.rfm.color, url=row.url)
        for row in rows
    ]
    return charts.treemap(items, columns=(_("Class"), _("Customers")))


def _dimensions(run: Run | None, totals: RfmTotals) -> list[Dimension]:
    if run is None:
        return []
    named = zip("rfm", run.params["metrics"], strict=True)
    return [
        Dimension(
            letter.upper(),
            metric(key).label,
            [
                (score, number, _share(number, totals.customers))
                for score, number in sorted(totals.realised[letter].items(), reverse=True)
            ],
        )
        for letter, key in named
    ]


def _history(runs: list[Run]) -> Chart | None:
    days: dict[Any, Run] = {}
    for one in runs:
        days.setdefault(one.as_of, one)
    if len(days) < 2:
        return None
    ordered = [days[day] for day in sorted(days)]
    series = [
        charts.Series(
            name=one.label, values=[past.counts.get(one.key, 0) for past in ordered], color=one.color
        )
        for one in RFM_CLASSES.values()
    ]
    return charts.bars([figures.day(past.as_of) for past in ordered], series, first=_("Day"), stacked=True)
