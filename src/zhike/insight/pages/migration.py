"""Migration between two days: from which tier to which, and from which RFM class to which, with customers and value."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.engine.ledger import Sums
from zhike.engine.ledger.statement import money
from zhike.insight.facts import InsightRefusal
from zhike.insight.ledger import periods, reading, words
from zhike.insight.ledger.drilling import Asked
from zhike.insight.ledger.periods import Period
from zhike.insight.ledger.words import Name
from zhike.insight.models import Statement
from zhike.insight.pages.ledger import Pick, picks, pretitle
from zhike.insight.pages.ledger_views import address
from zhike.insight.pages.tabs import Tab, tabs
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Customers of a row that came to a column: how many, which share of the row, their value then, and who."""

    customers: int
    share: Decimal
    value: Decimal
    url: str
    stayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a matrix."""

    name: Name
    cells: list[Cell]
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All pairs of one dimension."""

    title: str
    columns: list[Name]
    lines: list[Line]
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPage(Page):
    """Both matrices, or what stands in their way."""

    template: ClassVar[str] = "insight/migration.html"
    tabs: list[Tab]
    period: Period | None
    picks: list[Pick]
    picked: str
    refusal: InsightRefusal | None
    matrices: list[Matrix]
    ledger: str


@needs(Right.INSIGHT_VIEW)
@require_GET
def migration(request: StaffRequest) -> HttpResponse:
    """The matrices between two days, from the rows of the balance sheet between them."""
    until, period, refusal = periods.closing_day(), None, None
    if until is not None:
        try:
            period = periods.read(request.GET.get("first", ""), request.GET.get("second", ""), until)
        except InsightRefusal as why:
            refusal = why
    statement = reading.find(period) if period else None
    usual = picks(request, until, period) if until else []
    titles = {"tier": _("From tier to tier"), "rfm": _("From RFM class to RFM class")}
    query = urlencode({"first": f"{period.first}", "second": f"{period.second}"}) if period else ""
    page = MigrationPage(
        title=_("Migration"),
        pretitle=pretitle(period, request.user),
        tabs=tabs(),
        period=period,
        picks=usual,
        picked=next((one.label for one in usual if one.now), _("Other days")),
        refusal=refusal,
        matrices=[_matrix(request, statement, key, said) for key, said in titles.items()]
        if statement
        else [],
        ledger=f"{reverse('insight:ledger')}?{query}",
    )
    return show(request, page, status=422 if refusal else 200)


def _matrix(request: StaffRequest, statement: Statement, dimension: str, title: str) -> Matrix:
    cells = reading.moved(request.user, statement, dimension)
    names = words.names(dimension, [key for pair in cells for key in pair])
    columns = [name for name in names.values() if any(now == name.key for _was, now in cells)]
    return Matrix(
        title=title,
        columns=columns,
        lines=[
            _line(statement, dimension, cells, name, columns)
            for name in names.values()
            if any(was == name.key for was, _now in cells)
        ],
        moved=sum(sums.customers for (was, now), sums in cells.items() if was != now and was and now),
    )


def _line(
    statement: Statement,
    dimension: str,
    cells: Mapping[tuple[str, str], Sums],
    row: Name,
    columns: list[Name],
) -> Line:
    found = [cells.get((row.key, column.key), Sums()) for column in columns]
    whole = sum(one.customers for one in found)
    return Line(
        name=row,
        cells=[
            Cell(
                customers=sums.customers,
                share=Decimal(sums.customers) / whole if whole else Decimal(0),
                value=money(sums.closing),
                url=address(statement, Asked(dimension=dimension, was=row.key, now=column.key)),
                stayed=row.key == column.key,
            )
            for column, sums in zip(columns, found, strict=True)
        ],
        customers=whole,
    )
