"""What effect pages show: lines of a month table, cards of before against after, lines of a review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhike.core import charts
from zhike.core.blueprints import Better, KpiSpec
from zhike.core.charts import Chart
from zhike.core.text import Text
from zhike.effect import queries, words
from zhike.effect.models import Effect, KpiNote
from zhike.effect.months import Reached, improved, named, reached
from zhike.effect.queries import Figure, Key
from zhike.engine.effect import KPIS
from zhike.execution.facts import WorkCounts
from zhike.kernel.models import User
from zhike.strategies import queries as strategies
from zhike.tiers import queries as tiers
from zhike.tiers.facts import TierName

ALL_TIERS = TierName(key=queries.ALL, label=Text(zh="全部层级", en="All tiers"), color="", order=-1)
MONTHS = 24
EVERYBODY = "#1d2733"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A KPI of a tier in one month as a table shows it."""

    month: date
    text: str
    customers: int
    reached: Reached
    note: KpiNote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A tier's months of one KPI."""

    tier: TierName
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One figure before and after, in words."""

    label: Text
    formula: Text
    before: str
    after: str
    change: str
    better: bool | None
    sentence: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectCard:
    """One tier's strategy: since when, for how many customers, with how much work, and what moved."""

    tier: TierName
    began_on: date
    days: int
    customers: int
    work: WorkCounts
    rows: list[EffectRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A KPI at the start and at the end of a quarter."""

    label: Text
    start: str
    end: str
    change: str
    better: bool | None


def all_tiers() -> dict[str, TierName]:
    """Every tier by key, and all of them together under the empty key."""
    return {queries.ALL: ALL_TIERS, **tiers.names()}


def named_tiers(found: dict[Key, Figure]) -> list[TierName]:
    """All tiers together, then each tier that has figures."""
    seen = {tier for _kpi, tier, _month in found}
    return [ALL_TIERS, *(one for key, one in tiers.names().items() if key in seen)]


def lines(
    kpi: KpiSpec, found: dict[Key, Figure], months: list[date], notes: dict[Key, KpiNote]
) -> list[Line]:
    """A KPI's table: a line per tier, a cell per month."""
    return [
        Line(tier=tier, cells=[_cell(kpi, found, (kpi.key, tier.key, month), notes) for month in months])
        for tier in named_tiers(found)
    ]


def target_said(kpi: KpiSpec) -> str:
    """A KPI's target, and for which tiers it holds when not for all."""
    if kpi.target is None:
        return ""
    names = all_tiers() if kpi.target_tiers else {}
    held = [str(names.get(key, ALL_TIERS).label) for key in kpi.target_tiers]
    return " · ".join([words.value(kpi.target, kpi.unit), *held])


def _cell(kpi: KpiSpec, found: dict[Key, Figure], key: Key, notes: dict[Key, KpiNote]) -> Cell:
    figure = found.get(key)
    value = figure.value if figure else None
    return Cell(
        month=key[2],
        text=words.value(value, kpi.unit),
        customers=figure.customers if figure else 0,
        reached=reached(value, kpi.target_for(key[1]), up=kpi.better is Better.UP),
        note=notes.get(key),
    )


def chart(kpi: KpiSpec, found: dict[Key, Figure], months: list[date], *, quarterly: bool = False) -> Chart:
    """A KPI's lines over months, one per tier, with an upright line where the strategies began."""
    drawn = [
        charts.Series(
            name=tier.label,
            values=[_value(found, kpi.key, tier.key, month) for month in months],
            color=tier.color or EVERYBODY,
        )
        for tier in named_tiers(found)
    ]
    began = min((one.effective_from for one in strategies.in_force()), default=None)
    labels = [named(month, quarterly=quarterly) for month in months]
    begins = named(began, quarterly=quarterly) if began else ""
    mark_at = begins if begins in labels else ""
    return charts.line(
        labels,
        drawn,
        first=Text(zh="季度", en="Quarter") if quarterly else Text(zh="月份", en="Month"),
        unit=words.unit_of(kpi.unit),
        mark=Text(zh="策略开始", en="Strategy begins") if mark_at else "",
        mark_at=mark_at,
    )


def _value(found: dict[Key, Figure], kpi: str, tier: str, month: date) -> Decimal | None:
    figure = found.get((kpi, tier, month))
    return figure.value if figure else None


def cards(user: User, found: list[Effect], today: date) -> list[EffectCard]:
    """Before against after, a card per strategy."""
    by_strategy: dict[int, list[Effect]] = {}
    for one in found:
        by_strategy.setdefault(one.strategy_id, []).append(one)
    made = []
    for effects in by_strategy.values():
        first = effects[0]
        tier = strategies.mark(first.strategy)
        made.append(
            EffectCard(
                tier=tier,
                began_on=first.began_on,
                days=first.days,
                customers=first.customers,
                work=queries.work_since(user, first.strategy, today),
                rows=[
                    _effect(tier, one)
                    for one in effects
                    if one.kpi in KPIS and one.before is not None and one.after is not None
                ],
            )
        )
    return made


def _effect(tier: TierName, one: Effect) -> EffectRow:
    kpi = KPIS[one.kpi]
    unit = kpi.unit.value
    return EffectRow(
        label=kpi.label,
        formula=kpi.formula,
        before=words.value(one.before, unit),
        after=words.value(one.after, unit),
        change=words.change(one.before, one.after, unit),
        better=improved(one.before, one.after, up=kpi.better == "up"),
        sentence=words.sentence(tier.label, kpi.label, one.before, one.after, unit, one.customers),
    )


def moves(found: list[tuple[KpiSpec, Decimal | None, Decimal | None]]) -> list[MoveRow]:
    """How KPIs moved in a quarter."""
    return [
        MoveRow(
            label=kpi.label,
            start=words.value(start, kpi.unit),
            end=words.value(end, kpi.unit),
            change=words.change(start, end, kpi.unit),
            better=improved(start, end, up=kpi.better is Better.UP),
        )
        for kpi, start, end in found
    ]
