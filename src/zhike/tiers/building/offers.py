"""What a condition may look at, how it may be compared, and with which input: read from blueprint, metrics, tiers and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from zhike.blueprint import queries as blueprints
from zhike.core import industries, regions
from zhike.core.fields import FieldSpec
from zhike.core.rules import CLASSES, DOINGS
from zhike.core.text import Text
from zhike.insight import queries as insight
from zhike.tiers import queries
from zhike.tiers.models import Segment, Tag, Tier

Choice = tuple[str, Text]

SPANS = ("within_last", "older_than", "within_next", "later_than")
_WORDS = {
    ">=": Text("≥", "≥"),
    ">": Text(">", ">"),
    "<=": Text("≤", "≤"),
    "<": Text("<", "<"),
    "=": Text("=", "="),
    "!=": Text("≠", "≠"),
    "in": Text("是", "is one of"),
    "not in": Text("不是", "is none of"),
    "contains": Text("包含", "contains"),
    "within": Text("属于", "lies in"),
    "empty": Text("为空", "is empty"),
    "filled": Text("不为空", "is filled"),
    "is": Text("是", "is"),
    "not": Text("不是", "is not"),
    "within_last": Text("在最近", "in the last"),
    "older_than": Text("早于", "more than … ago"),
    "within_next": Text("在今后", "in the next"),
    "later_than": Text("晚于", "after the next"),
    "never": Text("一次也没有", "not once"),
    "birthday": Text("生日在今后", "birthday in the next"),
}
_COMPARE = (">=", ">", "<=", "<", "=", "!=")
_KNOWN = ("empty", "filled")
OPS: Mapping[str, tuple[str, ...]] = {
    "number": (*_COMPARE, *_KNOWN),
    "date": (*SPANS, *_COMPARE, *_KNOWN),
    "birthday": (*SPANS, "birthday", *_COMPARE, *_KNOWN),
    "choice": ("in", "not in", *_KNOWN),
    "boolean": ("=", *_KNOWN),
    "flag": ("=", *_KNOWN),
    "code": ("within", "in", "not in", *_KNOWN),
    "text": ("=", "!=", "contains", "in", "not in", *_KNOWN),
    "long": ("contains", *_KNOWN),
    "named": ("is", "not"),
    "word": ("is", "not"),
    "did": (">=", "<=", "=", ">", "<", "never"),
}
_KIND_OF_TYPE = {
    **dict.fromkeys(("number", "integer", "money"), "number"),
    **dict.fromkeys(("choice", "multi_choice"), "choice"),
    **dict.fromkeys(("region", "industry"), "code"),
    **dict.fromkeys(("text", "url", "credit_code"), "text"),
    "long_text": "long",
    "boolean": "boolean",
    "date": "birthday",
}
UNITS = {
    "days": Text("天", "days"),
    "count": Text("", ""),
    "share": Text("%", "%"),
    "ratio": Text("", ""),
    "rating": Text("分", "points"),
}
ONE_ZERO: tuple[Choice, ...] = (("1", Text("是", "yes")), ("0", Text("否", "no")))
YES_NO: tuple[Choice, ...] = (("true", Text("是", "yes")), ("false", Text("否", "no")))

RELATIVES: tuple[Choice, ...] = (
    ("", Text("数值", "as a value")),
    ("mean", Text("× 平均值", "× the mean")),
    ("percentile", Text("百分位", "percentile")),
)
SPAN_UNITS: tuple[Choice, ...] = (("days", Text("天", "days")), ("months", Text("个月", "months")))
CALENDARS: tuple[Choice, ...] = (("", Text("公历", "solar")), ("lunar", Text("农历", "lunar")))
JOINS: tuple[Choice, ...] = (
    ("all", Text("满足以下全部", "All of these hold")),
    ("any", Text("满足以下任意一条", "Any of these holds")),
    ("not_all", Text("以下不全满足", "Not all of these hold")),
    ("none", Text("以下都不满足", "None of these holds")),
)
TOOLS: tuple[tuple[str, str, Text], ...] = (
    ("up", "arrow-up", Text("上移", "Move up")),
    ("down", "arrow-down", Text("下移", "Move down")),
    ("in", "indent-increase", Text("放入新的条件组", "Into a group of its own")),
    ("out", "indent-decrease", Text("移出条件组", "Out of its group")),
    ("copy", "copy", Text("复制", "Duplicate")),
    ("remove", "x", Text("删除", "Remove")),
)
WHENS: tuple[Choice, ...] = (
    ("", Text("任何时候", "at any time")),
    ("days", Text("最近几天内", "in the last … days")),
    ("months", Text("最近几个月内", "in the last … months")),
    ("between", Text("某段日期内", "between two days")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something a condition may look at."""

    key: str
    label: Text
    kind: str
    group: Text
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    suggested: str = ""  # the list of suggestions that its input opens
    columns: Mapping[str, Text] = field(default_factory=dict)
    totals: Mapping[str, Text] = field(default_factory=dict)
    comparable: bool = False  # customers can be compared with those who have the same value

    @property
    def ops(self) -> list[Choice]:
        """How it may be compared, with words."""
        return [(op, _WORDS[op]) for op in OPS[self.kind]]

    @property
    def is_metric(self) -> bool:
        """Whether it can be compared with the mean and with percentiles."""
        return self.key.startswith("metric:") and self.kind == "number"


class Offers:
    """Everything there is to choose from now."""

    def __init__(self, *, but_not: str = "") -> None:
        found = [*_metrics(), *_fields(), *_doings(), *_standing(but_not)]
        self.subjects: dict[str, Subject] = {one.key: one for one in found}
        self.tools, self.joins, self.relatives = TOOLS, JOINS, RELATIVES
        self.span_units, self.calendars, self.whens = SPAN_UNITS, CALENDARS, WHENS

    def subject(self, key: str) -> Subject | None:
        """What a key stands for; a window of any length such as `metric:orders_45d` too."""
        known = self.subjects.get(key)
        if known is None and key.startswith("metric:"):
            found = dict(_metric_of([key.removeprefix("metric:")]))
            self.subjects |= found
            known = found.get(key)
        return known

    def groupings(self) -> list[Choice]:
        """Whose mean a metric may be compared with."""
        alike = Text("同{}客户", "those of the same {}")
        by_field = [
            (
                one.key.removeprefix("field:"),
                Text(alike.zh.format(one.label.zh), alike.en.format(one.label.en)),
            )
            for one in self.subjects.values()
            if one.comparable
        ]
        tier = Text("层级", "tier")
        return [
            ("", Text("全部客户", "all customers")),
            ("tier", Text(alike.zh.format(tier.zh), alike.en.format(tier.en))),
            *by_field,
        ]

    def groups(self) -> list[tuple[Text, list[Subject]]]:
        """The subjects under their headings."""
        found: dict[Text, list[Subject]] = {}
        for one in self.subjects.values():
            found.setdefault(one.group, []).append(one)
        return list(found.items())

    def suggestions(self, used: Iterable[str]) -> dict[str, list[str]]:
        """What to propose while a region, an industry or a habit is typed."""
        wanted = set(used)
        found = {}
        if "regions" in wanted:
            found["regions"] = [one.name for one in regions.children_of()]
        if "industries" in wanted:
            found["industries"] = [industries.show_industry(chr(code)) for code in range(ord("A"), ord("U"))]
        usual = (one for one in wanted if one.startswith("class-"))
        return found | {one: insight.habits_seen(one.removeprefix("class-")) for one in usual}


def _metrics() -> Iterable[Subject]:
    return (one for _key, one in _metric_of(blueprints.METRICS))


def _metric_of(keys: Iterable[str]) -> Iterable[tuple[str, Subject]]:
    for key in keys:
        metric = blueprints.METRICS.get(key)
        if metric is None:
            continue
        unit = str(metric.unit)
        yield (
            f"metric:{key}",
            Subject(
                key=f"metric:{key}",
                label=metric.label,
                kind={"date": "date", "flag": "flag"}.get(unit, "number"),
                group=Text("指标", "Metrics"),
                unit=unit,
                choices=ONE_ZERO if unit == "flag" else (),
            ),
        )


def _fields() -> Iterable[Subject]:
    spec = blueprints.current_or_none()
    for one in spec.fields.values() if spec else ():
        kind = _KIND_OF_TYPE.get(one.type)
        if kind is not None and not one.sealed:
            yield _field(one, kind)


def _field(spec: FieldSpec, kind: str) -> Subject:
    choices = tuple((one.value, one.label) for one in spec.choices)
    return Subject(
        key=f"field:{spec.key}",
        label=spec.label,
        kind=kind,
        group=Text("字段", "Fields"),
        unit="money" if spec.type == "money" else "",
        choices=YES_NO if kind == "boolean" else choices,
        comparable=spec.type in {"choice", "boolean", "region", "industry"},
        suggested={"region": "regions", "industry": "industries"}.get(spec.type, ""),
    )


def _doings() -> Iterable[Subject]:
    for one in DOINGS.values():
        yield Subject(
            key=f"did:{one.key}",
            label=one.label,
            kind="did",
            group=Text("做过什么", "What they did"),
            columns={key: column.label for key, column in one.columns.items()},
            totals={key: column.label for key, column in one.columns.items() if column.numeric},
        )


def _standing(but_not: str) -> Iterable[Subject]:
    """Tiers, tags, segments and classes; a segment does not look at itself."""
    group = Text("分层、分类、标签与分群", "Tiers, classes, tags and segments")
    tiers = tuple((tier.key, tier.name) for tier in Tier.objects.filter(retired=False))
    tags = tuple((tag.key, tag.name) for tag in Tag.objects.filter(retired=False))
    if tiers:
        yield Subject(key="tier", label=Text("层级", "Tier"), kind="named", group=group, choices=tiers)
    segments = tuple(
        (str(one.key), one.title)
        for one in Segment.objects.filter(archived_at=None)
        if str(one.key) != but_not
    )
    if segments:
        yield Subject(
            key="segment", label=Text("分群", "Segment"), kind="named", group=group, choices=segments
        )
    if tags:
        yield Subject(key="tag", label=Text("标签", "Tag"), kind="named", group=group, choices=tags)
    for kind, named in queries.class_names().items():
        yield Subject(
            key=f"class:{kind}",
            label=CLASSES[kind].label,
            kind="named" if named else "word",
            group=group,
            choices=tuple((named or {}).items()),
            suggested="" if named else f"class-{kind}",
        )
