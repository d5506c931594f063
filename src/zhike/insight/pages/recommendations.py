"""Recommendations: how well each method foretold the past, which items are recommended most, and to whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import figures
from zhike.core.text import Text
from zhike.engine.recommend.words import GRAINS, METHODS
from zhike.insight import queries
from zhike.insight.models import Run
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.value import listed
from zhike.insight.queries import ItemRow
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right
from zhike.kernel.workbooks import Cell

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One method in the trial; `again` and `new` are chosen for use where marked."""

    method: Text
    again: float | None
    new: float | None
    both: float | None
    for_again: bool
    for_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item with the customers to whom it is recommended."""

    told: ItemRow
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationsPage(Page):
    """The trial, coverage, and the items recommended most."""

    template: ClassVar[str] = "insight/recommendations.html"
    tabs: list[Tab]
    run: Run | None
    told: int
    bought: int
    grain: Text | None
    marks: list[Mark]
    customers: dict[str, int]
    why: Text | None
    words: str
    rows: list[Row]
    items: int
    recommended: int
    may_export: bool
    may_run: bool


@needs(Right.INSIGHT_VIEW)
@require_GET
def recommendations(request: StaffRequest) -> HttpResponse:
    """What is recommended to the customers the user may see."""
    user, run = request.user, queries.latest(Run.Kind.RECOMMEND)
    words = request.GET.get("q", "").strip()[:100]
    found = queries.item_rows(user, words) if run else []
    params: dict[str, Any] = run.params if run else {}
    page = RecommendationsPage(
        title=_("Recommendations"),
        pretitle=as_of(run, user),
        tabs=tabs(),
        run=run,
        told=queries.coverage(user),
        bought=queries.forecasts(user).count(),
        grain=GRAINS[params["grain"]] if run else None,
        marks=marks(params) if run else [],
        customers=params["trial"]["customers"] if params.get("trial") else {},
        why=Text.from_json(params["why"]) if params.get("why") else None,
        words=words,
        rows=[Row(told=one, url=listed(recommended=str(one.item.pk))) for one in found[:SHOWN]],
        items=len(found),
        recommended=len(queries.item_rows(user, "") if words and run else found),
        may_export=may(user, Right.CUSTOMERS_EXPORT),
        may_run=may(user, Right.INSIGHT_RUN),
    )
    return show(request, page, fragment="rows")


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """The items with the numbers of customers as an Excel workbook."""
    found = queries.item_rows(request.user, request.GET.get("q", "").strip()[:100])
    header = [
        _("Item"),
        _("Share of all customers who bought it"),
        _("Buy again"),
        _("First purchase"),
        _("Customers"),
    ]
    rows: Iterator[list[Cell]] = (
        [one.item.label, figures.share(one.item.share), one.again, one.fresh, one.customers] for one in found
    )
    audit.record("insight.exported", None, by=request.user, changes={"what": "recommendations"})
    sheet = workbooks.Sheet(name="recommendations", header=header, rows=rows)
    return workbooks.answer(f"recommendations-{clock.today():%Y-%m-%d}", [sheet])


def marks(params: dict[str, Any]) -> list[Mark]:
    """The trial by method, in the order of words.METHODS."""
    found = {one["method"]: one for one in params["trial"]["marks"]} if params["trial"] else {}
    again, new = (_method(params[purpose]) for purpose in ("again", "new"))
    return [
        Mark(
            method=label,
            again=found[key].get("again"),
            new=found[key].get("new"),
            both=found[key].get("both"),
            for_again=key == again,
            for_new=key == new,
        )
        for key, label in METHODS.items()
        if key in found
    ]


def _method(recipe: dict[str, Any]) -> str:
    """The key in words.METHODS of a recipe; as the engine names it, which web processes do not load."""
    together, mixed = recipe["together"], bool(recipe["own"] or recipe["popular"])
    if not together:
        return "own" if recipe["own"] else "popular"
    return f"{together}+own" if mixed else str(together)
