"""Reading `{did: orders, op: ">=", times: 3, within: {days: 90}, where: {category: 乳品}}`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

from zhike.core.rules import values
from zhike.core.rules.doings import DOINGS, Column
from zhike.core.rules.operators import COMPARE, operator
from zhike.core.rules.refusing import Path, brief, named, only, refuse
from zhike.core.rules.spans import ALWAYS, MOST_DAYS, Span, Within
from zhike.core.rules.tree import Did, Op, Where
from zhike.core.text import Text

MOST_TIMES = 1_000_000
_TEXT_OPS = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.CONTAINS})
_WHAT = Text("行为", "kind of fact")
_COLUMN = Text("条件列", "column")


def did(raw: Mapping[str, object], path: Path) -> Did:
    """Read a test of what a customer did; without `op` and `times` it asks for at least once."""
    only(raw, {"did", "op", "times", "value", "total", "within", "where"}, path)
    what = named(raw["did"], DOINGS, (*path, "did"), _WHAT)
    columns = DOINGS[what].columns
    total = ""
    if raw.get("total") is not None:
        added = [key for key, column in columns.items() if column.numeric]
        total = named(raw["total"], added, (*path, "total"), _COLUMN)
    return Did(
        did=what,
        op=operator(raw, path, COMPARE) if raw.get("op") is not None else Op.GE,
        times=_times(raw, path, added_up=bool(total)),
        within=_within(raw.get("within"), (*path, "within")),
        where=_where(raw.get("where"), columns, (*path, "where")),
        total=total,
    )


def _times(raw: Mapping[str, object], path: Path, *, added_up: bool) -> Decimal:
    key, other = ("value", "times") if added_up else ("times", "value")
    if raw.get(other) is not None:
        refuse(
            (*path, other),
            Text(f"这里请写 {key}。", f"Write {key} here."),
            Text("次数写 times;有 total 时写 value。", "Write times for how often, value with total."),
        )
    if added_up:
        return values.number(raw.get(key), (*path, key))
    said = raw.get(key)
    return Decimal(1 if said is None else values.whole(said, (*path, key), low=0, high=MOST_TIMES))


def _within(raw: object, path: Path) -> Within:
    if raw is None:
        return ALWAYS
    if not isinstance(raw, Mapping) or not raw:
        _no_window(path)
    only(raw, {"days", "months", "from", "to", "before", "before_days"}, path)
    window = Within(
        span=values.span(raw, path) if {"days", "months"} & raw.keys() else None,
        skip=_skip(raw, path),
        since=values.day(raw["from"], (*path, "from")) if "from" in raw else None,
        until=values.day(raw["to"], (*path, "to")) if "to" in raw else None,
    )
    if window.since and window.until and window.since > window.until:
        refuse(
            (*path, "to"),
            Text(f"{window.until} 早于 {window.since}。", f"{window.until} lies before {window.since}."),
            Text("请核对起止日期。", "Check from and to."),
        )
    return window


def _skip(raw: Mapping[str, object], path: Path) -> Span | None:
    if raw.get("before_days") is not None:
        return Span(days=values.whole(raw["before_days"], (*path, "before_days"), low=1, high=MOST_DAYS))
    before = raw.get("before")
    if before is None:
        return None
    if not isinstance(before, Mapping):
        _no_window((*path, "before"))
    only(before, {"days", "months"}, (*path, "before"))
    return values.span(before, (*path, "before"))


def _no_window(path: Path) -> NoReturn:
    refuse(
        path,
        Text("这里应是一段时间。", "A stretch of time is expected here."),
        Text("写成 {days: 90} 或 {from: 2024-01-01}。", "Write {days: 90} or {from: 2024-01-01}."),
    )


def _where(raw: object, columns: Mapping[str, Column], path: Path) -> tuple[Where, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        refuse(
            path,
            Text("where 后面应是条件列。", "“where” takes columns."),
            Text("写成 where: {category: 乳品}。", "Write where: {category: milk}."),
        )
    return tuple(
        _condition(named(key, columns, (*path, key), _COLUMN), said, columns[key], (*path, key))
        for key, said in sorted(raw.items())
    )


def _condition(key: str, raw: object, column: Column, path: Path) -> Where:
    if not isinstance(raw, Mapping):
        raw = {"op": "=" if column.numeric else "in", "value": raw}
    only(raw, {"op", "value"}, path)
    if column.numeric:
        return Where(key, operator(raw, path, COMPARE), values.number(raw.get("value"), (*path, "value")))
    op = operator(raw, path, _TEXT_OPS)
    said = raw.get("value")
    listed = tuple(said) if isinstance(said, (list, tuple)) else (said,)
    if not 1 <= len(listed) <= values.MAX_LIST or (op is Op.CONTAINS and len(listed) > 1):
        _no_words(said, path)
    words = tuple(_word(one, path) for one in listed)
    return Where(key, {Op.EQ: Op.IN, Op.NE: Op.NOT_IN}.get(op, op), tuple(dict.fromkeys(words)))


def _word(raw: object, path: Path) -> str:
    if isinstance(raw, str) and raw.strip():
        return raw.strip()
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    _no_words(raw, path)


def _no_words(raw: object, path: Path) -> NoReturn:
    refuse(
        path,
        Text(f"“{brief(raw)}”不能用来比较。", f"“{brief(raw)}” cannot be compared with."),
        Text("请写一个词或一组词。", "Write a word or a list of words."),
    )
