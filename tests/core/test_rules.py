"""Rules are read, written, said and decided; whatever is sent, reading answers with a rule or a refusal."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.rule_cases import LABELS, REFUSED, SAID, read

from zhike.core.rules import (
    MAX_DEPTH,
    MAX_NODES,
    All,
    BadRule,
    FieldTest,
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
    segments_used,
    sentence,
    to_json,
    values_needed,
)
from zhike.core.rules import Any as Any_


@pytest.mark.parametrize(("raw", "zh", "en"), SAID, ids=[zh for _raw, zh, _en in SAID])
def test_a_rule_is_a_sentence(raw: Any, zh: str, en: str) -> None:
    rule = read(raw)
    assert (sentence(rule, "zh", LABELS), sentence(rule, "en", LABELS)) == (zh, en)
    assert read(to_json(rule)) == rule
    assert read(json.dumps(to_json(rule))) == rule


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
