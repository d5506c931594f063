"""Why a customer stands in a tier: kept compactly with the placement, read back as ticked conditions.

Kept are method, blueprint version, each condition of the tier's rule with whether it held, the metric values it saw and
the means or percentiles it compared with. For the tier without a rule the conditions are those of the other tiers,
none of which held.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints.specs import BlueprintSpec, TierSpec
from zhike.core.figures import money_short
from zhike.core.rules import (
    All,
    BadRule,
    Labels,
    MetricTest,
    Relative,
    Rule,
    Tick,
    baseline_key,
    holds,
    metrics_used,
    parse,
    text,
    to_json,
)
from zhike.core.rules import Any as AnyOf
from zhike.core.rules import explain as explain_rule
from zhike.core.text import Text, speaking
from zhike.engine import tiering
from zhike.engine.metrics import metric

METHOD = f"{tiering.METHOD}/v{tiering.VERSION}"
BY_HAND = "by_hand"


def rules_of(spec: BlueprintSpec) -> list[Rule]:
    """Every rule that placing evaluates: of tiers and of tags."""
    return [tier.rule for tier in spec.tiers if tier.rule is not None] + [tag.rule for tag in spec.tags]


def metrics_of(rules: Iterable[Rule]) -> list[str]:
    """The metrics these rules look at, in a stable order."""
    return sorted(frozenset().union(*(metrics_used(rule) for rule in rules)))


def tier_rules(spec: BlueprintSpec) -> list[tiering.TierRule]:
    """The tiers as the engine takes them."""
    return [tiering.TierRule(tier.key, tier.rule) for tier in spec.tiers]


def constants(spec: BlueprintSpec, version: int, figures: Mapping[str, Decimal | None]) -> dict[str, str]:
    """Per tier, the part of the reasons that all its customers share, as JSON text."""
    common = {"method": METHOD, "blueprint": spec.key, "version": version, "figures": _jsonable(figures)}
    return {
        tier.key: json.dumps({**common, "ticks": _ticks(tier, spec)}, ensure_ascii=False)
        for tier in spec.tiers
    }


def _ticks(tier: TierSpec, spec: BlueprintSpec) -> list[dict[str, Any]]:
    if tier.rule is not None:
        return [{"test": to_json(part), "holds": True} for part in parts(tier.rule)]
    others = [other for other in spec.tiers if other.rule is not None]
    return [
        {"test": to_json(other.rule), "holds": False, "tier": other.key} for other in others if other.rule
    ]


def parts(rule: Rule) -> tuple[Rule, ...]:
    """The conditions a person would tick one by one, as `core.rules.explain` does."""
    if isinstance(rule, All) or (isinstance(rule, AnyOf) and len(rule.parts) == 1):
        return tuple(part for inner in rule.parts for part in parts(inner))
    return (rule,)


def _jsonable(figures: Mapping[str, Decimal | None]) -> dict[str, str | None]:
    return {key: None if value is None else f"{value}" for key, value in figures.items()}


class Teller:
    """Reads kept reasons back; rules that many placements share are read once."""

    def __init__(self, spec: BlueprintSpec) -> None:
        self._spec = spec
        self._labels = blueprints.labels_of(spec)
        self._read: dict[str, Rule | None] = {}

    def told(self, reasons: Mapping[str, Any]) -> tuple[Tick, ...]:
        """The ticks of a placement with the values it was decided on."""
        values = dict(reasons.get("values") or {})
        figures = dict(reasons.get("figures") or {})
        return tuple(self._tick(kept, values, figures) for kept in reasons.get("ticks") or ())

    def _tick(self, kept: Mapping[str, Any], values: Mapping[str, Any], figures: Mapping[str, Any]) -> Tick:
        written = json.dumps(kept["test"], ensure_ascii=False)
        rule = self._rule(written)
        if rule is None:
            return Tick(Text.same(written), bool(kept["holds"]), None, Text("", ""))
        tick = one_tick(rule, values, figures, self._labels)
        tier = self._spec.tier(kept["tier"]) if kept.get("tier") else None
        words = tier.label + Text(":", ": ") + tick.text if tier else tick.text
        return Tick(words, bool(kept["holds"]), tick.value, tick.shown)

    def _rule(self, written: str) -> Rule | None:
        if written not in self._read:
            try:
                self._read[written] = parse(written, fields=self._spec.fields, metrics=blueprints.METRICS)
            except BadRule:  # a field it looked at has since left the blueprint
                self._read[written] = None
        return self._read[written]


def one_tick(
    rule: Rule,
    values: Mapping[str, Any],
    figures: Mapping[str, Any],
    labels: Labels,
    as_of: date | None = None,
) -> Tick:
    """One condition in words; a relative threshold is followed by the figure it stands for."""
    ticks = explain_rule(rule, values, figures, labels, as_of)
    tick = (
        ticks[0]
        if len(ticks) == 1
        else Tick(text(rule, labels), holds(rule, values, figures, as_of), None, Text("", ""))
    )
    return Tick(tick.text + _threshold(rule, figures), tick.holds, tick.value, tick.shown)


def _threshold(rule: Rule, figures: Mapping[str, Any]) -> Text:
    if (
        not isinstance(rule, MetricTest)
        or rule.relative is not Relative.MEAN
        or not isinstance(rule.value, Decimal)
    ):
        return Text("", "")
    figure = figures.get(baseline_key(rule))
    if figure is None:
        return Text("", "")
    value = Decimal(str(figure)) * rule.value
    if metric(rule.metric).unit == "money":
        return Text(f"({_money('zh', value)})", f" ({_money('en', value)})")
    plain = f"{value.quantize(Decimal('0.1'))}"
    return Text(f"({plain})", f" ({plain})")


def _money(lang: str, value: Decimal) -> str:
    with speaking(lang):
        return money_short(value)
