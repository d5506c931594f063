"""Writing a rule as a Chinese or English sentence: 近 12 个月消费 ≥ 平均的 1.5 倍 且 地区 属于 江苏."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Protocol

from zhike.core import figures
from zhike.core.rules.tree import (
    All,
    Any,
    FieldTest,
    HasTag,
    InTier,
    Leaf,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
)
from zhike.core.text import Language, Text, language, speaking

if TYPE_CHECKING:
    from zhike.core.fields import FieldSpec


class MetricName(Protocol):
    """What a sentence needs to know of a metric: its words and how its value is read."""

    @property
    def label(self) -> Text: ...

    @property
    def unit(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Words for the keys a rule may name; a key without words stands for itself."""

    metrics: Mapping[str, MetricName] = field(default_factory=dict)
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    tiers: Mapping[str, Text] = field(default_factory=dict)
    tags: Mapping[str, Text] = field(default_factory=dict)


_OPS = {
    Op.EQ: Text("=", "="),
    Op.NE: Text("≠", "≠"),
    Op.GT: Text(">", ">"),
    Op.GE: Text("≥", "≥"),
    Op.LT: Text("<", "<"),
    Op.LE: Text("≤", "≤"),
    Op.IN: Text("是", "is one of"),
    Op.NOT_IN: Text("不是", "is none of"),
    Op.CONTAINS: Text("包含", "contains"),
    Op.WITHIN: Text("属于", "lies in"),
    Op.EMPTY: Text("为空", "is empty"),
    Op.FILLED: Text("不为空", "is filled"),
}


def text(rule: Rule, labels: Labels | None = None) -> Text:
    """Write a rule in both languages."""
    return Text(sentence(rule, "zh", labels), sentence(rule, "en", labels))


def sentence(rule: Rule, lang: Language | None = None, labels: Labels | None = None) -> str:
    """Write a rule as one sentence."""
    return _write(rule, lang or language(), labels or Labels(), inside=False)


def _write(rule: Rule, lang: Language, labels: Labels, *, inside: bool) -> str:
    if isinstance(rule, (All, Any)):
        if not rule.parts:
            return (
                Text("总是", "always").in_(lang) if isinstance(rule, All) else Text("从不", "never").in_(lang)
            )
        word = Text(" 且 ", " and ") if isinstance(rule, All) else Text(" 或 ", " or ")
        written = word.in_(lang).join(
            _write(part, lang, labels, inside=len(rule.parts) > 1) for part in rule.parts
        )
        return f"({written})" if inside and len(rule.parts) > 1 else written
    if isinstance(rule, Not):
        inner = _write(rule.part, lang, labels, inside=False)
        return f"非({inner})" if lang == "zh" else f"not ({inner})"
    return _leaf(rule, lang, labels)


def _leaf(leaf: Leaf, lang: Language, labels: Labels) -> str:
    if isinstance(leaf, InTier):
        name = labels.tiers.get(leaf.tier, Text.same(leaf.tier)).in_(lang)
        return f"现为 {name}" if lang == "zh" else f"now in {name}"
    if isinstance(leaf, HasTag):
        name = labels.tags.get(leaf.tag, Text.same(leaf.tag)).in_(lang)
        return f"有标签 {name}" if lang == "zh" else f"has tag {name}"
    said = f"{_subject(leaf, lang, labels)} {_OPS[leaf.op].in_(lang)}"
    return f"{said} {_wanted(leaf, lang, labels)}" if leaf.op.takes_value else said


def _subject(leaf: FieldTest | MetricTest, lang: Language, labels: Labels) -> str:
    if isinstance(leaf, MetricTest):
        metric = labels.metrics.get(leaf.metric)
        return metric.label.in_(lang) if metric else leaf.metric
    spec = labels.fields.get(leaf.field)
    return spec.label.in_(lang) if spec else leaf.field


def _wanted(leaf: FieldTest | MetricTest, lang: Language, labels: Labels) -> str:
    if isinstance(leaf, MetricTest) and leaf.relative is not None:
        number = plain(leaf.value)
        if leaf.relative is Relative.PERCENTILE:
            return f"第 {number} 百分位" if lang == "zh" else f"percentile {number}"
        return f"平均的 {number} 倍" if lang == "zh" else f"{number} × the mean"
    if isinstance(leaf.value, tuple):
        return ("、" if lang == "zh" else ", ").join(shown(leaf, one, lang, labels) for one in leaf.value)
    return shown(leaf, leaf.value, lang, labels)


def shown(leaf: FieldTest | MetricTest, value: object, lang: Language, labels: Labels) -> str:
    """Write one value of the field or metric a test looks at."""
    if isinstance(leaf, MetricTest):
        metric = labels.metrics.get(leaf.metric)
        return metric_value(value, metric.unit if metric else "", lang)
    spec = labels.fields.get(leaf.field)
    if spec is None or spec.type in {"number", "integer", "money"}:
        return plain(value)
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(shown(leaf, one, lang, labels) for one in value)
    return spec.show([value] if spec.type == "multi_choice" else value, lang)  # type: ignore[list-item, arg-type]


def metric_value(value: object, unit: str, lang: Language | None = None) -> str:
    """Write a metric's value in its unit: 50 万, 90%, 30 天, 2017-12-31."""
    lang = lang or language()
    if value is None:
        return "—"
    if unit == "money" and isinstance(value, (int, float, Decimal)):
        with speaking(lang):
            return re.sub(r"\.0(?= ?[万亿KMB])", "", figures.money_short(value))
    if unit == "share" and isinstance(value, (int, float, Decimal)):
        return f"{plain((Decimal(str(value)) * 100).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP))}%"
    if unit == "days" and isinstance(value, (int, float, Decimal)):
        return f"{plain(value)} 天" if lang == "zh" else f"{plain(value)} days"
    if unit == "flag" and value in (0, 1):
        return Text("是" if value else "否", "yes" if value else "no").in_(lang)
    return plain(value)


def plain(value: object) -> str:
    """Write a number without needless zeros, a date as a date, everything else as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        written = f"{value:,f}"
        return written.rstrip("0").rstrip(".") if "." in written else written
    if isinstance(value, int):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else str(value)
