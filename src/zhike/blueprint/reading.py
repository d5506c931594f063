"""A blueprint as cards that people read: rules as sentences, roles and cycles as words."""

from __future__ import annotations

from dataclasses import dataclass

from zhike.core.blueprints import OWNER_ROLES, Aggregate, BlueprintSpec, KpiSpec, MeasureSpec
from zhike.core.rules import Labels, sentence
from zhike.core.rules.sentences import metric_value
from zhike.core.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCard:
    """A tier with its rule as a sentence; the default tier has none."""

    key: str
    label: Text
    color: str
    traits: Text
    rule: str
    is_first: bool
    is_last_ruled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """A tag with its rule as a sentence."""

    key: str
    label: Text
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyCard:
    """What is done for a tier."""

    tier: TierCard
    traits: Text
    owner: Text
    cycle: Text
    measures: tuple[MeasureSpec, ...]
    is_set: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiCard:
    """A KPI with its way of counting as words."""

    key: str
    label: Text
    figure: Text
    rule: str
    up: bool
    target: str
    target_tiers: list[Text]


def tier_cards(spec: BlueprintSpec, labels: Labels) -> list[TierCard]:
    """The tiers in the order they are tried."""
    last_ruled = len(spec.tiers) - 2
    return [
        TierCard(
            key=tier.key,
            label=tier.label,
            color=tier.color.value,
            traits=tier.traits,
            rule=sentence(tier.rule, None, labels) if tier.rule is not None else "",
            is_first=number == 0,
            is_last_ruled=number == last_ruled,
        )
        for number, tier in enumerate(spec.tiers)
    ]


def tag_rows(spec: BlueprintSpec, labels: Labels) -> list[TagRow]:
    """The tags with their rules."""
    return [TagRow(key=tag.key, label=tag.label, rule=sentence(tag.rule, None, labels)) for tag in spec.tags]


def strategy_cards(spec: BlueprintSpec) -> list[StrategyCard]:
    """One card per tier, also for tiers without a strategy."""
    cards = []
    for tier in tier_cards(spec, spec.labels):
        strategy = spec.strategy_for(tier.key)
        owner = OWNER_ROLES.get(strategy.owner_role) if strategy else None
        cards.append(
            StrategyCard(
                tier=tier,
                traits=strategy.traits if strategy else Text("", ""),
                owner=owner or Text("", ""),
                cycle=strategy.cycle.label if strategy else Text("", ""),
                measures=strategy.measures if strategy else (),
                is_set=strategy is not None,
            )
        )
    return cards


_FIGURES = {
    Aggregate.MEAN: Text("的平均值", "mean of"),
    Aggregate.SUM: Text("的合计", "sum of"),
    Aggregate.MEDIAN: Text("的中位数", "median of"),
    Aggregate.SHARE: Text("符合条件的客户占比", "Share of customers with"),
    Aggregate.COUNT: Text("符合条件的客户数", "Number of customers with"),
}


def kpi_cards(spec: BlueprintSpec, labels: Labels) -> list[KpiCard]:
    """The KPIs with their ways of counting."""
    return [
        KpiCard(
            key=kpi.key,
            label=kpi.label,
            figure=_figure(kpi, labels),
            rule=sentence(kpi.rule, None, labels) if kpi.rule is not None else "",
            up=kpi.better.value == "up",
            target=metric_value(kpi.target, kpi.unit) if kpi.target is not None else "",
            target_tiers=[spec.tier_label(key) for key in kpi.target_tiers],
        )
        for kpi in spec.kpis
    ]


def _figure(kpi: KpiSpec, labels: Labels) -> Text:
    words = _FIGURES[kpi.aggregate]
    if kpi.metric is None:
        return words
    known = labels.metrics.get(kpi.metric)
    name = known.label if known else Text.same(kpi.metric)
    return Text(f"{name.zh}{words.zh}", f"{words.en.capitalize()} {name.en.lower()}")
