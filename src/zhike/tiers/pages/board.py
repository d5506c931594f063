"""The board of tiers and the page of one tier."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.blueprint import queries as blueprints
from zhike.blueprint.facts import Missing
from zhike.core import charts, figures
from zhike.core.charts import Chart
from zhike.core.text import Text
from zhike.kernel import slots
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right
from zhike.tiers import links, queries
from zhike.tiers.facts import TierName
from zhike.tiers.links import Tab
from zhike.tiers.models import Tier
from zhike.tiers.queries import UNPLACED, Moves, TierFigures, Trait

DAYS_SHOWN = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRow:
    """One tier of the board."""

    tier: TierName
    traits: Text
    figures: TierFigures
    share: Decimal
    spend_share: Decimal
    mean_spend: Decimal | None
    mean_orders: Decimal | None
    repeat_share: Decimal | None
    came: int
    left: int
    url: str
    customers_url: str
    strategy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board(Page):
    """All tiers."""

    template: ClassVar[str] = "tiers/board.html"
    tabs: list[Tab]
    rows: list[TierRow]
    customers: int
    spend: Decimal
    unplaced: int
    unplaced_url: str
    compared: tuple[date, date] | None
    moved: int
    history: Chart | None
    may_run: bool
    missing: Missing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """Customers who came from or went to another tier."""

    tier: TierName | None
    label: Text
    customers: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPage(Page):
    """One tier."""

    template: ClassVar[str] = "tiers/tier.html"
    tabs: list[Tab]
    row: TierRow
    rule: str
    traits: list[Trait]
    compared: tuple[date, date] | None
    came: list[MoveRow]
    left: list[MoveRow]
    history: Chart | None
    cards: list[str]


@needs(Right.TIERS_VIEW)
@require_GET
def board(request: StaffRequest) -> HttpResponse:
    """Every tier with its customers, value and moves, within the user's scope."""
    rows, moves = _rows(request)
    missing = blueprints.missing(request.user)
    total = sum(row.figures.customers for row in rows)
    page = Board(
        title=_("Customer tiers"),
        pretitle=links.as_of(request.user),
        tabs=links.tabs(),
        rows=rows,
        customers=total,
        spend=sum((row.figures.spend for row in rows), Decimal(0)),
        unplaced=queries.unplaced(request.user),
        unplaced_url=links.customers(tier=UNPLACED),
        compared=(moves.first, moves.second) if moves else None,
        moved=moves.moved if moves else 0,
        history=_history(request.user, [row.tier for row in rows]),
        may_run=may(request.user, Right.INSIGHT_RUN) and missing is None,
        missing=missing,
    )
    return show(request, page)


@needs(Right.TIERS_VIEW)
@require_GET
def tier(request: StaffRequest, key: str) -> HttpResponse:
    """One tier: what it is, who came and left, what sets it apart."""
    rows, moves = _rows(request)
    row = next((one for one in rows if one.tier.key == key), None)
    if row is None:
        raise Http404
    names = queries.names()
    page = TierPage(
        title=str(row.tier.label),
        pretitle=links.as_of(request.user),
        tabs=links.tabs(),
        row=row,
        rule=queries.rule_in_words(key),
        traits=queries.traits(request.user, key),
        compared=(moves.first, moves.second) if moves else None,
        came=_moves(moves, names, key, incoming=True) if moves else [],
        left=_moves(moves, names, key, incoming=False) if moves else [],
        history=_history(request.user, [row.tier]),
        cards=[panel.render(request, row.tier) for panel in slots.panels("tiers.tier", request.user)],
    )
    return show(request, page)


def _rows(request: StaffRequest) -> tuple[list[TierRow], Moves | None]:
    found = queries.figures(request.user)
    days = queries.last_two_days()
    moves = queries.moves(request.user, *days) if days else None
    traits = {one.key: one.traits_text for one in Tier.objects.all()}
    customers = sum(one.customers for one in found)
    spend = sum((one.spend for one in found), Decimal(0))
    slot = slots.panels("tiers.row", request.user)
    rows = [
        TierRow(
            tier=one.tier,
            traits=traits[one.tier.key],
            figures=one,
            share=_part(one.customers, customers) or Decimal(0),
            spend_share=_part(one.spend, spend) or Decimal(0),
            mean_spend=_part(one.spend, one.customers),
            mean_orders=_part(one.orders, one.customers),
            repeat_share=_part(one.repeat, one.customers),
            came=moves.came(one.tier.key) if moves else 0,
            left=moves.left(one.tier.key) if moves else 0,
            url=reverse("tiers:tier", args=[one.tier.key]),
            customers_url=links.customers(tier=one.tier.key),
            strategy="".join(panel.render(request, one.tier) for panel in slot),
        )
        for one in found
    ]
    return rows, moves


def _part(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


def _moves(moves: Moves, names: dict[str, TierName], key: str, *, incoming: bool) -> list[MoveRow]:
    rows = []
    for (was, now), number in moves.cells.items():
        here, other = (now, was) if incoming else (was, now)
        if here != key or other == key:
            continue
        name = names.get(other)
        url = links.customers(moved=queries.spelled(was, now, moves.first, moves.second))
        rows.append(MoveRow(tier=name, label=queries.label_of(name), customers=number, url=url))
    return sorted(rows, key=lambda one: -one.customers)


def _history(user: User, shown: list[TierName]) -> Chart | None:
    days = sorted(queries.days_of_runs()[:DAYS_SHOWN])
    if len(days) < 2 or not shown:
        return None
    counts = queries.over_time(user, days)
    series = [
        charts.Series(name=one.label, values=[counts.get((day, one.key), 0) for day in days], color=one.color)
        for one in shown
    ]
    labels = [figures.day(day) for day in days]
    if len(shown) == 1:
        return charts.line(labels, series, first=_("Day"))
    return charts.bars(labels, series, first=_("Day"), stacked=True)
