"""The segments that are shipped: rules ready to be looked at, changed and kept, and their names in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zhike.core.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A segment to begin from."""

    key: str
    name: Text
    hint: Text
    rule: dict[str, Any]


EXAMPLES = (
    Example(
        key="valuable_silent",
        name=Text("高价值 90 天未购", "Valuable, silent for 90 days"),
        hint=Text(
            "累计消费不低于平均的 2 倍,但 90 天没有再来。",
            "Spent at least twice the mean, but not seen for 90 days.",
        ),
        rule={
            "all": [
                {"metric": "spend", "op": ">=", "value": 2, "relative": "mean"},
                {"metric": "recency_days", "op": ">=", "value": 90},
            ]
        },
    ),
    Example(
        key="once_only",
        name=Text("首购后 60 天未复购", "Bought once, not again in 60 days"),
        hint=Text("只买过一次,已经过去 60 天到一年。", "Bought once, sixty days to a year ago."),
        rule={
            "all": [
                {"metric": "orders", "op": "=", "value": 1},
                {"metric": "recency_days", "op": ">=", "value": 60},
                {"metric": "recency_days", "op": "<=", "value": 365},
            ]
        },
    ),
    Example(
        key="birthdays",
        name=Text("近 30 天生日", "Birthday within 30 days"),
        hint=Text("今后 30 天内过生日(公历)的客户。", "Their birthday comes round in the next 30 days."),
        rule={"field": "birth_date", "op": "birthday", "days": 30},
    ),
    Example(
        key="rising",
        name=Text("近 90 天明显活跃", "Clearly more active of late"),
        hint=Text(
            "近 90 天下过 3 单以上,消费进入前 20%。",
            "Three orders in 90 days, and in the top fifth by spend.",
        ),
        rule={
            "all": [
                {"did": "orders", "op": ">=", "times": 3, "within": {"days": 90}},
                {"metric": "spend_90d", "op": ">=", "value": 80, "relative": "percentile"},
            ]
        },
    ),
    Example(
        key="neglected",
        name=Text("老客户久未跟进", "Good customers nobody cared for"),
        hint=Text(
            "下过 5 单以上,半年没有互动也没有跟进。", "Five orders or more, yet no contact in half a year."
        ),
        rule={
            "all": [
                {"did": "orders", "op": ">=", "times": 5},
                {"did": "interactions", "op": "=", "times": 0, "within": {"months": 6}},
                {"did": "records", "op": "=", "times": 0, "within": {"months": 6}},
            ]
        },
    ),
    Example(
        key="returns",
        name=Text("退货偏多", "Returns a lot"),
        hint=Text("下过 3 单以上,退货率超过 30%。", "Three orders or more, and over 30% of them returned."),
        rule={
            "all": [
                {"metric": "orders", "op": ">=", "value": 3},
                {"metric": "return_rate", "op": ">", "value": 0.3},
            ]
        },
    ),
)


def example(key: str) -> Example | None:
    """The example of a key."""
    return next((one for one in EXAMPLES if one.key == key), None)


_TOLD = {
    phrase: words for one in EXAMPLES for words in (one.name, one.hint) for phrase in (words.zh, words.en)
}


def both(phrase: str) -> Text:
    """A name or note in both languages: what is shipped has both, whatever people wrote has one."""
    return _TOLD.get(phrase, Text.same(phrase))
