"""The customers behind a figure of a balance sheet, and both as Excel workbooks."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import figures
from zhike.customers import queries as customers
from zhike.engine.ledger import Movement
from zhike.insight import queries
from zhike.insight.ledger import drilling, periods, reading, sheets, words
from zhike.insight.ledger.drilling import ANY, PAGE, SORTS, Asked, Found, Line
from zhike.insight.models import Statement
from zhike.insight.pages.ledger import pretitle
from zhike.insight.pages.tabs import Tab, tabs
from zhike.kernel import audit
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.paging import Pager
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One customer as this user may see them."""

    name: str
    url: str
    movement: str
    meaning: str
    tiers: str
    why: str
    line: Line


@dataclass(frozen=True, slots=True)
class Head:
    """A column that sorts: its name, where a click leads, and whether it sorts now (up, down or not)."""

    label: str
    url: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCustomers(Page):
    """A page of customers, with the sums of all of them."""

    template: ClassVar[str] = "insight/ledger_customers.html"
    tabs: list[Tab]
    statement: Statement
    who: str
    found: Found
    rows: list[Row]
    heads: list[Head]
    pager: Pager
    back: str
    export: str
    may_export: bool


@needs(Right.INSIGHT_VIEW)
@require_GET
def ledger_customers(request: StaffRequest) -> HttpResponse:
    """The customers of a movement, a slice or both, sorted by an amount."""
    statement, asked = _statement(request), _asked(request)
    sort, falling = _sort(request)
    raw = request.GET.get("page", "1")
    number = int(raw) if raw.isdigit() and 0 < int(raw) < 10**6 else 1
    found = drilling.page(request.user, statement, asked, sort=sort, falling=falling, number=number)
    page = LedgerCustomers(
        title=_title(asked),
        pretitle=pretitle(periods.Period(statement.first, statement.second), request.user),
        tabs=tabs(),
        statement=statement,
        who=_who(asked),
        found=found,
        rows=_rows(request.user, found.lines, statement.second),
        heads=_heads(request, sort, falling),
        pager=_pager(request, found, number),
        back=f"{reverse('insight:ledger')}?{_days(statement)}",
        export=f"{reverse('insight:ledger_customers_export')}?{urlencode(asked.query)}&{_days(statement)}",
        may_export=may(request.user, Right.CUSTOMERS_EXPORT),
    )
    return show(request, page, fragment="rows")


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def ledger_customers_export(request: StaffRequest) -> HttpResponse:
    """All of them as an Excel workbook."""
    statement, asked = _statement(request), _asked(request)
    audit.record("insight.exported", statement, by=request.user, changes=dict(asked.query))
    return sheets.people(request.user, statement, asked, _title(asked))


@needs(Right.INSIGHT_VIEW)
@require_GET
def ledger_export(request: StaffRequest) -> HttpResponse:
    """The statement with all its slices as an Excel workbook."""
    statement = _statement(request)
    sheet = reading.read(request.user, statement, words.dimensions())
    if sheet is None:
        raise Http404
    audit.record("insight.exported", statement, by=request.user)
    return sheets.whole(sheet)


def _statement(request: StaffRequest) -> Statement:
    try:
        first, second = (date.fromisoformat(request.GET.get(name, "")) for name in ("first", "second"))
    except ValueError:
        raise Http404 from None
    found = reading.find(periods.Period(first, second))
    if found is None:
        raise Http404
    return found


def _asked(request: StaffRequest) -> Asked:
    try:
        return Asked.read(request.GET.dict())
    except LookupError:
        raise Http404 from None


def _days(statement: Statement) -> str:
    return urlencode({"first": f"{statement.first}", "second": f"{statement.second}"})


def _sort(request: StaffRequest) -> tuple[str, bool]:
    asked = request.GET.get("sort", "-closing")
    name = asked.removeprefix("-")
    return (name, asked.startswith("-")) if name in SORTS else ("closing", True)


def _title(asked: Asked) -> str:
    if asked.movement:
        return words.movement(Movement(asked.movement))[0]
    return _("Customers asleep or close to it") if asked.at_risk else _("Customers of the balance sheet")


def _who(asked: Asked) -> str:
    """The slice in words, and what the movement means."""
    said = [words.movement(Movement(asked.movement))[1]] if asked.movement else []
    if asked.dimension:
        keys = [key for key in (asked.was, asked.now) if key != ANY]
        named = words.names(asked.dimension, keys)
        label = words.dimensions()[asked.dimension]
        parts = [f"{words_of} {named[key].label}" for words_of, key in _sides(asked) if key != ANY]
        said.append(f"{label}: {' · '.join(parts)}")
    return " ".join(said)


def _sides(asked: Asked) -> list[tuple[str, str]]:
    return [(_("at the opening"), asked.was), (_("at the closing"), asked.now)]


def _rows(user: User, lines: list[Line], day: date) -> list[Row]:
    told = (
        queries.reasons_told([one.customer.pk for one in lines], day) if may(user, Right.TIERS_VIEW) else {}
    )
    tiers = words.names("tier", {tier for line in lines for tier in line.tiers})
    return [
        Row(
            name=customers.shown_name(user, line.customer),
            url=reverse("customers:customer", args=[line.customer.key]),
            movement=words.movement(line.movement)[0],
            meaning=words.movement(line.movement)[1],
            tiers=_moved(*(tiers[tier].label if tier else "–" for tier in line.tiers)),
            why=told.get(line.customer.pk, ""),
            line=line,
        )
        for line in lines
    ]


def _moved(was: str, now: str) -> str:
    return now if was == now else f"{was} → {now}"


def _heads(request: StaffRequest, sort: str, falling: bool) -> list[Head]:
    labels = {
        "opening": _("Opening"), "model": _("Model change"), "change": _("Changed by"), "closing": _("Closing"),
        "revenue": _("Revenue of the period"), "last1": _("Last purchase"),
    }  # fmt: skip
    return [_head(request, name, label, sort, falling) for name, label in labels.items()]


def _head(request: StaffRequest, name: str, label: str, sort: str, falling: bool) -> Head:
    query = request.GET.copy()
    query.pop("page", None)
    query["sort"] = name if name == sort and falling else f"-{name}"
    now = ("down" if falling else "up") if name == sort else ""
    return Head(label, f"?{query.urlencode()}", now)


def _pager(request: StaffRequest, found: Found, number: int) -> Pager:
    def link(page: int) -> str:
        query = request.GET.copy()
        query["page"] = str(page)
        return f"{request.path}?{query.urlencode()}"

    last = (found.customers + PAGE - 1) // PAGE
    return Pager(
        text=_("{count} shown").format(count=f"{len(found.lines)} / {figures.count(found.customers)}"),
        previous=link(number - 1) if number > 1 else "",
        next=link(number + 1) if number < last else "",
    )
