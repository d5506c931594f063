"""Pages of effect: KPIs per tier by month, before against after, notes, and the quarterly review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhike.core.blueprints import KpiSpec
from zhike.core.charts import Chart
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.effect import actions, queries, rows, sheets, words
from zhike.effect.forms import NoteForm, ReviewForm
from zhike.effect.months import Reached, named, quarter_ends
from zhike.effect.rows import EffectCard, Line, MoveRow
from zhike.execution.facts import WorkCounts
from zhike.kernel import audit, clock
from zhike.kernel.models import Scope
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right
from zhike.strategies import actions as strategy_actions
from zhike.strategies import queries as strategies
from zhike.strategies.facts import Every, cycle_key, quarter_span
from zhike.tiers.facts import TierName

EVERY = "all"  # how an address names all tiers together


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A KPI one may choose."""

    key: str
    label: Text
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedRow:
    """A target that was not reached, and what was noted about it."""

    tier: TierName
    kpi: Text
    value: str
    target: str
    reason: str
    adjustment: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPage(Page):
    """One KPI per tier by month, and the targets missed in the newest month."""

    template: ClassVar[str] = "effect/effect.html"
    tabs: list[Tab]
    kpi: KpiSpec | None
    target: str
    chart: Chart | None
    labels: list[str]
    quarterly: bool
    lines: list[Line]
    missed: list[MissedRow]
    reached: int
    may_note: bool


@needs(Right.EFFECT_VIEW)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """KPIs per tier by month."""
    specs = queries.kpis()
    found = queries.series(request.user)
    kpi = specs.get(request.GET.get("kpi", "")) or next(iter(specs.values()), None)
    every, quarterly = queries.months(found), request.GET.get("by") == "quarter"
    months = (quarter_ends(every) if quarterly else every)[-rows.MONTHS :]
    standing, tiers = queries.standings(request.user, found), rows.all_tiers()
    page = EffectPage(
        title=_("Effect"),
        pretitle=_("Newest month {month}").format(month=f"{months[-1]:%Y-%m}") if months else "",
        tabs=[
            Tab(key=one.key, label=one.label, url=f"?kpi={one.key}{'&by=quarter' if quarterly else ''}")
            for one in specs.values()
        ],
        kpi=kpi,
        target=rows.target_said(kpi) if kpi else "",
        chart=rows.chart(kpi, found, months, quarterly=quarterly) if kpi and months else None,
        labels=[named(month, quarterly=quarterly) for month in months],
        quarterly=quarterly,
        lines=rows.lines(kpi, found, months, queries.notes()) if kpi and months else [],
        missed=[_missed(one, tiers) for one in standing if one.reached is Reached.NO],
        reached=sum(one.reached is Reached.YES for one in standing),
        may_note=may(request.user, Right.STRATEGIES_EDIT),
    )
    return show(request, page, fragment="figures")


def _missed(one: queries.Standing, tiers: dict[str, TierName]) -> MissedRow:
    return MissedRow(
        tier=tiers.get(one.tier, rows.ALL_TIERS),
        kpi=one.kpi.label,
        value=words.value(one.figure.value, one.kpi.unit),
        target=words.value(one.kpi.target, one.kpi.unit),
        reason=one.note.reason if one.note else "",
        adjustment=one.note.adjustment if one.note else "",
        url=reverse("effect:note", args=[one.kpi.key, f"{one.month:%Y-%m}", one.tier or EVERY]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage(Page):
    """Before against after for each strategy in force."""

    template: ClassVar[str] = "effect/compare.html"
    cards: list[EffectCard]
    sees_all: bool


@needs(Right.EFFECT_VIEW)
@require_GET
def compare(request: StaffRequest) -> HttpResponse:
    """Before against after for each strategy in force."""
    today = clock.today()
    cards = rows.cards(request.user, queries.effects(request.user), today)
    page = ComparePage(
        title=_("Before against after"),
        pretitle=_("As of {day}").format(day=f"{today:%Y-%m-%d}"),
        cards=cards,
        sees_all=request.user.scope == Scope.ALL,
    )
    return show(request, page)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage(Page):
    """The form of a note."""

    template: ClassVar[str] = "effect/note.html"
    form: NoteForm
    back: str


@needs(Right.STRATEGIES_EDIT)
@require_http_methods(["GET", "POST"])
def note(request: StaffRequest, kpi: str, month: str, tier: str) -> HttpResponse:
    """Say why a KPI stood as it did, and what was changed."""
    spec, when = queries.kpis().get(kpi), _month(month)
    place = rows.all_tiers().get("" if tier == EVERY else tier)
    if spec is None or place is None:
        raise Http404
    old = queries.notes().get((kpi, place.key, when))
    initial = {"reason": old.reason, "adjustment": old.adjustment} if old else {}
    form = NoteForm(request.POST if request.method == "POST" else None, initial=initial)
    back = f"{reverse('effect:index')}?kpi={kpi}"
    if form.is_valid():
        try:
            actions.note(kpi=kpi, tier=place.key, month=when, by=request.user, **form.cleaned_data)
            return saved(request, back, toast=_("Noted"))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    title = _("{kpi} in {month}").format(kpi=spec.label, month=month)
    page = NotePage(title=title, pretitle=str(place.label), form=form, back=back)
    return show(request, page, status=422 if form.is_bound else 200)


def _month(raw: str) -> date:
    try:
        return date.fromisoformat(f"{raw}-01")
    except ValueError as error:
        raise Http404 from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCard:
    """One tier in a quarter: what was done, what moved, what was decided."""

    tier: TierName
    work: WorkCounts
    measures: list[tuple[Text, int, int]]
    moves: list[MoveRow]
    decision: str
    decision_label: str
    note: str
    decided: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage(Page):
    """The quarterly review of all strategies."""

    template: ClassVar[str] = "effect/review.html"
    quarter: str
    quarters: list[str]
    cards: list[ReviewCard]
    may_decide: bool


@needs(Right.EFFECT_VIEW)
@require_GET
def review(request: StaffRequest) -> HttpResponse:
    """What happened per tier in a quarter, with the decision about its strategy."""
    today = clock.today()
    quarters = _quarters(today)
    quarter = request.GET.get("quarter", "")
    quarter = quarter if quarter in quarters else quarters[0]
    names = strategies.measure_names()
    page = ReviewPage(
        title=_("Quarterly review"),
        pretitle=quarter,
        quarter=quarter,
        quarters=quarters,
        cards=[_card(one, quarter, names) for one in queries.review(request.user, quarter, today)],
        may_decide=may(request.user, Right.STRATEGIES_EDIT),
    )
    return show(request, page)


def _quarters(today: date) -> list[str]:
    """This quarter and those before it since the first strategy, eight at most."""
    began = strategies.first_began() or today
    found, day = [cycle_key(Every.QUARTERLY, today)], today
    while len(found) < 8 and (day := quarter_span(found[-1])[0] - timedelta(days=1)) >= began:
        found.append(cycle_key(Every.QUARTERLY, day))
    return found


def _card(one: queries.ReviewRow, quarter: str, names: dict[str, Text]) -> ReviewCard:
    said = one.review
    return ReviewCard(
        tier=one.mark,
        work=one.work,
        measures=[
            (names.get(key, Text.same(key)), *counts) for key, counts in sorted(one.work.by_measure.items())
        ],
        moves=rows.moves(one.moves),
        decision=said.decision if said else "",
        decision_label=said.get_decision_display() if said else "",
        note=said.note if said else "",
        decided=f"{said.decided_by.name} · {said.decided_at:%Y-%m-%d}" if said else "",
        url=reverse("effect:decide", args=[quarter, one.mark.key]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePage(Page):
    """The decision about one tier's strategy."""

    template: ClassVar[str] = "effect/decide.html"
    form: ReviewForm
    card: ReviewCard
    back: str


@needs(Right.STRATEGIES_EDIT)
@require_http_methods(["GET", "POST"])
def decide(request: StaffRequest, quarter: str, tier: str) -> HttpResponse:
    """Keep or change one tier's strategy."""
    try:
        found = {one.mark.key: one for one in queries.review(request.user, quarter, clock.today())}
    except ValueError as error:
        raise Http404 from error
    if tier not in found:
        raise Http404
    row, old = found[tier], found[tier].review
    initial = {"decision": old.decision, "note": old.note} if old else {"decision": "keep"}
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=initial)
    back = f"{reverse('effect:review')}?quarter={quarter}"
    if form.is_valid():
        try:
            figures = queries.review_figures(row)
            said = strategy_actions.review(
                strategy=row.strategy, quarter=quarter, figures=figures, by=request.user, **form.cleaned_data
            )
            return saved(
                request,
                reverse("blueprint:strategy", args=[tier]) if said.decision == "change" else back,
                toast=_("Decided"),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    card = _card(row, quarter, strategies.measure_names())
    page = DecidePage(
        title=_("Review of {quarter}").format(quarter=quarter),
        pretitle=str(row.mark.label),
        form=form,
        card=card,
        back=back,
    )
    return show(request, page, status=422 if form.is_bound else 200)


@needs(Right.EFFECT_VIEW)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """KPI figures, comparisons and notes as an Excel workbook."""
    audit.record("effect.exported", None, by=request.user)
    return sheets.answer(request.user, clock.today())
