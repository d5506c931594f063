"""Who moved from which tier to which between two days."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core.text import Text
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right
from zhike.tiers import links, queries
from zhike.tiers.facts import TierName
from zhike.tiers.links import Tab
from zhike.tiers.queries import UNPLACED, Causes, Moves


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCell:
    """Customers from the row's tier to the column's: how many, which share of the row, and who."""

    customers: int
    share: Decimal | None
    url: str
    stayed: bool
    better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """One row of the matrix."""

    tier: TierName | None
    label: Text
    cells: list[MoveCell]
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesPage(Page):
    """The matrix of moves between two days."""

    template: ClassVar[str] = "tiers/moves.html"
    tabs: list[Tab]
    days: list[date]
    first: date | None
    second: date | None
    columns: list[TierName]
    lines: list[MoveLine]
    moved: int
    up: int
    down: int
    causes: Causes


@needs(Right.TIERS_VIEW)
@require_GET
def moves(request: StaffRequest) -> HttpResponse:
    """The matrix between the days `from` and `to`, by default the last two runs."""
    days = queries.days_of_runs()
    first, second = _chosen(request, days)
    found = queries.moves(request.user, first, second) if first and second else None
    columns = [one for one in queries.names().values() if found is None or _appears(found, one.key)]
    lines = _lines(found, columns) if found else []
    cells = [(line, cell) for line in lines if line.tier for cell in line.cells if not cell.stayed]
    page = MovesPage(
        title=_("Moves between tiers"),
        pretitle=links.as_of(request.user),
        tabs=links.tabs(),
        days=days,
        first=first,
        second=second,
        columns=columns,
        lines=lines,
        moved=found.moved if found else 0,
        up=sum(cell.customers for _line, cell in cells if cell.better),
        down=sum(cell.customers for _line, cell in cells if not cell.better),
        causes=queries.causes(request.user, first, second) if first and second else Causes(),
    )
    return show(request, page, fragment="matrix")


def _chosen(request: HttpRequest, days: list[date]) -> tuple[date | None, date | None]:
    """Two of the days, in order; what was not asked for or is unknown falls back to the last two."""
    usual = (days[1], days[0]) if len(days) > 1 else (None, None)
    asked = [_day(request.GET.get(name, "")) for name in ("from", "to")]
    first, second = (one if one in days else other for one, other in zip(asked, usual, strict=True))
    if first and second and first > second:
        return second, first
    return first, second


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _appears(found: Moves, tier: str) -> bool:
    return any(tier in pair for pair in found.cells)


def _lines(found: Moves, columns: list[TierName]) -> list[MoveLine]:
    rows: list[TierName | None] = [*columns]
    if any(was == UNPLACED for was, _now in found.cells):
        rows.append(None)
    return [_line(found, row, columns) for row in rows]


def _line(found: Moves, row: TierName | None, columns: list[TierName]) -> MoveLine:
    was = row.key if row else UNPLACED
    whole = sum(found.count(was, one.key) for one in columns)
    cells = [
        MoveCell(
            customers=found.count(was, one.key),
            share=Decimal(found.count(was, one.key)) / whole if whole else None,
            url=links.customers(moved=queries.spelled(was, one.key, found.first, found.second)),
            stayed=was == one.key,
            better=row is not None and _rank(one) < _rank(row),
        )
        for one in columns
    ]
    return MoveLine(tier=row, label=queries.label_of(row), cells=cells, customers=whole)


def _rank(tier: TierName) -> tuple[bool, int]:
    """A tier of the colour of risk ranks below all others, whatever its place among the rules."""
    return tier.color == "risk", tier.order
