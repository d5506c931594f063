"""A blueprint as data: modules of typed fields, RFM thresholds, tiers, tags, strategies and KPIs."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from zhike.core.fields import Choice, FieldSpec
from zhike.core.fields.specs import NOTHING
from zhike.core.rules import Labels, Relative, Rule
from zhike.core.text import Text


class Kind(StrEnum):
    """Whom a blueprint describes."""

    PERSON = "person"
    COMPANY = "company"

    @property
    def label(self) -> Text:
        """The word shown to users."""
        return Text("个人", "People") if self is Kind.PERSON else Text("企业", "Companies")


class TierColor(StrEnum):
    """The five fixed colours of tiers."""

    STRATEGIC = "strategic"
    CORE = "core"
    POTENTIAL = "potential"
    ORDINARY = "ordinary"
    RISK = "risk"


class Every(StrEnum):
    """How often a measure comes round."""

    ONCE = "once"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    BIMONTHLY = "bimonthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"

    @property
    def label(self) -> Text:
        """The word shown to users."""
        return _EVERY[self]


_EVERY = {
    Every.ONCE: Text("一次", "Once"),
    Every.WEEKLY: Text("每周", "Every week"),
    Every.BIWEEKLY: Text("每两周", "Every two weeks"),
    Every.MONTHLY: Text("每月", "Every month"),
    Every.BIMONTHLY: Text("每两月", "Every two months"),
    Every.QUARTERLY: Text("每季度", "Every quarter"),
    Every.HALF_YEARLY: Text("每半年", "Every half-year"),
    Every.YEARLY: Text("每年", "Every year"),
}


class Better(StrEnum):
    """Which way a KPI should move."""

    UP = "up"
    DOWN = "down"


class Aggregate(StrEnum):
    """How a metric of many customers becomes one figure."""

    MEAN = "mean"
    SUM = "sum"
    MEDIAN = "median"
    SHARE = "share"  # share of customers for whom the KPI's rule holds
    COUNT = "count"  # number of customers for whom the KPI's rule holds


class RfmMethod(StrEnum):
    """How recency, frequency and money become high or low."""

    THRESHOLDS = "thresholds"
    QUANTILES = "quantiles"


# In `KpiSpec.target_tiers`: the customers of all tiers together.
ALL_TIERS = "all"

OWNER_ROLES: dict[str, Text] = {
    "operations": Text("运营经理", "Operations manager"),
    "account_manager": Text("客户经理", "Account manager"),
    "service": Text("客服", "Customer service"),
    "marketing": Text("市场", "Marketing"),
}


@dataclass(frozen=True, slots=True)
class Module:
    """A group of fields: 客户信息, 客户行为, 客户评价, 客户细分."""

    key: str
    label: Text
    fields: tuple[FieldSpec, ...] = ()
    help: Text = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmSpec:
    """When a customer counts as recent, frequent and valuable.

    By thresholds: bought within `recency_days`; at least `frequency` orders in `frequency_days`; `monetary_metric`
    at least `monetary` (an amount, or a multiple of the mean when `monetary_relative` is mean).
    By quantiles: each of the three is cut into `bins` equal shares, the upper half of them counts as high.
    """

    method: RfmMethod = RfmMethod.THRESHOLDS
    recency_days: int = 30
    frequency: int = 5
    frequency_days: int = 180
    monetary_metric: str = "average_order"
    monetary: Decimal = Decimal("1.5")
    monetary_relative: Relative | None = Relative.MEAN
    bins: int = 5


CHURN_REASONS = (
    Choice("price", Text("价格", "Price")),
    Choice("quality", Text("质量", "Quality")),
    Choice("service", Text("服务", "Service")),
    Choice("rival", Text("竞品", "A competitor")),
    Choice("no_need", Text("不再需要", "No longer needed")),
    Choice("moved", Text("搬迁或停业", "Moved away or closed")),
    Choice("other", Text("其他", "Other")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSpec:
    """How the value to come is counted, and from which chance of staying away customers are warned of.

    `margin`: the share of spend that is profit (1: value is revenue). `discount`: what money loses in a year.
    `silence_days`: how long without a purchase counts as gone (none: 90 for people, 180 for companies).
    `churn_reasons`: what is offered when a customer who stays away is asked why.
    """

    margin: Decimal = Decimal(1)
    discount: Decimal = Decimal(0)
    silence_days: int | None = None
    watch: Decimal = Decimal("0.5")
    warning: Decimal = Decimal("0.7")
    critical: Decimal = Decimal("0.9")
    churn_reasons: tuple[Choice, ...] = CHURN_REASONS

    def silence(self, kind: Kind) -> int:
        """The days without a purchase that count as gone; members of a shop come back sooner than companies."""
        return self.silence_days or (90 if kind is Kind.PERSON else 180)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSpec:
    """One tier; tiers are tried in order, the last one has no rule and takes whoever is left."""

    key: str
    label: Text
    color: TierColor
    order: int
    traits: Text = NOTHING
    rule: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSpec:
    """A tag that customers bear while a rule holds."""

    key: str
    label: Text
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpec:
    """One thing to do for a customer: what, to which standard, within how many working days, how often."""

    key: str
    title: Text
    action: Text
    days_due: int
    every: Every


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySpec:
    """How the customers of one tier are cared for, by whom, and how often that is looked at again."""

    tier: str
    owner_role: str
    cycle: Every
    traits: Text = NOTHING
    measures: tuple[MeasureSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiSpec:
    """A figure that tells whether it works: a metric put together, or the share or number of customers a rule holds for.

    The target holds for every tier and for all together, unless `target_tiers` names those for which it makes sense.
    """

    key: str
    label: Text
    aggregate: Aggregate
    better: Better
    metric: str | None = None
    rule: Rule | None = None
    target: Decimal | None = None
    target_tiers: tuple[str, ...] = ()
    unit: str = ""

    def target_for(self, tier: str) -> Decimal | None:
        """The target that customers of a tier are held to (an empty key means all of them), if any."""
        return self.target if not self.target_tiers or (tier or ALL_TIERS) in self.target_tiers else None


@dataclass(frozen=True, kw_only=True)
class BlueprintSpec:
    """A whole blueprint, read and checked."""

    key: str
    name: Text
    kind: Kind
    currency: str = "CNY"
    solves: tuple[Text, ...] = ()
    modules: tuple[Module, ...] = ()
    rfm: RfmSpec = field(default_factory=RfmSpec)
    forecast: ForecastSpec = field(default_factory=ForecastSpec)
    tiers: tuple[TierSpec, ...] = ()
    tags: tuple[TagSpec, ...] = ()
    strategies: tuple[StrategySpec, ...] = ()
    kpis: tuple[KpiSpec, ...] = ()

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        """All fields by key, in the order of the modules."""
        return {spec.key: spec for module in self.modules for spec in module.fields}

    @cached_property
    def labels(self) -> Labels:
        """The words rules need to be written as sentences; metrics are added by whoever knows them."""
        return Labels(
            fields=self.fields,
            tiers={tier.key: tier.label for tier in self.tiers},
            tags={tag.key: tag.label for tag in self.tags},
        )

    @property
    def default_tier(self) -> TierSpec:
        """The tier of customers for whom no rule holds."""
        return self.tiers[-1]

    def tier(self, key: str) -> TierSpec | None:
        """Find a tier by key."""
        return next((tier for tier in self.tiers if tier.key == key), None)

    def tier_label(self, key: str) -> Text:
        """The name of a tier, or of all of them together."""
        tier = self.tier(key)
        return tier.label if tier else Text("全部层级", "All tiers")

    def strategy_for(self, tier: str) -> StrategySpec | None:
        """Find the strategy of a tier."""
        return next((strategy for strategy in self.strategies if strategy.tier == tier), None)

    def fields_of_type(self, *types: str) -> list[FieldSpec]:
        """List the fields of some types."""
        return [spec for spec in self.fields.values() if spec.type in types]
