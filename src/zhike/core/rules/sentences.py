"""Writing a rule as a Chinese or English sentence: 近 12 个月消费 ≥ 平均的 1.5 倍 且 地区 属于 江苏."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Protocol

from zhike.core import figures
from zhike.core.birthdays import Calendar
from zhike.core.rules.classes import CLASSES
from zhike.core.rules.doings import ColumnKind
from zhike.core.rules.phrases import OPS, at_least_once, deed, never, span
from zhike.core.rules.spans import Span
from zhike.core.rules.tree import (
    All,
    Any,
    Did,
    FieldTest,
    HasTag,
    InClass,
    InSegment,
    InTier,
    Leaf,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    Standing,
    Where,
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
    segments: Mapping[str, Text] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)


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
        return _negated(rule.part, lang, labels)
    return _leaf(rule, lang, labels)


def _negated(rule: Rule, lang: Language, labels: Labels) -> str:
    """Deny a rule, in the words one would use where there are any."""
    if isinstance(rule, Standing):
        return _standing(rule, lang, labels, denied=True)
    if isinstance(rule, Did) and at_least_once(rule):
        return _deed(Did(rule.did, Op.LT, Decimal(1), rule.within, rule.where), lang)
    inner = _write(rule, lang, labels, inside=False)
    return f"非({inner})" if lang == "zh" else f"not ({inner})"


def _leaf(leaf: Leaf, lang: Language, labels: Labels) -> str:
    if isinstance(leaf, Standing):
        return _standing(leaf, lang, labels)
    if isinstance(leaf, Did):
        return _deed(leaf, lang)
    subject = _subject(leaf, lang, labels)
    if isinstance(leaf.value, Span):
        return _dated(leaf, subject, leaf.value, lang)
    said = f"{subject} {OPS[leaf.op].in_(lang)}"
    return f"{said} {_wanted(leaf, lang, labels)}" if leaf.op.takes_value else said


_STANDING: Mapping[type[Standing], tuple[Text, Text]] = {
    InTier: (Text("现为 {}", "now in {}"), Text("现不为 {}", "now not in {}")),
    HasTag: (Text("有标签 {}", "has tag {}"), Text("没有标签 {}", "does not have tag {}")),
    InSegment: (Text("在分群 {} 中", "in segment {}"), Text("不在分群 {} 中", "not in segment {}")),
}


def _standing(leaf: Standing, lang: Language, labels: Labels, *, denied: bool = False) -> str:
    key, names = _named(leaf, labels)
    if isinstance(leaf, InClass):
        kind = CLASSES[leaf.of]
        said = kind.is_not if denied else kind.is_
    else:
        said = _STANDING[type(leaf)][denied]
    return said.in_(lang).replace("{}", names.get(key, Text.same(key)).in_(lang))


def _named(leaf: Standing, labels: Labels) -> tuple[str, Mapping[str, Text]]:
    if isinstance(leaf, InTier):
        return leaf.tier, labels.tiers
    if isinstance(leaf, HasTag):
        return leaf.tag, labels.tags
    if isinstance(leaf, InSegment):
        return leaf.segment, labels.segments
    return leaf.key, labels.classes.get(leaf.of, {})


_DATED = {
    Op.WITHIN_LAST: (Text("{} 在近 {}内", "{} in the last {}")),
    Op.WITHIN_NEXT: (Text("{} 在未来 {}内", "{} in the next {}")),
    Op.OLDER_THAN: (Text("{} 在 {}以前", "{} more than {} ago")),
    Op.LATER_THAN: (Text("{} 在 {}以后", "{} more than {} ahead")),
}


def _dated(leaf: FieldTest | MetricTest, subject: str, value: Span, lang: Language) -> str:
    length = span(value, lang)
    if leaf.op is not Op.BIRTHDAY:
        before, between, after = _DATED[leaf.op].in_(lang).split("{}")
        return f"{before}{subject}{between}{length}{after}"
    lunar = isinstance(leaf, FieldTest) and leaf.calendar is Calendar.LUNAR
    if lang == "zh":
        return f"未来 {length}内过{'农历' if lunar else ''}生日({subject})"
    return f"{'lunar ' if lunar else ''}birthday in the next {length} ({subject})"


def _deed(leaf: Did, lang: Language) -> str:
    wanted = _column_value(leaf, leaf.total, leaf.times, lang) if leaf.total else plain(leaf.times)
    conditions = [_condition(leaf, one, lang) for one in leaf.where]
    return deed(leaf, wanted, conditions, lang)


def _condition(leaf: Did, one: Where, lang: Language) -> str:
    column = leaf.doing.columns[one.column]
    if isinstance(one.value, Decimal):
        said = OPS[one.op].in_(lang)
        wanted = _column_value(leaf, one.column, one.value, lang)
    else:
        is_, not_, has = ("为", "不为", "含") if lang == "zh" else ("is", "is not", "contains")
        said = {Op.NOT_IN: not_, Op.CONTAINS: has}.get(one.op, is_)
        words = [column.words.get(word, Text.same(word)).in_(lang) for word in one.value]
        wanted = (" 或 " if lang == "zh" else " or ").join(words)
        if lang == "zh":
            return f"{column.label.zh}{said} {wanted}"
    return f"{column.label.in_(lang)} {said} {wanted}"


def _column_value(leaf: Did, column: str, value: Decimal, lang: Language) -> str:
    money = leaf.doing.columns[column].kind is ColumnKind.MONEY
    return metric_value(value, "money" if money else "", lang)


def figure(leaf: Did, value: object) -> Text:
    """Write how often a customer did it, or what it came to."""
    if leaf.total:
        amount = Decimal(str(value))
        return Text(
            _column_value(leaf, leaf.total, amount, "zh"), _column_value(leaf, leaf.total, amount, "en")
        )
    if at_least_once(leaf) or never(leaf):
        number = Text(f"{plain(value)} 次", "once" if value == 1 else f"{plain(value)} times")
        return number
    return Text(f"{plain(value)} 次", plain(value))


def _subject(leaf: FieldTest | MetricTest, lang: Language, labels: Labels) -> str:
    if isinstance(leaf, MetricTest):
        metric = labels.metrics.get(leaf.metric)
        return metric.label.in_(lang) if metric else leaf.metric
    spec = labels.fields.get(leaf.field)
    return spec.label.in_(lang) if spec else leaf.field


def _wanted(leaf: FieldTest | MetricTest, lang: Language, labels: Labels) -> str:
    if isinstance(leaf, MetricTest) and leaf.relative is not None:
        number, group = plain(leaf.value), _group(leaf, lang, labels)
        if leaf.relative is Relative.PERCENTILE:
            return f"{group}第 {number} 百分位" if lang == "zh" else f"percentile {number}{group}"
        return f"{group}平均的 {number} 倍" if lang == "zh" else f"{number} × the mean{group}"
    if isinstance(leaf.value, tuple):
        return ("、" if lang == "zh" else ", ").join(shown(leaf, one, lang, labels) for one in leaf.value)
    return shown(leaf, leaf.value, lang, labels)


def _group(leaf: MetricTest, lang: Language, labels: Labels) -> str:
    if leaf.by is None:
        return ""
    spec = labels.fields.get(leaf.by.field)
    name = spec.label if spec else Text("层级", "tier") if not leaf.by.field else Text.same(leaf.by.field)
    return f"同{name.zh}" if lang == "zh" else f" of the same {name.en}"


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
