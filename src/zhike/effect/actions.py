"""Measuring whether it works, and writing down why a target was missed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.blueprint import queries as blueprint
from zhike.core.blueprints import KpiSpec
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.effect import figures
from zhike.effect.facts import MeasureReceipt
from zhike.effect.models import Effect, KpiNote, KpiReading
from zhike.effect.months import month_end, month_of, to_measure, window
from zhike.engine import effect as engine
from zhike.engine.lake import Session
from zhike.kernel import audit, clock, lake
from zhike.strategies import queries as strategies

if TYPE_CHECKING:
    from zhike.kernel.models import User
    from zhike.strategies.models import Strategy

COMPARED = "before_after/v1"


class EffectRefusal(Refusal):
    """A note about a KPI cannot be as asked."""


@transaction.atomic
def measure(*, as_of: date | None = None, by: User | None = None) -> MeasureReceipt:
    """Read every KPI per tier for the months that need it, and compare each strategy's customers with before."""
    day = as_of or clock.today()
    last = KpiReading.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    months = to_measure(last, day)
    with lake.session() as session:
        written = [
            _measure(session, blueprint.current().kpis, month, min(month_end(month), day)) for month in months
        ]
        effects = _compare(session, day)
    receipt = MeasureReceipt(
        as_of=day,
        months=tuple(months),
        readings=sum(number for number, _changed in written),
        changed=sum(changed for _number, changed in written),
        effects=effects,
    )
    if receipt.changed or effects:
        changes = {"as_of": day.isoformat(), "readings": receipt.changed, "effects": effects}
        audit.record("effect.measured", None, by=by, changes=changes)
    return receipt


def _measure(session: Session, kpis: tuple[KpiSpec, ...], month: date, end: date) -> tuple[int, int]:
    """Write the readings of one month; readings taken on a later day of that month are left alone."""
    standing = {_place(one): one for one in KpiReading.objects.filter(month=month)}
    if any(one.as_of > end for one in standing.values()):
        return len(standing), 0
    fresh = []
    for one in figures.read(session, kpis, end):
        old = standing.pop((one.kpi, one.tier, one.manager, one.department, one.whole), None)
        if old is None or (old.total, old.customers, old.as_of) != (one.total, one.customers, end):
            fresh.append(_row(one, month, end))
    KpiReading.objects.filter(pk__in=[old.pk for old in standing.values()]).delete()
    KpiReading.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["month", "kpi", "tier", "manager", "department", "whole"],
        update_fields=["total", "customers", "as_of", "method"],
    )
    return KpiReading.objects.filter(month=month).count(), len(fresh) + len(standing)


def _place(one: KpiReading) -> tuple[str, str, int | None, int | None, bool]:
    return one.kpi, one.tier, one.manager_id, one.department_id, one.whole


def _row(one: figures.Reading, month: date, end: date) -> KpiReading:
    return KpiReading(
        kpi=one.kpi,
        tier=one.tier,
        month=month,
        manager_id=one.manager,
        department_id=one.department,
        whole=one.whole,
        total=one.total,
        customers=one.customers,
        as_of=end,
        method=figures.METHOD,
    )


def _compare(session: Session, day: date) -> int:
    """Compare before with after for every strategy in force whose comparison can still change."""
    changed = 0
    for (began, days), due in _due(session, day).items():
        groups = engine.placements_on(session, began)
        found = engine.before_after(session, groups=groups, began_on=began, as_of=day, days=days)
        for strategy in due:
            for one in found.get(strategy.tier, ()):
                _keep(strategy, one, began, days, day)
                changed += 1
    return changed


def _due(session: Session, day: date) -> dict[tuple[date, int], list[Strategy]]:
    """The strategies to compare, by the day they began and the days that can be compared."""
    facts_on, placed_on = figures.first_fact_on(session), figures.first_placed_on(session)
    found: dict[tuple[date, int], list[Strategy]] = {}
    for strategy in strategies.in_force(day):
        if strategy.tier not in placed_on:
            continue
        began = max(strategy.effective_from, placed_on[strategy.tier])
        days = window(began, facts_on, day)
        standing = Effect.objects.filter(strategy=strategy)
        if days and not (standing and all(one.days == days and one.as_of <= day for one in standing)):
            found.setdefault((began, days), []).append(strategy)
    return found


def _keep(strategy: Strategy, one: engine.Comparison, began: date, days: int, day: date) -> None:
    Effect.objects.update_or_create(
        strategy=strategy,
        kpi=one.kpi,
        defaults={
            "began_on": began,
            "days": days,
            "before": one.before,
            "after": one.after,
            "customers": one.customers,
            "as_of": day,
            "method": COMPARED,
        },
    )


@transaction.atomic
def note(*, kpi: str, tier: str, month: date, reason: str, adjustment: str, by: User) -> KpiNote:
    """Say why a KPI stood as it did in a month, and what was changed; saying it again replaces it."""
    if month_of(month) > month_of(clock.today()):
        raise EffectRefusal(
            Text(zh="这个月还没有到。", en="This month has not come yet."),
            Text(zh="请选本月或以前的月份。", en="Choose this month or an earlier one."),
        )
    said, _created = KpiNote.objects.update_or_create(
        kpi=kpi,
        tier=tier,
        month=month_of(month),
        defaults={"reason": reason, "adjustment": adjustment, "written_at": clock.now(), "written_by": by},
    )
    audit.record("effect.noted", said, by=by, note=reason, changes={"kpi": kpi, "tier": tier})
    return said
