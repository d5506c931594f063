"""Reading a rule from JSON or YAML: measured first, then checked against the fields and metrics that exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from zhike.core.birthdays import MOST_DAYS, Calendar
from zhike.core.rules import values
from zhike.core.rules.classes import CLASSES
from zhike.core.rules.deeds import did
from zhike.core.rules.measuring import loaded, measure
from zhike.core.rules.operators import COMPARE, MOVING, OPS_OF_TYPE, PRESENCE, operator
from zhike.core.rules.refusing import BadRule, Path, brief, named, only, refuse
from zhike.core.rules.tree import (
    All,
    Any,
    FieldTest,
    Grouping,
    HasTag,
    InClass,
    InSegment,
    InTier,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
)
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.core.fields import FieldSpec

__all__ = ["MAX_DEPTH", "MAX_NODES", "BadRule", "parse"]
MAX_DEPTH, MAX_NODES = 12, 200
# Customers are compared within their province 省 and within their division 大类 of industry.
_GROUPS = {"choice": 0, "boolean": 0, "region": 2, "industry": 3}
_SPAN = {"days", "months", "value"}


def parse(
    raw: object,
    *,
    fields: Mapping[str, FieldSpec],
    metrics: Collection[str],
    tiers: Collection[str] | None = None,
    tags: Collection[str] | None = None,
    segments: Collection[str] | None = None,
    classes: Mapping[str, Collection[str] | None] | None = None,
) -> Rule:
    """Read a rule from JSON text or from loaded JSON or YAML; raises `BadRule` at the first thing that is wrong.

    `metrics`, `tiers`, `tags` and `segments` are the keys that may be named (None: any), `classes` those of each kind.
    """
    if isinstance(raw, (str, bytes)):
        raw = loaded(raw)
    measure(raw)
    return _Reader(fields, metrics, tiers, tags, segments, classes).rule(raw, ())


@dataclass(slots=True)
class _Reader:
    fields: Mapping[str, FieldSpec]
    metrics: Collection[str]
    tiers: Collection[str] | None
    tags: Collection[str] | None
    segments: Collection[str] | None
    classes: Mapping[str, Collection[str] | None] | None
    seen: int = field(default=0)

    def rule(self, raw: object, path: Path, depth: int = 1) -> Rule:
        self.seen += 1
        if depth > MAX_DEPTH or self.seen > MAX_NODES:
            _refuse_size(path)
        if not isinstance(raw, Mapping) or not raw:
            refuse(
                path,
                Text("这里应是一个条件。", "A condition is expected here."),
                Text(
                    '写成 {metric: spend, op: ">=", value: 1000} 或 {all: [...]}。',
                    'Write {metric: spend, op: ">=", value: 1000} or {all: [...]}.',
                ),
            )
        if "all" in raw or "any" in raw:
            return self._group(raw, path, depth)
        if "not" in raw:
            only(raw, {"not"}, path)
            return Not(self.rule(raw["not"], (*path, "not"), depth + 1))
        return self._leaf(raw, path)

    def _group(self, raw: Mapping[str, object], path: Path, depth: int) -> Rule:
        word = "all" if "all" in raw else "any"
        only(raw, {word}, path)
        parts = raw[word]
        if not isinstance(parts, (list, tuple)) or not parts:
            refuse(
                (*path, word),
                Text(f"{word} 后面应是一组条件。", f"“{word}” takes a list of conditions."),
                Text(f"写成 {word}: [条件, 条件]。", f"Write {word}: [condition, condition]."),
            )
        read = tuple(self.rule(part, (*path, word, n), depth + 1) for n, part in enumerate(parts))
        return All(read) if word == "all" else Any(read)

    def _leaf(self, raw: Mapping[str, object], path: Path) -> Rule:
        if "metric" in raw:
            return self._metric(raw, path)
        if "field" in raw:
            return self._field(raw, path)
        if "did" in raw:
            return did(raw, path)
        if "tier" in raw:
            only(raw, {"tier"}, path)
            return InTier(named(raw["tier"], self.tiers, (*path, "tier"), Text("层级", "tier")))
        if "tag" in raw:
            only(raw, {"tag"}, path)
            return HasTag(named(raw["tag"], self.tags, (*path, "tag"), Text("标签", "tag")))
        if "segment" in raw:
            only(raw, {"segment"}, path)
            return InSegment(
                named(raw["segment"], self.segments, (*path, "segment"), Text("分群", "segment"))
            )
        if "class" in raw:
            return self._class(raw, path)
        unknown = brief(next(iter(raw)))
        refuse(
            path,
            Text(f"不认识“{unknown}”。", f"“{unknown}” is not known."),
            Text(
                "条件以 metric、field、did、tier、tag、segment、class、all、any 或 not 开头。",
                "A condition begins with metric, field, did, tier, tag, segment, class, all, any or not.",
            ),
        )

    def _class(self, raw: Mapping[str, object], path: Path) -> InClass:
        only(raw, {"class", "is"}, path)
        kinds = CLASSES if self.classes is None else self.classes
        of = named(raw["class"], kinds, (*path, "class"), Text("分类方式", "kind of class"))
        keys = None if self.classes is None else self.classes[of]
        return InClass(of, named(raw.get("is"), keys, (*path, "is"), Text("类别", "class")))

    def _metric(self, raw: Mapping[str, object], path: Path) -> MetricTest:
        only(raw, {"metric", "op", "value", "relative", "by", "days", "months"}, path)
        metric = named(raw["metric"], self.metrics, (*path, "metric"), Text("指标", "metric"))
        dated = self._is_date(metric)
        op = operator(raw, path, COMPARE | PRESENCE | (MOVING if dated else frozenset()))
        only(raw, {"metric", "op"} | (_SPAN if op.takes_span else {"value", "relative", "by"}), path)
        if op.takes_span:
            return MetricTest(metric, op, values.span(raw, path))
        relative = _relative(raw, op, path)
        by = self._grouping(raw.get("by"), relative, (*path, "by"))
        if not op.takes_value:
            _no_value(raw, path)
            return MetricTest(metric, op)
        place = (*path, "value")
        if relative is None and dated:
            return MetricTest(metric, op, values.day(raw.get("value"), place))
        return MetricTest(metric, op, values.metric_value(raw.get("value"), place, relative), relative, by)

    def _is_date(self, metric: str) -> bool:
        """Whether a metric is a date; known only when the metrics come with their units."""
        known = self.metrics[metric] if isinstance(self.metrics, Mapping) else None
        return getattr(known, "unit", None) == "date"

    def _grouping(self, raw: object, relative: Relative | None, path: Path) -> Grouping | None:
        if raw is None:
            return None
        groups = [key for key, spec in self.fields.items() if spec.type in _GROUPS and not spec.sealed]
        key = named(raw, [*groups, "tier"], path, Text("分组字段", "field to group by"))
        if relative is not Relative.MEAN:
            refuse(
                path,
                Text("只有与平均比较时才能分组。", "Only a mean can be that of a group."),
                Text("请写 relative: mean,或去掉 by。", "Write relative: mean, or leave “by” out."),
            )
        return Grouping(key, _GROUPS[self.fields[key].type]) if key in self.fields else Grouping("")

    def _field(self, raw: Mapping[str, object], path: Path) -> FieldTest:
        only(raw, {"field", "op", "value", "days", "months", "calendar"}, path)
        key = named(raw["field"], self.fields, (*path, "field"), Text("字段", "field"))
        spec = self.fields[key]
        ops = frozenset() if spec.sealed else OPS_OF_TYPE.get(spec.type, frozenset())
        if not ops:
            refuse(
                (*path, "field"),
                Text(
                    f"“{spec.label.zh}”加密保存,不能用于规则。",
                    f"“{spec.label.en}” is kept sealed and cannot be used in a rule.",
                ),
                Text("请改用未加密的字段或指标。", "Use a field that is not sealed, or a metric."),
            )
        op = operator(raw, path, ops)
        if op is Op.BIRTHDAY:
            only(raw, {"field", "op", "calendar"} | (_SPAN - {"months"}), path)
            days = values.span(raw, path, most_days=MOST_DAYS, months=False)
            return FieldTest(key, op, days, _calendar(raw.get("calendar"), (*path, "calendar")))
        only(raw, {"field", "op"} | (_SPAN if op.takes_span else {"value"}), path)
        if op.takes_span:
            return FieldTest(key, op, values.span(raw, path))
        if not op.takes_value:
            _no_value(raw, path)
            return FieldTest(key, op)
        return FieldTest(key, op, values.field_value(raw.get("value"), spec, op, (*path, "value")))


def _refuse_size(path: Path) -> NoReturn:
    refuse(
        path,
        Text(
            f"规则太大:最多 {MAX_DEPTH} 层、{MAX_NODES} 个条件。",
            f"The rule is too large: at most {MAX_DEPTH} levels and {MAX_NODES} conditions.",
        ),
        Text("请拆成几个标签、分群或层级。", "Split it into several tags, segments or tiers."),
    )


def _no_value(raw: Mapping[str, object], path: Path) -> None:
    if raw.get("value") is not None:
        refuse(
            (*path, "value"),
            Text("“为空/不为空”不需要 value。", "“empty” and “filled” take no value."),
            Text("请去掉 value。", "Leave the value out."),
        )


def _relative(raw: Mapping[str, object], op: Op, path: Path) -> Relative | None:
    said = raw.get("relative")
    if said is None:
        return None
    if not isinstance(said, str) or said not in {"mean", "percentile"} or not op.takes_value:
        refuse(
            (*path, "relative"),
            Text(f"relative 不能是“{brief(said)}”。", f"“{brief(said)}” is not a way to be relative."),
            Text(
                "请写 mean(平均的几倍)或 percentile(百分位)。",
                "Write mean (times the mean) or percentile.",
            ),
        )
    return Relative(said)


def _calendar(raw: object, path: Path) -> Calendar:
    if raw is None:
        return Calendar.SOLAR
    return Calendar(named(raw, [one.value for one in Calendar], path, Text("历法", "calendar")))
