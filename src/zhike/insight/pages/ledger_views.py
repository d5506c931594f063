"""A statement as its page shows it: cards, waterfall, treemap, tiers, slices and revenue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.blueprint import queries as blueprints
from zhike.core import charts, figures
from zhike.core.charts import Chart
from zhike.engine.ledger import Movement, Slice, Sums
from zhike.engine.ledger.movements import MOVEMENTS
from zhike.engine.ledger.statement import money
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.ledger import words
from zhike.insight.ledger.drilling import Asked
from zhike.insight.ledger.reading import Interval, Sheet
from zhike.insight.ledger.words import Name
from zhike.insight.models import Statement
from zhike.kernel import slots
from zhike.kernel.pages import StaffRequest


@dataclass(frozen=True, slots=True)
class Delta:
    """A change in words, and whether it is one for the worse."""

    said: str
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One movement: how many customers, what it brought, what it means, and who."""

    key: str
    label: str
    meaning: str
    customers: int
    amount: Decimal
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceRow:
    """One slice: opening + moved + movements + model = closing, and the revenue beside it."""

    name: Name
    customers: int
    opening: Decimal
    moved: Decimal
    amounts: list[tuple[str, Decimal, str]]
    model: Decimal
    closing: Decimal
    share: Decimal
    growth: Delta | None
    earned0: Decimal
    shifted: Decimal
    ordered: Decimal
    returned: Decimal
    net: Decimal
    earned1: Decimal
    balances: bool
    url: str
    traits: str = ""
    strategy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything on the page of a statement."""

    sheet: Sheet
    growth: Delta | None
    interval: Interval
    net: Delta
    new: int
    churned: int
    returned: int
    new_url: str
    churned_url: str
    risk_url: str
    repeat: Decimal | None
    repeat_change: Delta | None
    moves: list[MoveRow]
    waterfall: Chart
    treemap: Chart
    tiers: list[SliceRow]
    slices: list[SliceRow]
    slices_note: str
    columns: list[str]
    by: str
    by_label: str
    dimensions: list[tuple[str, str, str]]
    net_revenue: Decimal
    new_revenue: Decimal
    old_revenue: Decimal
    notes: list[str]
    reckoned: str


def view(request: StaffRequest, sheet: Sheet, by: str) -> View:
    """Put a statement into the shape of its page."""
    total, statement = sheet.total, sheet.statement
    rates = total.repeat_rate(0), total.repeat_rate(1)
    moves = _moves(sheet)
    shown = [one.key for one in moves if one.customers and one.key not in {"idle", "steady"}]
    return View(
        sheet=sheet,
        growth=_growth(total.closing, total.opening, marked=True),
        interval=sheet.interval(1),
        net=_delta(Decimal(total.active[1] - total.active[0]), figures.count),
        new=total.number(Movement.NEW),
        churned=total.number(Movement.CHURNED),
        returned=total.number(Movement.RETURNED),
        new_url=address(statement, Asked(movement="new")),
        churned_url=address(statement, Asked(movement="churned")),
        risk_url=address(statement, Asked(at_risk="yes")),
        repeat=rates[1],
        repeat_change=_points(*rates),
        moves=moves,
        waterfall=_waterfall(sheet, moves),
        treemap=_treemap(sheet),
        tiers=_tiers(request, sheet, shown),
        slices=slice_rows(sheet, by, shown),
        slices_note=words.about_slices(statement, by),
        columns=[words.movement(Movement(key))[0] for key in shown],
        by=by,
        by_label=words.dimensions()[by],
        dimensions=[(key, label, _page(statement, by=key)) for key, label in words.dimensions().items()],
        net_revenue=sheet.control.ordered - sheet.control.returned,
        new_revenue=total.revenue(new=True),
        old_revenue=total.revenue(new=False),
        notes=words.notes(statement),
        reckoned=words.reckoned(statement),
    )


def address(statement: Statement, asked: Asked, **more: str) -> str:
    """The customers behind a figure."""
    days = {"first": f"{statement.first}", "second": f"{statement.second}"}
    return f"{reverse('insight:ledger_customers')}?{urlencode(days | asked.query | more)}"


def _page(statement: Statement, **more: str) -> str:
    days = {"first": f"{statement.first}", "second": f"{statement.second}"}
    return f"{reverse('insight:ledger')}?{urlencode(days | more)}"


def _moves(sheet: Sheet) -> list[MoveRow]:
    rows = []
    for key in MOVEMENTS:
        label, meaning = words.movement(key)
        url = address(sheet.statement, Asked(movement=key))
        number, amount = sheet.total.number(key), sheet.total.amount(key)
        rows.append(
            MoveRow(key=key.value, label=label, meaning=meaning, customers=number, amount=amount, url=url)
        )
    return rows


def _waterfall(sheet: Sheet, moves: list[MoveRow]) -> Chart:
    total = sheet.total
    changes = [
        charts.Step(label=one.label, value=one.amount, url=one.url)
        for one in moves
        if one.customers and one.key not in {"idle", "steady"}
    ]
    steps = [
        charts.Step(label=_("Opening"), value=total.opening, level=True),
        *changes,
        charts.Step(label=_("Model change"), value=total.model),
        charts.Step(label=_("Closing"), value=total.closing, level=True),
    ]
    return charts.waterfall(steps, columns=(_("Movement"), _("Worth")))


def _treemap(sheet: Sheet) -> Chart:
    number = {one.key: one.closing.customers for one in sheet.slices["rfm"]}
    items = [
        charts.Item(
            label=one.label,
            value=number.get(key, 0),
            color=one.color,
            url=address(sheet.statement, Asked(dimension="rfm", now=key)),
        )
        for key, one in RFM_CLASSES.items()
    ]
    return charts.treemap(items, columns=(_("Class"), _("Customers")))


def _tiers(request: StaffRequest, sheet: Sheet, shown: list[str]) -> list[SliceRow]:
    spec = blueprints.current()
    known = {one.key: one for one in spec.tiers}
    panels = slots.panels("tiers.row", request.user)
    said = {
        key: (str(one.traits), "".join(panel.render(request, one) for panel in panels))
        for key, one in known.items()
    }
    return slice_rows(sheet, "tier", shown, said)


def slice_rows(
    sheet: Sheet, dimension: str, shown: list[str], said: Mapping[str, tuple[str, str]] | None = None
) -> list[SliceRow]:
    """The slices of a dimension in their order; `said` adds traits and strategy by key."""
    slices = {one.key: one for one in sheet.slices[dimension]}
    whole = sum(one.closing.customers for one in slices.values())
    return [
        _row(sheet, dimension, slices[key], name, shown, whole, (said or {}).get(key, ("", "")))
        for key, name in words.names(dimension, slices).items()
    ]


def _row(
    sheet: Sheet,
    dimension: str,
    one: Slice,
    name: Name,
    shown: list[str],
    whole: int,
    said: tuple[str, str],
) -> SliceRow:
    end = one.closing
    amounts = [
        (
            words.movement(Movement(key))[0],
            money(one.movements.get(Movement(key), Sums()).change),
            address(sheet.statement, Asked(movement=key, dimension=dimension, now=one.key)),
        )
        for key in shown
    ]
    return SliceRow(
        name=name,
        customers=end.customers,
        opening=money(one.opening.opening),
        moved=money(one.came.opening - one.went.opening),
        amounts=amounts,
        model=money(end.model),
        closing=money(end.closing),
        share=Decimal(end.customers) / whole if whole else Decimal(0),
        growth=_growth(money(end.closing), money(one.opening.opening)),
        earned0=money(one.opening.earned0),
        shifted=money(one.came.earned0 - one.went.earned0),
        ordered=money(end.ordered),
        returned=money(end.returned),
        net=money(end.ordered - end.returned),
        earned1=money(end.earned0 + end.ordered - end.returned),
        balances=one.balances,
        url=address(sheet.statement, Asked(dimension=dimension, now=one.key)),
        traits=said[0],
        strategy=said[1],
    )


def _growth(now: Decimal, was: Decimal, *, marked: bool = False) -> Delta | None:
    if not was:
        return None
    growth = now / was - 1
    if marked:
        return _delta(growth, figures.share)
    return Delta(f"{'−' if growth < 0 else '+'}{figures.share(abs(growth))}", growth < 0)


def _points(was: Decimal | None, now: Decimal | None) -> Delta | None:
    if was is None or now is None:
        return None
    return _delta((now - was) * 100, lambda points: f"{figures.plain(points, 1)} pt")


def _delta(change: Decimal, written: Callable[[Decimal], str]) -> Delta:
    return Delta(f"{'▼' if change < 0 else '▲'} {written(abs(change))}", change < 0)
