"""Between a draft and the JSON of a rule: what each row says, what is wrong with it, and rows for a rule that is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from zhike.core.errors import Refusal
from zhike.core.rules import BadRule, Relative, Rule
from zhike.core.text import Text
from zhike.tiers import queries
from zhike.tiers.building.drafts import Group, Row, row_of
from zhike.tiers.building.offers import SPANS, Offers, Subject

Json = dict[str, Any]
_BETWEEN = re.compile(r"[,，、;；\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a draft says: its rule if all is well, and how many rows wait to be filled in."""

    rule: Rule | None
    json: Json | None
    waiting: int
    refusal: Refusal | None

    @property
    def complete(self) -> bool:
        """Whether it can be kept."""
        return self.rule is not None and not self.waiting and self.refusal is None


def reading(draft: Group, offers: Offers) -> Reading:
    """Read a draft; what is wrong is written at its row, rows that are not filled in yet are left out and counted."""
    reader = _Reader(offers)
    said = reader.group(draft)
    rule, refusal = None, reader.refusal
    if said is not None and refusal is None:
        try:
            rule = queries.readable(said)
        except BadRule as bad:
            refusal = bad
    return Reading(rule=rule, json=said, waiting=reader.waiting, refusal=refusal)


class _Reader:
    def __init__(self, offers: Offers) -> None:
        self.offers = offers
        self.waiting = 0
        self.refusal: Refusal | None = None

    def group(self, group: Group) -> Json | None:
        said = [one for one in map(self._item, group.items) if one is not None]
        if not said:
            return None
        word = "any" if group.join in {"any", "none"} else "all"
        written = said[0] if len(said) == 1 else {word: said}
        return {"not": written} if group.join in {"none", "not_all"} else written

    def _item(self, item: Row | Group) -> Json | None:
        return self.group(item) if isinstance(item, Group) else self._row(item)

    def _row(self, row: Row) -> Json | None:
        row.error = ""
        if not row.what:
            return None
        subject = self.offers.subject(row.what)
        said = spell(row, subject) if subject else None
        if subject is not None and said is None:
            self.waiting += 1
            return None
        try:
            if said is None:
                raise BadRule(
                    Text(f"“{row.what}”已不存在。", f"“{row.what}” is no longer there."),
                    Text("请选择别的内容或删除这一条。", "Choose something else, or remove this condition."),
                )
            queries.readable(said)
        except BadRule as bad:
            row.error = f"{bad.reason} {bad.remedy}"
            self.refusal = self.refusal or bad
            return None
        return said


def spell(row: Row, subject: Subject) -> Json | None:
    """The JSON of one row; None while something is missing."""
    op = row.first("op") or subject.ops[0][0]
    if subject.kind in {"named", "word"}:
        chosen = row.first("value")
        kind, _colon, key = subject.key.partition(":")
        named: Json = {"class": key, "is": chosen} if kind == "class" else {kind: chosen}
        return None if not chosen else {"not": named} if op == "not" else named
    if subject.kind == "did":
        return _did(row, subject, op)
    kind, _colon, key = row.what.partition(":")
    said: Json = {kind: key, "op": op}
    if op in {"empty", "filled"}:
        return said
    if op in SPANS or op == "birthday":
        return _span(row, said, op)
    if op in {"in", "not in"}:
        listed = [part for text in row.said.get("value", ()) for part in _parts(text, subject)]
        return {**said, "value": listed} if listed else None
    text = row.first("value")
    if not text:
        return None
    relative = row.first("relative") if subject.is_metric else ""
    said["value"] = _typed(text, subject, relative)
    return said | _compared_with(relative, row.first("by"))


def _compared_with(relative: str, by: str) -> Json:
    """What a value is a multiple or percentile of; only means are taken of groups."""
    if not relative:
        return {}
    return {"relative": relative, "by": by} if by and relative == Relative.MEAN else {"relative": relative}


def _parts(text: str, subject: Subject) -> list[str]:
    return [text] if subject.choices else [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _span(row: Row, said: Json, op: str) -> Json | None:
    number = row.first("number")
    if not number:
        return None
    unit = "months" if row.first("unit") == "months" and op != "birthday" else "days"
    said[unit] = int(number) if number.isdecimal() and len(number) < 7 else number
    return {**said, "calendar": "lunar"} if op == "birthday" and row.first("calendar") == "lunar" else said


def _typed(text: str, subject: Subject, relative: str) -> str:
    """A number as people write it: 50 万, 30%; the rest as it stands. Shares are typed in percent."""
    if subject.kind != "number":
        return text
    plain = text.replace(",", "").replace("，", "").replace(" ", "").lstrip("¥￥$")
    plain = plain.rstrip("%％") if subject.unit == "share" else plain
    times = {"万": 10_000, "亿": 100_000_000}.get(plain[-1:], 1)
    try:
        number = Decimal(plain.rstrip("万亿")) * times
    except InvalidOperation:
        return text
    return f"{number / 100 if subject.unit == 'share' and not relative else number:f}"


def _did(row: Row, subject: Subject, op: str) -> Json | None:
    number, count = row.first("value"), row.first("count")
    said: Json = {"did": subject.key.removeprefix("did:"), "op": "=" if op == "never" else op}
    if op == "never":
        said["times"] = 0
    elif count in subject.totals:
        if not number:
            return None
        said |= {"total": count, "value": _typed(number, subject, "")}
    else:
        said["times"] = number or 1
    within = _within(row)
    if within is None:
        return None
    where = {
        column: _BETWEEN.split(text) if _BETWEEN.search(text) else text
        for column, text in zip(row.said.get("column", ()), row.said.get("is", ()), strict=False)
        if column and text
    }
    return said | ({"within": within} if within else {}) | ({"where": where} if where else {})


def _within(row: Row) -> Json | None:
    """When it was done; {} for ever, None while a number or day is missing."""
    when, number = row.first("when"), row.first("number")
    if when in {"days", "months"}:
        return {when: int(number) if number.isdecimal() and len(number) < 7 else number} if number else None
    if when == "between":
        days = {key: row.first(key) for key in ("from", "to") if row.first(key)}
        return days or None
    return {}


def draft_of(raw: Mapping[str, Any], offers: Offers) -> Group:
    """Rows and groups for the JSON of a rule that could be read."""
    writer = _Writer(offers)
    item = writer.item(raw)
    if isinstance(item, Group):
        return item
    top = Group(writer.number())
    top.items.append(item)
    return top


class _Writer:
    def __init__(self, offers: Offers) -> None:
        self.offers = offers
        self._last = 0

    def number(self) -> int:
        self._last += 1
        return self._last

    def item(self, raw: Mapping[str, Any]) -> Row | Group:
        if "not" in raw:
            return self._negated(raw["not"])
        if "all" in raw or "any" in raw:
            join = "all" if "all" in raw else "any"
            return Group(self.number(), join, [self.item(part) for part in raw[join]])
        return row_of(self.number(), self._row(raw))

    def _negated(self, raw: Mapping[str, Any]) -> Row | Group:
        inner = self.item(raw)
        if isinstance(inner, Row) and inner.first("op") in {"is", "not"}:
            inner.said["op"] = ["not" if inner.first("op") == "is" else "is"]
            return inner
        if isinstance(inner, Group) and inner.join in {"all", "any"}:
            inner.join = "not_all" if inner.join == "all" else "none"
            return inner
        return Group(self.number(), "none", [inner])

    def _row(self, raw: Mapping[str, Any]) -> dict[str, str | list[str]]:
        for key in ("tier", "tag", "segment"):
            if key in raw:
                return {"what": key, "op": "is", "value": str(raw[key])}
        if "class" in raw:
            return {"what": f"class:{raw['class']}", "op": "is", "value": str(raw["is"])}
        if "did" in raw:
            return _did_said(raw)
        kind = "metric" if "metric" in raw else "field"
        subject = self.offers.subject(f"{kind}:{raw[kind]}")
        said: dict[str, str | list[str]] = {"what": f"{kind}:{raw[kind]}", "op": str(raw["op"])}
        said |= {key: str(raw[key]) for key in ("relative", "by", "calendar") if key in raw}
        for unit in ("days", "months"):
            if unit in raw:
                said |= {"number": str(raw[unit]), "unit": unit}
        return said | _value_said(raw, subject, said)


def _value_said(
    raw: Mapping[str, Any], subject: Subject | None, said: Mapping[str, Any]
) -> dict[str, str | list[str]]:
    if "value" not in raw:
        return {}
    value, kind = raw["value"], subject.kind if subject else ""
    if kind in {"choice", "code"} and raw["op"] in {"=", "!=", "contains"}:
        return {"op": "not in" if raw["op"] == "!=" else "in", "value": [str(value)]}
    if isinstance(value, list):
        listed = [str(one) for one in value]
        return {"value": listed if subject and subject.choices else "、".join(listed)}
    if isinstance(value, bool):
        return {"value": "true" if value else "false"}
    if subject and subject.unit == "share" and not said.get("relative"):
        return {"value": f"{(Decimal(str(value)) * 100).normalize():f}"}
    return {"value": str(value)}


def _did_said(raw: Mapping[str, Any]) -> dict[str, str | list[str]]:
    said: dict[str, str | list[str]] = {"what": f"did:{raw['did']}", "op": str(raw.get("op", ">="))}
    said["value"] = str(raw.get("value", raw.get("times", 1)))
    said["count"] = str(raw.get("total", ""))
    if said["op"] == "=" and said["value"] == "0" and not said["count"]:
        said["op"] = "never"
    within = raw.get("within") or {}
    for unit in ("days", "months"):
        if unit in within:
            said |= {"when": unit, "number": str(within[unit])}
    if "from" in within or "to" in within:
        said |= {"when": "between", "from": str(within.get("from", "")), "to": str(within.get("to", ""))}
    where = raw.get("where") or {}
    said["column"] = list(where)
    said["is"] = [_joined(one) for one in where.values()]
    return said


def _joined(one: object) -> str:
    if isinstance(one, Mapping):
        return _joined(one.get("value"))
    return "、".join(map(str, one)) if isinstance(one, list) else str(one)


_HANDLED = {
    "metric": {"metric", "op", "value", "relative", "by", "days", "months"},
    "field": {"field", "op", "value", "days", "months", "calendar"},
    "did": {"did", "op", "times", "value", "total", "within", "where"},
}


def fits(raw: Mapping[str, Any]) -> bool:
    """Whether rows can say all that a rule says; what they cannot is kept and edited as JSON."""
    for word in ("all", "any"):
        if word in raw:
            return all(fits(part) for part in raw[word])
    if "not" in raw:
        return fits(raw["not"])
    for kind, handled in _HANDLED.items():
        if kind in raw:
            return raw.keys() <= handled and (kind != "did" or _did_fits(raw))
    return True


def _did_fits(raw: Mapping[str, Any]) -> bool:
    within, where = raw.get("within") or {}, raw.get("where") or {}
    ways = [within.keys() <= {"days"}, within.keys() <= {"months"}, within.keys() <= {"from", "to"}]
    return any(ways) and not any(isinstance(one, Mapping) for one in where.values())
