"""Churn in words: what orders show about a customer, and the warning levels; loads no computing library."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from zhike.core.text import Text

Shape = Literal["as_is", "log", "signed_log"]
Form = Literal["number", "percent", "signed"]
Sign = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a customer's orders show: its theme, its label, and what is said of a value.

    `said` holds {value}, {usual} (the mean of all customers) and {days} (the horizon); `none` is said of zero.
    `shape`: how the regression reads it: as it is, as ln(1+value), or as ln(1+|value|) with the sign. `sign`: whether more of
    it can only speak for churn (1) or against it (−1); 0 leaves it open, to correct others of its theme, but names no reason.
    """

    key: str
    theme: str
    label: Text
    said: Text
    none: Text | None = None
    shape: Shape = "log"
    form: Form = "number"
    sign: Sign = 0

    def sentence(self, value: float, usual: float, days: int) -> Text:
        """What a value says, in both languages."""
        chosen = self.none if self.none is not None and value == 0 else self.said
        filled = {"value": _shown(value, self.form), "usual": _shown(usual, self.form), "days": days}
        return Text(chosen.zh.format(**filled), chosen.en.format(**filled))


def _shown(value: float, form: Form) -> str:
    if form == "percent":
        return f"{value:.0%}"
    sign = "+" if form == "signed" and value > 0 else ""
    return sign + (f"{value:,.0f}" if abs(value) >= 20 else f"{value:.1f}".removesuffix(".0"))


EXPECTATION = Feature(
    "expectation",
    "expectation",
    Text("模型预计的购买可能", "Chance of a purchase by the model"),
    Text(
        "按购买规律,{days} 天内再次购买的可能只有 {value}(平均 {usual})",
        "By the pattern of purchases, the chance of one within {days} days is {value} (on average {usual})",
    ),
    form="percent",
    sign=-1,
)

# Features of a theme say nearly the same: their coefficients mean something only together.
_FEATURES = (
    Feature(
        "recency_days",
        "silence",
        Text("未购买天数", "Days since last purchase"),
        Text("已 {value} 天未购买(平均 {usual} 天)", "No purchase for {value} days (on average {usual})"),
        sign=1,
    ),
    Feature(
        "silence_share",
        "silence",
        Text("沉默占比", "Share of time in silence"),
        Text(
            "首购以来有 {value} 的时间不再购买(平均 {usual})",
            "Silent for the last {value} of the time since the first purchase (on average {usual})",
        ),
        shape="as_is",
        form="percent",
        sign=1,
    ),
    Feature(
        "silence_gaps",
        "silence",
        Text("沉默相当于几个购买间隔", "Silence in own intervals"),
        Text(
            "沉默时间是首购以来平均间隔的 {value} 倍(平均 {usual} 倍)",
            "Silent for {value} of their average intervals since the first purchase (on average {usual})",
        ),
        sign=1,
    ),
    Feature(
        "purchases",
        "frequency",
        Text("购买次数", "Purchases"),
        Text("共购买 {value} 次(平均 {usual} 次)", "Purchases in all: {value} (on average {usual})"),
        sign=-1,
    ),
    Feature(
        "repeats",
        "frequency",
        Text("是否复购过", "Came back"),
        Text("曾经复购", "Came back before"),
        none=Text("首次购买后再未购买", "Never came back after the first purchase"),
        shape="as_is",
        sign=-1,
    ),
    Feature(
        "pace",
        "frequency",
        Text("每 30 天购买次数", "Purchases per 30 days"),
        Text(
            "每 30 天购买 {value} 次(平均 {usual} 次)", "Purchases per 30 days: {value} (on average {usual})"
        ),
        sign=-1,
    ),
    Feature(
        "gap_days",
        "frequency",
        Text("购买间隔天数", "Days between purchases"),
        Text(
            "两次购买平均相隔 {value} 天(平均 {usual} 天)",
            "Days between purchases: {value} (on average {usual})",
        ),
    ),
    Feature(
        "spread",
        "frequency",
        Text("购买时间的分散程度", "Spread of purchases over time"),
        Text(
            "购买时间的分散程度为 {value}(平均 {usual})",
            "Spread of purchases over time: {value} (on average {usual})",
        ),
        none=Text("只在一天购买过", "Bought on a single day only"),
        shape="as_is",
    ),
    Feature(
        "lately",
        "trend",
        Text("近期购买次数", "Purchases lately"),
        Text(
            "近 {days} 天购买 {value} 次(平均 {usual} 次)",
            "Purchases in the last {days} days: {value} (on average {usual})",
        ),
        none=Text("近 {days} 天没有购买", "No purchase in the last {days} days"),
        sign=-1,
    ),
    Feature(
        "change",
        "trend",
        Text("购买次数变化", "Change in purchases"),
        Text(
            "近 {days} 天购买次数比之前 {days} 天变化 {value} 次(平均 {usual})",
            "Purchases in the last {days} days against the {days} before: {value} (on average {usual})",
        ),
        none=Text("近两期购买次数没有变化", "As many purchases as in the period before"),
        shape="signed_log",
        form="signed",
        sign=-1,
    ),
    Feature(
        "spend_change",
        "trend",
        Text("消费额变化", "Change in spend"),
        Text(
            "近 {days} 天消费额比之前 {days} 天变化 {value}(平均 {usual})",
            "Spend in the last {days} days against the {days} before: {value} (on average {usual})",
        ),
        none=Text("近两期消费额没有变化", "As much spend as in the period before"),
        shape="signed_log",
        form="signed",
        sign=-1,
    ),
    Feature(
        "fresh_spend",
        "money",
        Text("近期消费(按时间折算)", "Spend weighted by how late it is"),
        Text(
            "近期消费(越早折算越少)只有 {value}(平均 {usual})",
            "Spend lately, the older the less it counts: {value} (on average {usual})",
        ),
        sign=-1,
    ),
    Feature(
        "spend",
        "money",
        Text("累计消费额", "Spend"),
        Text("累计消费 {value}(平均 {usual})", "Spent in all: {value} (on average {usual})"),
        sign=-1,
    ),
    Feature(
        "average",
        "money",
        Text("单次消费额", "Spend per purchase"),
        Text("每次消费 {value}(平均 {usual})", "Spend per purchase: {value} (on average {usual})"),
    ),
    Feature(
        "first_amount",
        "money",
        Text("首次消费额", "First purchase"),
        Text("首次消费 {value}(平均 {usual})", "First purchase: {value} (on average {usual})"),
        sign=-1,
    ),
    Feature(
        "last_ratio",
        "money",
        Text("最近一次消费与平均之比", "Last purchase to average"),
        Text(
            "最近一次消费为自身平均的 {value} 倍(平均 {usual} 倍)",
            "Last purchase against their average: {value} (on average {usual})",
        ),
        sign=-1,
    ),
)
FEATURES: Mapping[str, Feature] = MappingProxyType({one.key: one for one in _FEATURES})
ALL: Mapping[str, Feature] = MappingProxyType({**FEATURES, EXPECTATION.key: EXPECTATION})
THEMES = tuple(dict.fromkeys(one.theme for one in ALL.values()))

LEVELS: Mapping[str, Text] = MappingProxyType(
    {
        "none": Text("未达关注", "No warning"),
        "watch": Text("关注", "Watch"),
        "warning": Text("预警", "Warning"),
        "critical": Text("紧急", "Critical"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """From which probability of no purchase within the horizon a customer is watched, warned of, critical.

    Where most customers buy once, most are critical: raise the cuts, or look at the share each level takes.
    """

    watch: float = 0.5
    warning: float = 0.7
    critical: float = 0.9
