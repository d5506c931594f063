"""Rules are read, written, said and decided; whatever is sent, reading answers with a rule or a refusal."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.fields import Choice, FieldSpec, Sensitivity
from zhike.core.rules import (
    MAX_DEPTH,
    MAX_NODES,
    All,
    BadRule,
    FieldTest,
    Labels,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    as_groups,
    baselines,
    depth,
    dids,
    doings_used,
    explain,
    fields_used,
    from_groups,
    grouped_baselines,
    holds,
    metrics_used,
    nodes,
    parse,
    segments_used,
    sentence,
    to_json,
    values_needed,
)
from zhike.core.rules import Any as Any_
from zhike.core.text import Text


class Metric:
    """What a rule needs to know of a metric."""

    def __init__(self, zh: str, en: str, unit: str) -> None:
        self.label, self.unit = Text(zh, en), unit


METRICS = {
    "spend": Metric("累计消费", "Spend", "money"),
    "spend_12m": Metric("近 12 个月消费", "Spend in 12 months", "money"),
    "orders": Metric("订单数", "Orders", "count"),
    "recency_days": Metric("距上次购买", "Since last purchase", "days"),
    "referral_rate": Metric("推荐率", "Referral rate", "share"),
    "last_purchase_on": Metric("最近购买", "Last purchase", "date"),
}


def field(key: str, kind: str, zh: str, choices: tuple[Choice, ...] = ()) -> FieldSpec:
    return FieldSpec(
        key=key, type=kind, label=Text(zh, key.title()), sensitivity=Sensitivity.INTERNAL, choices=choices
    )


GENDERS = (Choice("f", Text("女", "Female")), Choice("m", Text("男", "Male")))
FIELDS = {
    one.key: one
    for one in (
        field("region", "region", "地区"),
        field("gender", "choice", "性别", GENDERS),
        field("interests", "multi_choice", "爱好", GENDERS),
        field("kids", "integer", "孩子"),
        field("since", "date", "建档"),
        field("vip", "boolean", "贵宾"),
        field("note", "text", "备注"),
        field("phone", "phone", "手机"),
        field("birth_date", "date", "出生日期"),
        field("industry", "industry", "行业"),
    )
}
LABELS = Labels(
    metrics=METRICS,
    fields=FIELDS,
    tiers={"core": Text("核心客户", "Core")},
    tags={"new": Text("新客", "New")},
    segments={"s1": Text("沉睡会员", "Sleeping members")},
)


def read(raw: Any) -> Rule:
    return parse(raw, fields=FIELDS, metrics=METRICS)


SAID = [
    (
        {
            "all": [
                {"metric": "spend_12m", "op": ">=", "value": 1.5, "relative": "mean"},
                {"field": "region", "op": "within", "value": "江苏"},
            ]
        },
        "近 12 个月消费 ≥ 平均的 1.5 倍 且 地区 属于 江苏",
        "Spend in 12 months ≥ 1.5 × the mean and Region lies in 江苏",
    ),
    ({"metric": "spend", "op": ">=", "value": 500000}, "累计消费 ≥ ¥ 50 万", "Spend ≥ ¥ 500K"),
    ({"metric": "referral_rate", "op": ">=", "value": 0.9}, "推荐率 ≥ 90%", "Referral rate ≥ 90%"),
    (
        {"metric": "recency_days", "op": "<", "value": 30},
        "距上次购买 < 30 天",
        "Since last purchase < 30 days",
    ),
    (
        {"metric": "spend", "op": ">", "value": 90, "relative": "percentile"},
        "累计消费 > 第 90 百分位",
        "Spend > percentile 90",
    ),
    (
        {"metric": "last_purchase_on", "op": ">=", "value": "2024-03-05"},
        "最近购买 ≥ 2024-03-05",
        "Last purchase ≥ 2024-03-05",
    ),
    ({"metric": "referral_rate", "op": "empty"}, "推荐率 为空", "Referral rate is empty"),
    (
        {"field": "gender", "op": "in", "value": ["女", "Male"]},
        "性别 是 女、男",
        "Gender is one of Female, Male",
    ),
    ({"field": "interests", "op": "contains", "value": "f"}, "爱好 包含 女", "Interests contains Female"),
    ({"field": "vip", "op": "=", "value": "是"}, "贵宾 = 是", "Vip = Yes"),
    ({"not": {"field": "kids", "op": "<", "value": 2}}, "非(孩子 < 2)", "not (Kids < 2)"),
    (
        {"any": [{"tier": "core"}, {"all": [{"tag": "new"}, {"metric": "orders", "op": "=", "value": 1}]}]},
        "现为 核心客户 或 (有标签 新客 且 订单数 = 1)",
        "now in Core or (has tag New and Orders = 1)",
    ),
    (
        {"did": "orders", "op": ">=", "times": 3, "within": {"days": 90}, "where": {"category": "乳品"}},
        "近 90 天内下单 ≥ 3 次(品类为 乳品)",
        "placed ≥ 3 orders in the last 90 days (category is 乳品)",
    ),
    (
        {"did": "orders", "within": {"months": 12}},
        "近 12 个月内下过单",
        "placed an order in the last 12 months",
    ),
    (
        {"did": "orders", "op": "<", "times": 1, "within": {"days": 1}},
        "近 1 天内没有下单",
        "placed no order in the last 1 day",
    ),
    ({"not": {"did": "returns"}}, "没有退货", "returned nothing"),
    (
        {
            "did": "orders",
            "op": ">=",
            "total": "amount",
            "value": 1000,
            "within": {"from": "2024-01-01", "to": "2024-03-31"},
        },
        "2024-01-01 至 2024-03-31 下单的金额合计 ≥ ¥ 1,000",
        "Orders: total amount ≥ ¥ 1,000 from 2024-01-01 to 2024-03-31",
    ),
    (
        {
            "did": "interactions",
            "op": ">",
            "times": 2,
            "within": {"days": 180, "before_days": 30},
            "where": {
                "channel": ["电话", "微信"],
                "direction": "in",
                "purpose": {"op": "not in", "value": ["回访"]},
            },
        },
        "180 天前至 30 天前互动 > 2 次(渠道为 电话 或 微信,方向为 客户联系我们,目的不为 回访)",
        "had > 2 interactions between 180 days and 30 days ago "
        "(channel is 电话 or 微信, direction is the customer to us, purpose is not 回访)",
    ),
    (
        {
            "did": "feedback",
            "within": {"before": {"days": 7}},
            "where": {"rating": {"op": "<=", "value": 2.5}},
        },
        "7 天以前给过反馈(评分 ≤ 2.5)",
        "gave feedback more than 7 days ago (rating ≤ 2.5)",
    ),
    ({"field": "since", "op": "within_next", "days": 30}, "建档 在未来 30 天内", "Since in the next 30 days"),
    (
        {"field": "since", "op": "older_than", "months": 6},
        "建档 在 6 个月以前",
        "Since more than 6 months ago",
    ),
    (
        {"metric": "last_purchase_on", "op": "within_last", "days": 30},
        "最近购买 在近 30 天内",
        "Last purchase in the last 30 days",
    ),
    (
        {"field": "birth_date", "op": "birthday", "days": 7},
        "未来 7 天内过生日(出生日期)",
        "birthday in the next 7 days (Birth_Date)",
    ),
    (
        {"field": "birth_date", "op": "birthday", "days": 7, "calendar": "lunar"},
        "未来 7 天内过农历生日(出生日期)",
        "lunar birthday in the next 7 days (Birth_Date)",
    ),
    (
        {"metric": "spend", "op": ">=", "value": 1.5, "relative": "mean", "by": "industry"},
        "累计消费 ≥ 同行业平均的 1.5 倍",
        "Spend ≥ 1.5 × the mean of the same Industry",
    ),
    (
        {"metric": "spend", "op": "<", "value": 1, "relative": "mean", "by": "tier"},
        "累计消费 < 同层级平均的 1 倍",
        "Spend < 1 × the mean of the same tier",
    ),
    (
        {"all": [{"segment": "s1"}, {"not": {"segment": "s1"}}, {"not": {"tier": "core"}}]},
        "在分群 沉睡会员 中 且 不在分群 沉睡会员 中 且 现不为 核心客户",
        "in segment Sleeping members and not in segment Sleeping members and now not in Core",
    ),
]


@pytest.mark.parametrize(("raw", "zh", "en"), SAID, ids=[zh for _raw, zh, _en in SAID])
def test_a_rule_is_a_sentence(raw: Any, zh: str, en: str) -> None:
    rule = read(raw)
    assert (sentence(rule, "zh", LABELS), sentence(rule, "en", LABELS)) == (zh, en)
    assert read(to_json(rule)) == rule
    assert read(json.dumps(to_json(rule))) == rule


REFUSED = [
    ([], "", "条件"),
    ("not json", "", "JSON"),
    ({"all": []}, "all", "一组条件"),
    ({"all": [{"metric": "spend", "op": ">=", "value": 1}], "any": []}, "any", "不能有"),
    ({"metric": "mood", "op": ">=", "value": 1}, "metric", "没有名为"),
    ({"metric": "spend", "op": "~", "value": 1}, "op", "不能用"),
    ({"metric": "spend", "op": ">=", "value": "much"}, "value", "不是数字"),
    ({"metric": "spend", "op": ">=", "value": float("inf")}, "value", "不是数字"),
    ({"metric": "spend", "op": ">=", "value": True}, "value", "不是数字"),
    ({"metric": "spend", "op": ">=", "value": 101, "relative": "percentile"}, "value", "百分位"),
    ({"metric": "spend", "op": ">=", "value": 1, "relative": "median"}, "relative", "median"),
    ({"metric": "last_purchase_on", "op": ">=", "value": 30}, "value", "日期"),
    ({"metric": "spend", "op": "empty", "value": 1}, "value", "不需要"),
    ({"field": "phone", "op": "filled"}, "field", "不能用于规则"),
    ({"field": "gender", "op": ">", "value": "f"}, "op", "不能用"),
    ({"field": "gender", "op": "in", "value": ["f", "x"]}, "value[1]", "没有“x”"),
    ({"field": "gender", "op": "in", "value": "f"}, "value", "个值"),
    ({"field": "kids", "op": ">=", "value": "two"}, "value", "不是数字"),
    ({"all": [{"metric": "spend", "op": ">=", "value": 1}, {"any": [{"mood": 1}]}]}, "all[1].any[0]", "mood"),
    ({"did": "magic"}, "did", "没有名为"),
    ({"did": "orders", "times": -1}, "times", "不在 0"),
    ({"did": "orders", "times": 1.5}, "times", "不在 0"),
    ({"did": "orders", "value": 5}, "value", "请写 times"),
    ({"did": "orders", "op": "contains", "times": 1}, "op", "不能用"),
    ({"did": "orders", "total": "channel", "value": 5}, "total", "没有名为"),
    ({"did": "orders", "within": {}}, "within", "一段时间"),
    ({"did": "orders", "within": {"days": 90, "months": 3}}, "within", "写一个"),
    ({"did": "orders", "within": {"days": 0}}, "within.days", "不在 1"),
    ({"did": "orders", "within": {"days": 99999}}, "within.days", "3,660"),
    ({"did": "orders", "within": {"from": "2024-02-01", "to": "2024-01-01"}}, "within.to", "早于"),
    ({"did": "orders", "within": {"before": 7}}, "within.before", "一段时间"),
    ({"did": "orders", "where": {"colour": "red"}}, "where.colour", "没有名为"),
    ({"did": "orders", "where": {"channel": []}}, "where.channel", "不能用来比较"),
    ({"did": "orders", "where": {"channel": {"op": ">", "value": "a"}}}, "where.channel.op", "不能用"),
    ({"did": "orders", "where": {"amount": "much"}}, "where.amount.value", "不是数字"),
    ({"did": "orders", "where": "channel"}, "where", "条件列"),
    ({"field": "region", "op": "within_last", "days": 3}, "op", "不能用"),
    ({"field": "since", "op": "within_last"}, "", "days 或 months"),
    ({"field": "since", "op": ">=", "days": 3}, "days", "不能有"),
    ({"field": "birth_date", "op": "birthday", "days": 400}, "days", "366"),
    ({"field": "birth_date", "op": "birthday", "months": 1}, "months", "不能有"),
    ({"field": "birth_date", "op": "birthday", "days": 7, "calendar": "mayan"}, "calendar", "历法"),
    ({"metric": "spend", "op": "within_last", "days": 3}, "op", "不能用"),
    ({"metric": "spend", "op": ">=", "value": 10**7, "relative": "mean"}, "value", "倍数"),
    ({"metric": "spend", "op": ">=", "value": 1, "by": "industry"}, "by", "与平均比较"),
    ({"metric": "spend", "op": ">=", "value": 1, "relative": "mean", "by": "kids"}, "by", "没有名为"),
]


@pytest.mark.parametrize(
    ("raw", "place", "words"), REFUSED, ids=[str(raw)[:60] for raw, _place, _words in REFUSED]
)
def test_a_bad_rule_says_where_and_why(raw: Any, place: str, words: str) -> None:
    with pytest.raises(BadRule) as refused:
        read(raw)
    bad = refused.value
    assert (bad.place.zh if bad.place else "") == place
    assert words in bad.reason.zh
    assert bad.reason.en
    assert bad.remedy.zh
    assert bad.remedy.en


def nested(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"metric": "orders", "op": ">=", "value": 1}
    for _ in range(levels - 1):
        rule = {"not": rule}
    return rule


def test_depth_and_size_are_capped() -> None:
    assert depth(read(nested(MAX_DEPTH))) == MAX_DEPTH
    one = {"metric": "orders", "op": ">=", "value": 1}
    assert len(list(nodes(read({"all": [one] * (MAX_NODES - 1)})))) == MAX_NODES
    for raw in (nested(MAX_DEPTH + 1), {"all": [one] * MAX_NODES}, nested(5000), "[" * 40_000, "{" * 100_000):
        with pytest.raises(BadRule):
            read(raw)


WORDS = st.sampled_from(
    ["all", "any", "not", "metric", "field", "op", "value", "relative", "tier", "tag", "spend", "orders", "region", "gender",
     ">=", "=", "in", "within", "empty", "mean", "percentile", "江苏", "f", "core", "did", "times", "where", "days", "total",
     "amount", "segment", "by", "birthday", "birth_date", "within_last", "before", "from", "since", "industry"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


@given(JSON)
def test_reading_never_crashes(raw: Any) -> None:
    try:
        rule = read(raw)
    except BadRule:
        return
    assert read(to_json(rule)) == rule


@given(st.text(max_size=200))
def test_reading_text_never_crashes(text: str) -> None:
    with pytest.raises(BadRule):
        read(text + "}")


NUMBERS = st.decimals(-(10**6), 10**6, places=2)
COMPARE = st.sampled_from([Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE])
TESTS = st.one_of(
    st.builds(MetricTest, st.sampled_from(["spend", "orders", "recency_days"]), COMPARE, NUMBERS),
    st.builds(MetricTest, st.just("spend"), COMPARE, st.decimals(0, 9, places=1), st.just(Relative.MEAN)),
    st.builds(
        MetricTest, st.just("spend"), COMPARE, st.integers(0, 100).map(Decimal), st.just(Relative.PERCENTILE)
    ),
    st.builds(MetricTest, st.just("spend"), st.sampled_from([Op.EMPTY, Op.FILLED])),
    st.builds(FieldTest, st.just("gender"), st.sampled_from([Op.EQ, Op.NE]), st.sampled_from(["f", "m"])),
    st.builds(FieldTest, st.just("since"), COMPARE, st.dates(date(2000, 1, 1), date(2030, 1, 1))),
    st.builds(FieldTest, st.just("kids"), COMPARE, st.integers(0, 9).map(Decimal)),
)
RULES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any_(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=10,
)
VALUES = st.fixed_dictionaries(
    {
        "spend": st.none() | NUMBERS,
        "orders": st.none() | st.integers(0, 50),
        "recency_days": st.none() | st.integers(0, 400),
        "gender": st.none() | st.sampled_from(["f", "m"]),
        "since": st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)).map(date.isoformat),
        "kids": st.none() | st.integers(0, 9),
    }
)
MEANS = {"spend": Decimal("120.50")} | {f"spend@{n}": Decimal(n) for n in range(101)}


@given(RULES)
def test_a_rule_reads_back(rule: Rule) -> None:
    if depth(rule) <= MAX_DEPTH:
        assert read(to_json(rule)) == rule
        assert sentence(rule, "zh", LABELS)
        assert sentence(rule, "en", LABELS)


@given(RULES, VALUES)
def test_ticks_agree_with_the_decision(rule: Rule, values: dict[str, Any]) -> None:
    ticks = explain(rule, values, MEANS, LABELS)
    if isinstance(rule, All):
        assert all(tick.holds for tick in ticks) == holds(rule, values, MEANS)
    assert holds(Not(rule), values, MEANS) is not holds(rule, values, MEANS)


@given(RULES)
def test_groups_say_the_same(rule: Rule) -> None:
    groups = as_groups(rule)
    if groups is not None:
        again = from_groups(groups)
        for values in ({"spend": Decimal(5), "orders": 3, "kids": 1}, {"spend": None, "gender": "f"}):
            assert holds(rule, values, MEANS) == holds(again, values, MEANS)


DECIDED = [
    ({"metric": "spend", "op": ">=", "value": 100}, {"spend": Decimal(100)}, True),
    ({"metric": "spend", "op": ">=", "value": 100}, {"spend": None}, False),
    ({"metric": "spend", "op": "<", "value": 100}, {}, False),
    ({"not": {"metric": "spend", "op": ">=", "value": 100}}, {}, True),
    ({"metric": "spend", "op": ">=", "value": 2, "relative": "mean"}, {"spend": Decimal("241")}, True),
    ({"metric": "spend", "op": ">=", "value": 2, "relative": "mean"}, {"spend": Decimal("240.99")}, False),
    ({"metric": "spend", "op": ">", "value": 90, "relative": "percentile"}, {"spend": 91}, True),
    ({"field": "region", "op": "within", "value": "江苏"}, {"region": "320508"}, True),
    ({"field": "region", "op": "within", "value": "苏州"}, {"region": "320100"}, False),
    ({"field": "gender", "op": "!=", "value": "f"}, {"gender": None}, False),
    ({"field": "gender", "op": "not in", "value": ["f"]}, {"gender": "m"}, True),
    ({"field": "interests", "op": "in", "value": ["f"]}, {"interests": ["m", "f"]}, True),
    ({"field": "interests", "op": "empty"}, {"interests": []}, True),
    ({"field": "note", "op": "contains", "value": "急"}, {"note": "很急"}, True),
    ({"field": "vip", "op": "=", "value": True}, {"vip": True}, True),
    ({"field": "kids", "op": ">=", "value": 2}, {"kids": "not a number"}, False),
    (
        {"metric": "last_purchase_on", "op": ">=", "value": "2024-01-01"},
        {"last_purchase_on": date(2024, 5, 1)},
        True,
    ),
    ({"tier": "core"}, {"tier": "core"}, True),
    ({"tag": "new"}, {"tags": {"old"}}, False),
]


@pytest.mark.parametrize(("raw", "values", "expected"), DECIDED)
def test_a_rule_decides(raw: Any, values: dict[str, Any], expected: bool) -> None:
    assert holds(read(raw), values, MEANS) is expected


def test_a_rule_tells_what_it_needs() -> None:
    rule = read(
        {
            "all": [
                {"metric": "spend", "op": ">=", "value": 2, "relative": "mean"},
                {"metric": "orders", "op": ">=", "value": 90, "relative": "percentile"},
                {"field": "kids", "op": ">=", "value": 1},
            ]
        }
    )
    assert metrics_used(rule) == values_needed(rule) == {"spend", "orders"}
    assert fields_used(rule) == {"kids"}
    assert [one.key for one in baselines(rule)] == ["spend", "orders@90"]


def test_why_shows_each_condition_with_the_own_value() -> None:
    rule = read(
        {"all": [{"metric": "spend", "op": ">=", "value": 100}, {"field": "gender", "op": "=", "value": "f"}]}
    )
    ticks = explain(rule, {"spend": Decimal(250), "gender": "m"}, {}, LABELS)
    assert [(tick.text.zh, tick.holds, tick.shown.zh) for tick in ticks] == [
        ("累计消费 ≥ ¥ 100", True, "¥ 250"),
        ("性别 = 女", False, "男"),
    ]


def test_a_rule_tells_what_was_done_whom_it_compares_and_which_segments_it_asks() -> None:
    once = {"did": "orders", "within": {"days": 30}}
    rule = read(
        {
            "any": [
                once,
                {**once, "op": "<", "times": 9},
                {"did": "returns"},
                {"segment": "s1"},
                {"metric": "spend", "op": ">", "value": 2, "relative": "mean", "by": "region"},
            ]
        }
    )
    assert doings_used(rule) == {"orders", "returns"}
    assert len(dids(rule)) == 2  # both tests of orders compare the same figure
    assert segments_used(rule) == {"s1"}
    assert baselines(rule) == ()
    [grouped] = grouped_baselines(rule)
    assert grouped.in_group("32") == "spend by region=32"


def test_ticks_of_deeds_relative_dates_groups_and_segments() -> None:
    rule = read(
        {
            "all": [
                {"did": "orders", "op": ">=", "times": 3},
                {"did": "orders", "op": ">", "total": "amount", "value": 10},
                {"field": "since", "op": "within_last", "days": 30},
                {"metric": "spend", "op": ">", "value": 2, "relative": "mean", "by": "region"},
                {"segment": "s1"},
            ]
        }
    )
    counted, added = dids(rule)
    values = {
        counted.key: 5,
        added.key: Decimal("9.50"),
        "since": "2024-03-01",
        "spend": 30,
        "region": "320506",
        "segments": {"s1"},
    }
    ticks = explain(rule, values, {"spend by region=32": Decimal(20)}, LABELS, date(2024, 3, 30))
    assert [(tick.holds, tick.shown.zh) for tick in ticks] == [
        (True, "5 次"),
        (False, "¥ 9.50"),
        (True, "2024-03-01"),
        (False, "¥ 30"),
        (True, ""),
    ]
    assert holds(read({"field": "since", "op": "within_last", "days": 30}), values, {}) is False
