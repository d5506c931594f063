"""The turns of phrase for what a customer did and when: 近 90 天内下单 ≥ 3 次(品类为 乳品)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from zhike.core.rules.spans import Span, Within
from zhike.core.rules.tree import Did, Op
from zhike.core.text import Language, Text

OPS = {
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
    Op.WITHIN_LAST: Text("在近期内(天)", "in the last (days)"),
    Op.WITHIN_NEXT: Text("在未来(天)", "in the next (days)"),
    Op.OLDER_THAN: Text("早于(天前)", "more than (days) ago"),
    Op.LATER_THAN: Text("晚于(天后)", "more than (days) ahead"),
    Op.BIRTHDAY: Text("生日在未来(天)", "birthday in the next (days)"),
}
_ZERO, _ONE = Decimal(0), Decimal(1)


def at_least_once(leaf: Did) -> bool:
    """Whether the test asks only that it was done."""
    return not leaf.total and (leaf.op, leaf.times) in {(Op.GE, _ONE), (Op.GT, _ZERO), (Op.NE, _ZERO)}


def never(leaf: Did) -> bool:
    """Whether the test asks that it was not done."""
    return not leaf.total and (leaf.op, leaf.times) in {(Op.LT, _ONE), (Op.EQ, _ZERO), (Op.LE, _ZERO)}


def deed(leaf: Did, wanted: str, conditions: Sequence[str], lang: Language) -> str:
    """Write a test of what was done; `wanted` is the number it compares with, in words."""
    compared = f"{OPS[leaf.op].in_(lang)} {wanted}"
    doing = leaf.doing
    if at_least_once(leaf):
        said = doing.once.in_(lang)
    elif never(leaf):
        said = doing.never.in_(lang)
    elif leaf.total:
        column = doing.columns[leaf.total].label
        said = (
            f"{doing.label.zh}的{column.zh}合计 {compared}"
            if lang == "zh"
            else f"{doing.label.en}: total {column.en} {compared}"
        )
    else:
        said = doing.counted.in_(lang).replace("{}", compared)
    when = window(leaf.within, lang)
    if lang == "zh":
        return f"{when}{said}" + (f"({','.join(conditions)})" if conditions else "")
    return f"{said} {when}".strip() + (f" ({', '.join(conditions)})" if conditions else "")


def span(value: Span, lang: Language) -> str:
    """Write a length of time."""
    if lang == "zh":
        return f"{value.months} 个月" if value.months else f"{value.days} 天"
    number, word = (value.months, "month") if value.months else (value.days, "day")
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def window(within: Within, lang: Language) -> str:
    """Write when something was done; "" for ever."""
    parts = [*_moving(within, lang), *_fixed(within, lang)]
    return ("、" if lang == "zh" else ", ").join(parts)


def _moving(within: Within, lang: Language) -> list[str]:
    last = span(within.span, lang) if within.span else ""
    skip = span(within.skip, lang) if within.skip else ""
    if last and skip:
        return [f"{last}前至 {skip}前" if lang == "zh" else f"between {last} and {skip} ago"]
    if last:
        return [f"近 {last}内" if lang == "zh" else f"in the last {last}"]
    return [f"{skip}以前" if lang == "zh" else f"more than {skip} ago"] if skip else []


def _fixed(within: Within, lang: Language) -> list[str]:
    since = within.since.isoformat() if within.since else ""
    until = within.until.isoformat() if within.until else ""
    if since and until:
        return [f"{since} 至 {until} " if lang == "zh" else f"from {since} to {until}"]
    if since:
        return [f"{since} 起" if lang == "zh" else f"since {since}"]
    return [f"截至 {until} " if lang == "zh" else f"until {until}"] if until else []
