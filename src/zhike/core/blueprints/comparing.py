"""The difference between two blueprints, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zhike.core.blueprints.specs import BlueprintSpec, Every, Kind, MeasureSpec, StrategySpec
from zhike.core.fields import FIELD_TYPES, Choice, Sensitivity
from zhike.core.rules import Labels, text
from zhike.core.rules.sentences import plain
from zhike.core.text import Text

NOTHING = Text("", "")


class How(StrEnum):
    """What happened to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: of which subject (field, tier, tag, …) and key, how, and what was and is written there."""

    how: How
    subject: str
    key: str
    what: Text
    before: Text = NOTHING
    after: Text = NOTHING


_ASPECTS: dict[str, Text] = {
    "label": Text("名称", "name"),
    "name": Text("名称", "name"),
    "key": Text("标识", "key"),
    "kind": Text("客户类型", "kind of customer"),
    "currency": Text("币种", "currency"),
    "solves": Text("要解决的问题", "problem solved"),
    "type": Text("类型", "type"),
    "module": Text("模块", "module"),
    "sensitivity": Text("敏感级别", "sensitivity"),
    "purpose": Text("用途", "purpose"),
    "help": Text("说明", "help"),
    "required": Text("必填", "required"),
    "unique": Text("唯一", "unique"),
    "choices": Text("选项", "choices"),
    "minimum": Text("最小值", "minimum"),
    "maximum": Text("最大值", "maximum"),
    "pattern": Text("格式", "pattern"),
    "past": Text("不得晚于今天", "not after today"),
    "aliases": Text("别名", "aliases"),
    "color": Text("颜色", "colour"),
    "order": Text("次序", "order"),
    "traits": Text("特征", "traits"),
    "rule": Text("规则", "rule"),
    "owner_role": Text("负责角色", "owner"),
    "cycle": Text("周期", "cycle"),
    "title": Text("标题", "title"),
    "action": Text("行动标准", "action standard"),
    "days_due": Text("期限(工作日)", "working days to do it"),
    "every": Text("频率", "frequency"),
    "aggregate": Text("算法", "aggregate"),
    "metric": Text("指标", "metric"),
    "better": Text("好的方向", "better when"),
    "target": Text("目标", "target"),
    "target_tiers": Text("目标适用层级", "tiers held to the target"),
    "unit": Text("单位", "unit"),
    "method": Text("方法", "method"),
    "recency_days": Text("R 最近购买天数", "R days since last purchase"),
    "frequency": Text("F 订单数", "F orders"),
    "frequency_days": Text("F 统计天数", "F days counted"),
    "monetary_metric": Text("M 指标", "M metric"),
    "monetary": Text("M 门槛", "M threshold"),
    "monetary_relative": Text("M 相对", "M relative to"),
    "bins": Text("分位数", "bins"),
    "margin": Text("毛利率", "margin"),
    "discount": Text("年折现率", "discount per year"),
    "silence_days": Text("未购买多少天算流失", "days without a purchase that count as gone"),
    "watch": Text("关注概率", "chance to watch from"),
    "warning": Text("预警概率", "chance to warn from"),
    "critical": Text("紧急概率", "chance that is critical"),
    "churn_reasons": Text("可选的流失原因", "reasons for churn to choose from"),
}
_SUBJECTS: dict[str, Text] = {
    "blueprint": Text("模板", "blueprint"),
    "module": Text("模块", "module"),
    "field": Text("字段", "field"),
    "rfm": Text(" RFM 阈值", "RFM thresholds"),
    "forecast": Text("价值与流失的算法", "reckoning of value and churn"),
    "tier": Text("层级", "tier"),
    "tag": Text("标签", "tag"),
    "strategy": Text("策略", "strategy"),
    "measure": Text("措施", "measure"),
    "kpi": Text("效果指标", "KPI"),
}
_HOW = {
    How.ADDED: Text("新增", "Added"),
    How.REMOVED: Text("删除", "Removed"),
    How.CHANGED: Text("修改", "Changed"),
}


_FIELD = (
    *("label", "type", "module", "sensitivity", "purpose", "help", "required", "unique"),
    *("choices", "minimum", "maximum", "pattern", "past", "aliases"),
)
_RFM = (
    *("method", "recency_days", "frequency", "frequency_days"),
    *("monetary_metric", "monetary", "monetary_relative", "bins"),
)
_FORECAST = ("margin", "discount", "silence_days", "watch", "warning", "critical", "churn_reasons")
_KPI = ("label", "aggregate", "metric", "rule", "better", "target", "target_tiers", "unit")


def compare(old: BlueprintSpec, new: BlueprintSpec, *, labels: Labels | None = None) -> tuple[Change, ...]:
    """List what changed from `old` to `new`; `labels` give the metrics in rules their words."""
    before, after = _words(old, labels), _words(new, labels)
    found = _aspects(
        "blueprint", Text.same(new.key), old, new, ("name", "kind", "currency", "solves"), before, after
    )
    found += _things("module", _keyed(old.modules), _keyed(new.modules), ("label", "help"), before, after)
    found += _things("field", old.fields, new.fields, _FIELD, before, after)
    found += _aspects("rfm", NOTHING, old.rfm, new.rfm, _RFM, before, after)
    found += _aspects("forecast", NOTHING, old.forecast, new.forecast, _FORECAST, before, after)
    tier = ("label", "color", "order", "traits", "rule")
    found += _things("tier", _keyed(old.tiers), _keyed(new.tiers), tier, before, after)
    found += _things("tag", _keyed(old.tags), _keyed(new.tags), ("label", "rule"), before, after)
    strategy = ("traits", "owner_role", "cycle")
    found += _things("strategy", _strategies(old), _strategies(new), strategy, before, after)
    measure = ("title", "action", "days_due", "every")
    found += _things("measure", _measures(old), _measures(new), measure, before, after)
    found += _things("kpi", _keyed(old.kpis), _keyed(new.kpis), _KPI, before, after)
    return tuple(found)


def _words(spec: BlueprintSpec, labels: Labels | None) -> Labels:
    own = spec.labels
    metrics = labels.metrics if labels else {}
    return Labels(metrics=metrics, fields=own.fields, tiers=own.tiers, tags=own.tags)


def _keyed(things: Iterable[Any]) -> dict[str, Any]:
    return {thing.key: thing for thing in things}


def _strategies(spec: BlueprintSpec) -> dict[str, StrategySpec]:
    return {strategy.tier: strategy for strategy in spec.strategies}


def _measures(spec: BlueprintSpec) -> dict[str, MeasureSpec]:
    return {f"{one.tier}.{measure.key}": measure for one in spec.strategies for measure in one.measures}


def _name(thing: Any, words: Labels) -> Text:
    if isinstance(thing, StrategySpec):
        return words.tiers.get(thing.tier, Text.same(thing.tier))
    named = thing.title if isinstance(thing, MeasureSpec) else thing.label
    return named if isinstance(named, Text) else Text.same(str(named))


def _things(
    subject: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    aspects: tuple[str, ...],
    before: Labels,
    after: Labels,
) -> list[Change]:
    found: list[Change] = []
    for key in old:
        if key not in new:
            found.append(_whole(How.REMOVED, subject, key, _name(old[key], before)))
    for key, thing in new.items():
        if key not in old:
            found.append(_whole(How.ADDED, subject, key, _name(thing, after)))
        else:
            found += _aspects(subject, _name(thing, after), old[key], thing, aspects, before, after, key=key)
    return found


def _whole(how: How, subject: str, key: str, name: Text) -> Change:
    return Change(how=how, subject=subject, key=key, what=_joined(_HOW[how], _SUBJECTS[subject], name))


def _joined(how: Text, subject: Text, name: Text) -> Text:
    said = f"“{name.zh}”" if name.zh else ""
    return Text(f"{how.zh}{subject.zh}{said}", f"{how.en} {subject.en}{f' “{name.en}”' if name.en else ''}")


def _aspects(
    subject: str,
    name: Text,
    old: Any,
    new: Any,
    aspects: tuple[str, ...],
    before: Labels,
    after: Labels,
    *,
    key: str = "",
) -> list[Change]:
    found: list[Change] = []
    for aspect in aspects:
        was, now = getattr(old, aspect), getattr(new, aspect)
        if was == now:
            continue
        head = _joined(_HOW[How.CHANGED], _SUBJECTS[subject], name)
        word = _ASPECTS[aspect]
        what = Text(f"{head.zh}:{word.zh}", f"{head.en}: {word.en}")
        write = _share if subject == "forecast" and isinstance(now, Decimal) else _written
        pair = {"before": write(was, before), "after": write(now, after)}
        found.append(Change(how=How.CHANGED, subject=subject, key=key or subject, what=what, **pair))
    return found


def _share(value: Decimal, words: Labels) -> Text:
    return Text.same(f"{plain(value * 100)}%")


def _written(value: Any, words: Labels) -> Text:
    if isinstance(value, Text):
        return value
    if value is None or value == "" or value == ():
        return Text("(无)", "(none)")
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, (Every, Kind, Sensitivity)):
        return value.label
    if isinstance(value, tuple):
        parts = [one.label if isinstance(one, Choice) else _written(one, words) for one in value]
        return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    if isinstance(value, str):
        return FIELD_TYPES[value].label if value in FIELD_TYPES else Text.same(value)
    if isinstance(value, (int, Decimal)):
        return Text.same(plain(value))
    return text(value, words)
