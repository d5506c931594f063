"""Effect as an Excel workbook: KPI figures, before against after, notes."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zhike.effect import queries
from zhike.engine.effect import KPIS
from zhike.kernel import workbooks
from zhike.kernel.models import User
from zhike.kernel.workbooks import Cell, Sheet
from zhike.tiers import queries as tiers
from zhike.tiers.facts import TierName


def answer(user: User, today: date) -> HttpResponse:
    """The whole workbook as a download."""
    return workbooks.answer(f"effect-{today:%Y%m%d}", [_figures(user), _effects(user), _notes()])


def _figures(user: User) -> Sheet:
    specs, names = queries.kpis(), tiers.names()
    header = [_("KPI"), _("Tier"), _("Month"), _("Value"), _("Unit"), _("Customers"), _("Target"), _("As of")]
    rows = [
        [
            str(specs[kpi].label), _tier(names, tier), f"{month:%Y-%m}", figure.value, specs[kpi].unit,
            figure.customers, specs[kpi].target_for(tier), figure.as_of,
        ]
        for (kpi, tier, month), figure in sorted(queries.series(user).items())
    ]  # fmt: skip
    return Sheet(name=_("KPI by month"), header=header, rows=rows)


def _effects(user: User) -> Sheet:
    header = [
        _("Tier"), _("KPI"), _("Began on"), _("Days compared"), _("Before"), _("After"), _("Customers"), _("As of")
    ]  # fmt: skip
    rows = [
        [
            str(one.strategy.name), str(KPIS[one.kpi].label), one.began_on, one.days, one.before, one.after,
            one.customers, one.as_of,
        ]
        for one in queries.effects(user)
        if one.kpi in KPIS
    ]  # fmt: skip
    return Sheet(name=_("Before against after"), header=header, rows=rows)


def _notes() -> Sheet:
    specs, names = queries.kpis(), tiers.names()
    header = [
        _("KPI"),
        _("Tier"),
        _("Month"),
        _("Reason"),
        _("Adjustment made"),
        _("Written by"),
        _("Written on"),
    ]
    rows: list[list[Cell]] = [
        [
            str(specs[one.kpi].label) if one.kpi in specs else one.kpi, _tier(names, one.tier), f"{one.month:%Y-%m}",
            one.reason, one.adjustment, one.written_by.name, one.written_at,
        ]
        for one in queries.notes().values()
    ]  # fmt: skip
    return Sheet(name=_("Notes"), header=header, rows=rows)


def _tier(names: dict[str, TierName], key: str) -> str:
    return str(names[key].label) if key in names else _("All tiers")
