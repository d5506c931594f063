"""Cross analysis: which traits are clearly more common in which groups of customers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.blueprint import queries as blueprints
from zhike.core.text import Text
from zhike.insight import queries
from zhike.insight.cross_words import KINDS, method
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.queries.findings import ORDERS, Crossed, Statement, sorted_by
from zhike.kernel import clock, jobs, slots, workbooks
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right

PER_PAGE = 30
TITLE = Text("交叉分析", "Cross analysis")


@dataclass(frozen=True, slots=True)
class Choice:
    """Groups of one kind, or an order, to choose."""

    key: str
    label: str
    number: int
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Begin:
    """Something to begin with the customers of a statement."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One statement and the list of its customers; `exact` when the list shows just those it is about.

    `begun` is what may be begun with them, where a rule can say who they are; `unruled` says why none can.
    """

    said: Statement
    url: str
    group_url: str
    exact: bool
    begun: list[Begin]
    unruled: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossPage(Page):
    """The statements, most useful first, with what they were chosen from."""

    template: ClassVar[str] = "insight/cross.html"
    tabs: list[Tab]
    crossed: Crossed | None
    about: list[Choice]
    orders: list[Choice]
    query: str
    kind: str
    order: str
    rows: list[Row]
    rest: int
    method: list[Text]
    more_url: str
    export_url: str
    sees_all: bool
    may_run: bool


@needs(Right.INSIGHT_VIEW)
@require_GET
def cross(request: StaffRequest) -> HttpResponse:
    """The statements of the latest run; figures of the whole base, so only for those who see all customers."""
    everybody = queries.sees_all(request.user)
    found = queries.crossed() if everybody else None
    asked = {key: request.GET.get(key, "") for key in ("q", "about", "sort")}
    chosen = _chosen(found, asked) if found else []
    if found and request.GET.get("format") == "xlsx":
        return _workbook(found, chosen)
    shown = chosen if request.GET.get("all") else chosen[:PER_PAGE]
    page = CrossPage(
        title=_("Cross analysis"),
        pretitle=as_of(found.run if found else None, request.user),
        tabs=tabs(),
        crossed=found,
        about=_kinds(found.told, asked) if found else [],
        orders=_orders(asked),
        query=asked["q"],
        kind=asked["about"],
        order=asked["sort"],
        rows=_rows(request, shown),
        rest=len(chosen) - len(shown),
        method=method(found.run.params) if found else [],
        more_url=_url(asked | {"all": "1"}),
        export_url=_url(asked | {"format": "xlsx"}),
        sees_all=everybody,
        may_run=may(request.user, Right.INSIGHT_RUN),
    )
    return show(request, page, fragment="rows")


@needs(Right.INSIGHT_RUN)
@require_POST
def recross(request: StaffRequest) -> HttpResponse:
    """Cross all customers anew as a job, which needs a blueprint."""
    blueprints.current()
    job = jobs.defer("insight.cross", by=request.user, title=TITLE)
    return saved(request, reverse("desk:job", args=[job.key]))


def _chosen(found: Crossed, asked: dict[str, str]) -> list[Statement]:
    """Those whose words hold the query, about groups of one kind."""
    needle = asked["q"].strip().lower()
    told = [
        one
        for one in found.told
        if asked["about"] in {"", one.group.kind} and needle in f"{one.words.zh} {one.words.en}".lower()
    ]
    return sorted_by(told, asked["sort"])


def _kinds(told: Sequence[Statement], asked: dict[str, str]) -> list[Choice]:
    every = [("", _("Every group"), len(told))]
    by_kind = [(key, str(label), sum(one.group.kind == key for one in told)) for key, label in KINDS.items()]
    return [
        Choice(key, label, number, _url(asked | {"about": key}), asked["about"] == key)
        for key, label, number in every + [one for one in by_kind if one[2]]
    ]


def _orders(asked: dict[str, str]) -> list[Choice]:
    words = {"": _("Most useful"), "lift": _("Lift"), "share": _("Share"), "customers": _("Customers")}
    now = asked["sort"] if asked["sort"] in ORDERS else ""
    return [Choice(key, words[key], 0, _url(asked | {"sort": key}), now == key) for key in words]


def _rows(request: StaffRequest, told: Sequence[Statement]) -> list[Row]:
    customers, offered = reverse("customers:list"), slots.rule_actions(request.user)
    return [
        Row(
            said=one,
            url=f"{customers}?{urlencode(one.narrowed)}",
            group_url=f"{customers}?{urlencode(one.group.narrowed())}",
            exact=one.whole,
            begun=[_begin(action, one, one.rule) for action in offered if one.rule],
            unruled=one.unruled if offered else None,
        )
        for one in told
    ]


def _begin(action: slots.RuleAction, one: Statement, rule: Mapping[str, Any]) -> Begin:
    note = _("From the cross analysis: %(statement)s") % {"statement": one.words}
    return Begin(label=str(action.label), icon=action.icon, url=action.url(rule, str(one.title), note))


def _url(asked: dict[str, str]) -> str:
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"{reverse('insight:cross')}{'?' + query if query else ''}"


def _workbook(found: Crossed, told: Iterable[Statement]) -> HttpResponse:
    header = [
        _("Statement"), _("Group of customers"), _("Trait"), _("Share"), _("Lower end"), _("Upper end"), _("Among all"), _("Lift"),
        _("Lower end"), _("Upper end"), _("Customers with the trait"), _("Customers in the group"), _("q"),
    ]  # fmt: skip
    rows = [_cells(one) for one in told]
    sheet = workbooks.Sheet(name=_("Cross analysis"), header=header, rows=rows)
    about = workbooks.Sheet(
        name=_("Method"),
        header=[_("How it was found")],
        rows=[[str(one)] for one in method(found.run.params)],
    )
    return workbooks.answer(f"cross-{clock.today():%Y%m%d}", [sheet, about])


def _cells(one: Statement) -> list[workbooks.Cell]:
    figures = [one.seen.share, *one.share, one.seen.overall, one.seen.lift, *one.lift]
    sides = [str(one.group.group()), str(one.trait.trait())]
    q = Decimal(f"{one.q:.3g}")
    return [
        str(one.words),
        *sides,
        *(Decimal(f"{value:.4f}") for value in figures),
        one.seen.both,
        one.seen.group,
        q,
    ]
