"""Reading a rule from JSON or YAML: capped in size and depth, checked against the fields and metrics that exist."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NoReturn

from zhike.core import dates
from zhike.core.errors import BadValue, Refusal
from zhike.core.rules.tree import (
    All,
    Any,
    FieldTest,
    HasTag,
    InTier,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    RuleValue,
)
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.core.fields import FieldSpec

MAX_DEPTH, MAX_NODES, MAX_CHARACTERS, MAX_LIST = 12, 200, 50_000, 500
Path = tuple[str | int, ...]

_COMPARE = frozenset({Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE})
_PRESENCE = frozenset({Op.EMPTY, Op.FILLED})
_PICK = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN}) | _PRESENCE
_OPS_OF_TYPE: dict[str, frozenset[Op]] = {
    **dict.fromkeys(("date", "number", "integer", "money"), _COMPARE | _PRESENCE),
    **dict.fromkeys(("region", "industry"), _PICK | {Op.WITHIN}),
    **dict.fromkeys(("text", "url", "credit_code"), _PICK | {Op.CONTAINS}),
    "long_text": _PRESENCE | {Op.CONTAINS},
    "choice": _PICK,
    "multi_choice": frozenset({Op.CONTAINS, Op.IN, Op.NOT_IN}) | _PRESENCE,
    "boolean": frozenset({Op.EQ, Op.NE}) | _PRESENCE,
}
_SPELLINGS = {
    "==": "=",
    "<>": "!=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "not_in": "not in",
    ">": ">",
    "＞": ">",
    "＜": "<",
}


class BadRule(Refusal):
    """A rule that cannot be read; `path` leads to the place inside it."""

    def __init__(self, reason: Text, remedy: Text, path: Path = ()) -> None:
        super().__init__(reason, remedy, place=Text.same(_written(path)) if path else None)
        self.path = path


def _written(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def parse(
    raw: object,
    *,
    fields: Mapping[str, FieldSpec],
    metrics: Collection[str],
    tiers: Collection[str] | None = None,
    tags: Collection[str] | None = None,
) -> Rule:
    """Read a rule from JSON text or from loaded JSON or YAML; raises `BadRule` at the first thing that is wrong.

    `metrics`, `tiers` and `tags` are the keys that may be named (None: any).
    """
    if isinstance(raw, (str, bytes)):
        raw = _loaded(raw)
    return _Reader(fields, metrics, tiers, tags).rule(raw, ())


def _loaded(raw: str | bytes) -> object:
    if len(raw) > MAX_CHARACTERS:
        raise BadRule(
            Text(
                f"规则超过 {MAX_CHARACTERS} 个字符。", f"The rule is longer than {MAX_CHARACTERS} characters."
            ),
            Text("请拆成几个标签或层级。", "Split it into several tags or tiers."),
        )
    try:
        loaded: object = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRule(
            Text("规则不是有效的 JSON。", "The rule is not valid JSON."),
            Text("请核对括号和引号。", "Check brackets and quotes."),
        ) from None
    return loaded


@dataclass(slots=True)
class _Reader:
    fields: Mapping[str, FieldSpec]
    metrics: Collection[str]
    tiers: Collection[str] | None
    tags: Collection[str] | None
    seen: int = field(default=0)

    def rule(self, raw: object, path: Path, depth: int = 1) -> Rule:
        self.seen += 1
        if depth > MAX_DEPTH or self.seen > MAX_NODES:
            _refuse_size(path)
        if not isinstance(raw, Mapping) or not raw or not all(isinstance(key, str) for key in raw):
            _refuse(
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
            _only(raw, {"not"}, path)
            return Not(self.rule(raw["not"], (*path, "not"), depth + 1))
        return self._leaf(raw, path)

    def _group(self, raw: Mapping[str, object], path: Path, depth: int) -> Rule:
        word = "all" if "all" in raw else "any"
        _only(raw, {word}, path)
        parts = raw[word]
        if not isinstance(parts, (list, tuple)) or not parts:
            _refuse(
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
        if "tier" in raw:
            _only(raw, {"tier"}, path)
            return InTier(_known(raw["tier"], self.tiers, (*path, "tier"), Text("层级", "tier")))
        if "tag" in raw:
            _only(raw, {"tag"}, path)
            return HasTag(_known(raw["tag"], self.tags, (*path, "tag"), Text("标签", "tag")))
        _refuse(
            path,
            Text(f"不认识“{next(iter(raw))}”。", f"“{next(iter(raw))}” is not known."),
            Text(
                "条件以 metric、field、tier、tag、all、any 或 not 开头。",
                "A condition begins with metric, field, tier, tag, all, any or not.",
            ),
        )

    def _metric(self, raw: Mapping[str, object], path: Path) -> MetricTest:
        _only(raw, {"metric", "op", "value", "relative"}, path)
        metric = _known(raw["metric"], self.metrics, (*path, "metric"), Text("指标", "metric"))
        op = _op(raw, path, _COMPARE | _PRESENCE)
        relative = _relative(raw, op, path)
        if not op.takes_value:
            _no_value(raw, path)
            return MetricTest(metric, op)
        if relative is None and self._is_date(metric):
            return MetricTest(metric, op, _day(raw.get("value"), (*path, "value")))
        return MetricTest(metric, op, _metric_value(raw.get("value"), (*path, "value"), relative), relative)

    def _is_date(self, metric: str) -> bool:
        """Whether a metric is a date; known only when the metrics come with their units."""
        known = self.metrics[metric] if isinstance(self.metrics, Mapping) else None
        return getattr(known, "unit", None) == "date"

    def _field(self, raw: Mapping[str, object], path: Path) -> FieldTest:
        _only(raw, {"field", "op", "value"}, path)
        key = _known(raw["field"], self.fields, (*path, "field"), Text("字段", "field"))
        spec = self.fields[key]
        ops = frozenset() if spec.sealed else _OPS_OF_TYPE.get(spec.type, frozenset())
        if not ops:
            _refuse(
                (*path, "field"),
                Text(
                    f"“{spec.label.zh}”加密保存,不能用于规则。",
                    f"“{spec.label.en}” is kept sealed and cannot be used in a rule.",
                ),
                Text("请改用未加密的字段或指标。", "Use a field that is not sealed, or a metric."),
            )
        op = _op(raw, path, ops)
        if not op.takes_value:
            _no_value(raw, path)
            return FieldTest(key, op)
        return FieldTest(key, op, _field_value(raw.get("value"), spec, op, (*path, "value")))


def _refuse(path: Path, reason: Text, remedy: Text) -> NoReturn:
    raise BadRule(reason, remedy, path)


def _refuse_size(path: Path) -> NoReturn:
    _refuse(
        path,
        Text(
            f"规则太大:最多 {MAX_DEPTH} 层、{MAX_NODES} 个条件。",
            f"The rule is too large: at most {MAX_DEPTH} levels and {MAX_NODES} conditions.",
        ),
        Text("请拆成几个标签或层级。", "Split it into several tags or tiers."),
    )


def _only(raw: Mapping[str, object], known: set[str], path: Path) -> None:
    extra = [key for key in raw if key not in known]
    if extra:
        _refuse(
            (*path, extra[0]),
            Text(f"这里不能有“{extra[0]}”。", f"“{extra[0]}” does not belong here."),
            Text(f"可用:{'、'.join(sorted(known))}。", f"Use: {', '.join(sorted(known))}."),
        )


def _known(raw: object, known: Collection[str] | None, path: Path, what: Text) -> str:
    if isinstance(raw, str) and raw and len(raw) <= 60 and (known is None or raw in known):
        return raw
    names = "、".join(sorted(known or ())[:40])
    _refuse(
        path,
        Text(f"没有名为“{str(raw)[:40]}”的{what.zh}。", f"There is no {what.en} “{str(raw)[:40]}”."),
        Text(f"可用:{names}。", f"Use one of: {names.replace('、', ', ')}."),
    )


def _op(raw: Mapping[str, object], path: Path, allowed: frozenset[Op]) -> Op:
    said = raw.get("op")
    said = _SPELLINGS.get(said, said) if isinstance(said, str) else said
    found = next((op for op in allowed if op.value == said), None)
    if found is None:
        names = " ".join(op.value for op in Op if op in allowed)
        _refuse(
            (*path, "op"),
            Text(f"这里不能用“{raw.get('op')}”比较。", f"“{raw.get('op')}” cannot be used here."),
            Text(f"可用:{names}。", f"Use one of: {names}."),
        )
    return found


def _no_value(raw: Mapping[str, object], path: Path) -> None:
    if raw.get("value") is not None:
        _refuse(
            (*path, "value"),
            Text("“为空/不为空”不需要 value。", "“empty” and “filled” take no value."),
            Text("请去掉 value。", "Leave the value out."),
        )


def _relative(raw: Mapping[str, object], op: Op, path: Path) -> Relative | None:
    said = raw.get("relative")
    if said is None:
        return None
    if said not in {"mean", "percentile"} or not op.takes_value:
        _refuse(
            (*path, "relative"),
            Text(f"relative 不能是“{said}”。", f"“{said}” is not a way to be relative."),
            Text(
                "请写 mean(平均的几倍)或 percentile(百分位)。",
                "Write mean (times the mean) or percentile.",
            ),
        )
    return Relative(said)


def _day(raw: object, path: Path) -> date:
    try:
        return dates.clean_date(raw)
    except BadValue as bad:
        raise BadRule(bad.reason, bad.remedy, path) from None


def _metric_value(raw: object, path: Path, relative: Relative | None) -> Decimal:
    number = _number(raw, path)
    if relative is not None and (number < 0 or (relative is Relative.PERCENTILE and number > 100)):
        _refuse(
            path,
            Text(f"{number} 不能作为倍数或百分位。", f"{number} is neither a multiple nor a percentile."),
            Text(
                "倍数不小于 0,百分位在 0 到 100 之间。",
                "A multiple is 0 or more, a percentile lies between 0 and 100.",
            ),
        )
    return number


def _number(raw: object, path: Path) -> Decimal:
    try:
        if isinstance(raw, (int, float, str, Decimal)) and not isinstance(raw, bool) and len(str(raw)) <= 40:
            number = Decimal(str(raw).replace(",", ""))
            if number.is_finite() and abs(number) < Decimal(10) ** 15 and number == round(number, 6):
                return number
    except (InvalidOperation, ValueError):
        pass
    _refuse(
        path,
        Text(f"“{str(raw)[:40]}”不是数字。", f"“{str(raw)[:40]}” is not a number."),
        Text("请写数字,如 500000 或 1.5。", "Write a number such as 500000 or 1.5."),
    )


def _field_value(raw: object, spec: FieldSpec, op: Op, path: Path) -> RuleValue:
    if not op.takes_many:
        return _one(raw, spec, path)
    if not isinstance(raw, (list, tuple)) or not 1 <= len(raw) <= MAX_LIST:
        _refuse(
            path,
            Text(
                f"“{op.value}”后面应是 1 到 {MAX_LIST} 个值。",
                f"“{op.value}” takes a list of 1 to {MAX_LIST} values.",
            ),
            Text("写成 value: [甲, 乙]。", "Write value: [a, b]."),
        )
    return tuple(str(_one(one, spec, (*path, n))) for n, one in enumerate(raw))


def _one(raw: object, spec: FieldSpec, path: Path) -> RuleValue:
    if isinstance(raw, (Mapping, list, tuple)) or raw is None:
        _refuse(
            path,
            Text("这里应是一个值。", "A single value is expected here."),
            Text("请写一个值。", "Write one value."),
        )
    try:
        value = spec.clean([raw] if spec.type == "multi_choice" else raw)
    except BadValue as bad:
        raise BadRule(bad.reason, bad.remedy, path) from None
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        _refuse(
            path,
            Text("这里的值是空的。", "The value is empty."),
            Text("要找空值请用 op: empty。", "To find empty values use op: empty."),
        )
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
