"""Questions about effect: KPI series per tier, before against after, notes, and what a quarter's review looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Max, Q, QuerySet, Sum

from zhike.blueprint import queries as blueprint
from zhike.core.blueprints import Aggregate, Better, KpiSpec
from zhike.effect.models import Effect, KpiNote, KpiReading
from zhike.effect.months import Reached, month_of, reached
from zhike.execution import queries as execution
from zhike.execution.facts import WorkCounts
from zhike.kernel.models import Scope, User
from zhike.kernel.scope import within
from zhike.strategies import queries as strategies
from zhike.strategies.facts import quarter_span
from zhike.tiers.facts import TierName

if TYPE_CHECKING:
    from zhike.strategies.models import Strategy, StrategyReview

ALL = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A KPI of a tier at the end of a month, and the number of customers it rests on."""

    value: Decimal | None
    customers: int
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A KPI of a tier in the newest month against its target, with what was noted about it."""

    kpi: KpiSpec
    tier: str
    month: date
    figure: Figure
    reached: Reached
    note: KpiNote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What happened for one tier in a quarter, and what was decided about its strategy."""

    strategy: Strategy
    mark: TierName
    work: WorkCounts
    moves: list[tuple[KpiSpec, Decimal | None, Decimal | None]]  # KPI, at the start, at the end
    review: StrategyReview | None


Key = tuple[str, str, date]


def kpis() -> dict[str, KpiSpec]:
    """The KPIs of the blueprint in force, by key."""
    spec = blueprint.current_or_none()
    return {kpi.key: kpi for kpi in spec.kpis} if spec else {}


def _readings(user: User) -> QuerySet[KpiReading]:
    whole = Q(whole=True) if user.scope == Scope.ALL else Q(pk__in=[])
    return KpiReading.objects.filter((Q(whole=False) & within(user)) | whole)


def series(user: User, keys: Iterable[str] | None = None) -> dict[Key, Figure]:
    """KPI figures of the asker's customers by KPI, tier (ALL: every tier) and month."""
    specs = kpis()
    found = _readings(user).filter(kpi__in=list(specs if keys is None else keys)).order_by()
    rows = found.values_list("kpi", "tier", "month").annotate(Sum("total"), Sum("customers"), Max("as_of"))
    sums: dict[Key, tuple[Decimal, int, date]] = {}
    for kpi, tier, month, total, customers, as_of in rows:
        sums[kpi, tier, month] = (total, customers, as_of)
        if specs[kpi].aggregate is not Aggregate.MEDIAN:
            before = sums.get((kpi, ALL, month), (Decimal(0), 0, as_of))
            sums[kpi, ALL, month] = (before[0] + total, before[1] + customers, max(before[2], as_of))
    return {key: _figure(specs[key[0]], *said) for key, said in sums.items()}


def _figure(kpi: KpiSpec, total: Decimal, customers: int, as_of: date) -> Figure:
    if not customers:
        return Figure(value=None, customers=0, as_of=as_of)
    value = total / customers if kpi.aggregate in (Aggregate.MEAN, Aggregate.SHARE) else total
    return Figure(value=value, customers=customers, as_of=as_of)


def months(found: Iterable[Key]) -> list[date]:
    """The months that figures exist for, oldest first."""
    return sorted({month for _kpi, _tier, month in found})


def notes() -> dict[Key, KpiNote]:
    """What was noted about KPIs, by KPI, tier and month; everybody who sees effects reads them."""
    return {(one.kpi, one.tier, one.month): one for one in KpiNote.objects.select_related("written_by")}


def standings(user: User, found: dict[Key, Figure]) -> list[Standing]:
    """Every KPI that has a target, per tier, as it stands in the newest month."""
    every = months(found)
    if not every:
        return []
    month, said, specs = every[-1], notes(), kpis()
    return [
        Standing(
            kpi=specs[kpi],
            tier=tier,
            month=month,
            figure=figure,
            reached=reached(figure.value, specs[kpi].target_for(tier), up=specs[kpi].better is Better.UP),
            note=said.get((kpi, tier, month)),
        )
        for (kpi, tier, when), figure in found.items()
        if when == month and specs[kpi].target_for(tier) is not None
    ]


def effects(user: User) -> list[Effect]:
    """Before against after for every strategy in force; measured over all customers, so only for who sees all."""
    if user.scope != Scope.ALL:
        return []
    return list(
        Effect.objects.filter(strategy__until=None)
        .select_related("strategy")
        .order_by("strategy__order", "pk")
    )


def work_since(user: User, strategy: Strategy, today: date) -> WorkCounts:
    """What was planned and done for a tier since its strategy began."""
    return execution.work_by_tier(user, strategy.effective_from, today).get(strategy.tier, WorkCounts())


def review(user: User, quarter: str, today: date) -> list[ReviewRow]:
    """Per tier what was done in a quarter, how its KPIs moved, and what was decided."""
    first, last = quarter_span(quarter)
    last = min(last, today)
    work = execution.work_by_tier(user, first, last)
    found = series(user)
    decided = {one.tier: one for one in strategies.reviews().filter(quarter=quarter)}
    return [
        ReviewRow(
            strategy=one,
            mark=strategies.mark(one),
            work=work.get(one.tier, WorkCounts()),
            moves=[(kpi, *_ends(found, kpi.key, one.tier, first, last)) for kpi in kpis().values()],
            review=decided.get(one.tier),
        )
        for one in strategies.in_force()
    ]


def review_figures(row: ReviewRow) -> dict[str, object]:
    """What a review's decision was taken on, kept with it."""
    names = ("planned", "done", "open", "overdue", "cancelled", "missed", "records", "success")
    moved = {kpi.key: [None if one is None else str(one) for one in ends] for kpi, *ends in row.moves}
    return {"work": {name: getattr(row.work, name) for name in names}, "kpis": moved}


def _ends(
    found: dict[Key, Figure], kpi: str, tier: str, first: date, last: date
) -> tuple[Decimal | None, Decimal | None]:
    """A KPI at the last month before a span (or the first inside it), and at the last month of the span."""
    mine = sorted(
        (month, figure.value) for (key, where, month), figure in found.items() if (key, where) == (kpi, tier)
    )
    inside = [value for month, value in mine if month_of(first) <= month <= last]
    before = [value for month, value in mine if month < month_of(first)]
    return (before or inside or [None])[-1 if before else 0], inside[-1] if inside else None
