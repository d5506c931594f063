"""Figures of effect in plain words: values in their unit, and before against after in one sentence."""

from __future__ import annotations

from decimal import Decimal

from zhike.core import figures
from zhike.core.figures import Unit
from zhike.core.text import Text

UNITS: dict[str, Unit] = {
    "share": "share",
    "flag": "share",
    "money": "money",
    "count": "count",
    "days": "days",
}


def unit_of(name: str) -> Unit:
    """The unit figures are written in, by the name a blueprint or a metric uses."""
    return UNITS.get(name, "plain")


def value(number: Decimal | None, unit: str) -> str:
    """A value in its unit."""
    return figures.written(number, unit_of(unit))


def change(before: Decimal | None, after: Decimal | None, unit: str) -> str:
    """The difference with its sign: points for shares, the unit's own words otherwise."""
    if before is None or after is None:
        return figures.NOTHING
    difference = after - before
    sign = "+" if difference >= 0 else "−"
    if unit_of(unit) == "share":
        return f"{sign}{figures.plain(abs(difference) * 100, 1)} pt"
    return f"{sign}{figures.written(abs(difference), unit_of(unit))}"


def sentence(
    tier: Text, kpi: Text, before: Decimal | None, after: Decimal | None, unit: str, customers: int
) -> Text:
    """Before against after as one sentence in both languages."""
    was, now, moved = value(before, unit), value(after, unit), change(before, after, unit)
    number = figures.count(customers)
    return Text(
        zh=f"{tier.zh} {kpi.zh} 实施前 {was} → 实施后 {now},{moved},{number} 位客户",
        en=f"{tier.en}: {kpi.en} before {was} → after {now}, {moved}, {number} customers",
    )
