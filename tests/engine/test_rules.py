"""A rule compiled for the lake decides exactly as core decides on one customer."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.towns import trees
from zhike.core.rules import (
    All,
    FieldTest,
    HasTag,
    InTier,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    holds,
)
from zhike.core.rules import (
    Any as AnyOf,
)
from zhike.engine.lake import Session
from zhike.engine.metrics import compute, values_of
from zhike.engine.rules import condition, figures_for, metrics_needed, subjects
from zhike.engine.tiering import TierRule, place, tagged

AS_OF = date(2017, 6, 30)
FIELDS: dict[int, dict[str, Any]] = {
    1: {
        "region": "320506",
        "industry": "C3511",
        "size": "large",
        "likes": ["tea", "wine"],
        "budget": "1500.50",
    },
    2: {
        "region": "310101",
        "industry": "C35",
        "likes": ["tea"],
        "staff": 30,
        "vip": True,
        "since": "2015-03-01",
    },
    3: {"region": "", "size": "small", "likes": [], "budget": "80", "vip": False, "note": '茶 "好"'},
    4: {"staff": 5, "since": "2017-01-01", "note": "[x]", "industry": "I65"},
    5: {},
}
TIERS = {1: "core", 2: "core", 3: "ordinary"}
TAGS = {1: {"vip", "new"}, 4: {"new"}}
ORDERS = [(1, "100.00", 1), (1, "50.50", 40), (2, "20.00", 200), (3, "0.01", 0), (4, "100.00", 90)]


@pytest.fixture
def peopled(session: Session) -> Session:
    """Five customers with fields, orders, tiers and tags."""
    fill(
        session,
        "customers",
        [{"id": n, "created_on": date(2016, 1, 1), "fields": json.dumps(held)} for n, held in FIELDS.items()],
    )
    orders = [
        {"id": n, "customer_id": who, "amount": Decimal(amount), "placed_on": on, "placed_at": on}
        for n, (who, amount, ago) in enumerate(ORDERS)
        for on in [date.fromordinal(AS_OF.toordinal() - ago)]
    ]
    fill(session, "orders", orders)
    now = [{"customer_id": n, "tier": tier, "since": date(2017, 1, 1)} for n, tier in TIERS.items()]
    before = {"customer_id": 4, "tier": "core", "since": date(2016, 1, 1), "until": AS_OF}
    later = {"customer_id": 5, "tier": "core", "since": date(2017, 7, 1)}
    fill(session, "placements", [*now, before, later])
    fill(
        session,
        "taggings",
        [{"customer_id": n, "tag": tag} for n, tags in TAGS.items() for tag in sorted(tags)],
    )
    return session


_number = st.sampled_from(["0", "0.01", "1", "2", "30", "50.50", "80", "100", "150.50", "1500.50"]).map(
    Decimal
)
_compare = st.sampled_from([Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE])
_presence = st.sampled_from([Op.EMPTY, Op.FILLED])
_many = st.sampled_from([Op.IN, Op.NOT_IN])
_metric = st.sampled_from(
    ["spend", "orders", "recency_days", "gap_days", "average_order", "spend_90d", "trend"]
)
_word = st.sampled_from(["tea", "wine", "large", "small", "茶", '"好"', "[x]", "320506", "x"])
_words = st.lists(_word, min_size=1, max_size=3).map(tuple)
_text = st.sampled_from(["region", "size", "likes", "note", "industry", "unknown"])
_leaf: st.SearchStrategy[Rule] = st.one_of(
    st.builds(MetricTest, _metric, _compare, _number),
    st.builds(
        MetricTest,
        _metric,
        _compare,
        st.sampled_from(["0.5", "1", "1.5"]).map(Decimal),
        st.just(Relative.MEAN),
    ),
    st.builds(
        MetricTest,
        _metric,
        _compare,
        st.sampled_from([0, 10, 50, 90, 100]).map(Decimal),
        st.just(Relative.PERCENTILE),
    ),
    st.builds(MetricTest, _metric, _presence),
    st.builds(MetricTest, st.just("last_purchase_on"), _compare, st.sampled_from([AS_OF, date(2017, 6, 29)])),
    st.builds(FieldTest, _text, _presence),
    st.builds(FieldTest, st.sampled_from(["size", "note", "region"]), st.sampled_from([Op.EQ, Op.NE]), _word),
    st.builds(FieldTest, _text, _many, _words),
    st.builds(FieldTest, st.sampled_from(["likes", "note"]), st.just(Op.CONTAINS), _word),
    st.builds(FieldTest, st.sampled_from(["budget", "staff", "unknown"]), _compare, _number),
    st.builds(FieldTest, st.just("since"), _compare, st.sampled_from([date(2015, 3, 1), date(2016, 1, 1)])),
    st.builds(
        FieldTest,
        st.sampled_from(["region", "industry"]),
        st.just(Op.WITHIN),
        st.sampled_from(["320000", "320500", "310000", "C", "C35", "C3511"]),
    ),
    st.builds(InTier, st.sampled_from(["core", "ordinary", "none"])),
    st.builds(HasTag, st.sampled_from(["vip", "new", "none"])),
)
_rules = trees(_leaf, 6)


def decided(session: Session, rule: Rule) -> set[int]:
    metrics = compute(session, AS_OF, metrics_needed([rule]))
    means = figures_for(session, metrics, [rule], AS_OF)
    table = subjects(session, metrics, [rule], AS_OF)
    return {row["customer_id"] for row in session.rows(table.filter(condition(rule, table, means, AS_OF)))}


def by_core(session: Session, rule: Rule) -> set[int]:
    metrics = compute(session, AS_OF, metrics_needed([rule]))
    means = figures_for(session, metrics, [rule], AS_OF)
    values = values_of(session, metrics, list(FIELDS))
    return {
        n
        for n, held in FIELDS.items()
        if holds(rule, {**values[n], **held, "tier": TIERS.get(n), "tags": TAGS.get(n, set())}, means)
    }


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rule=_rules)
def test_the_lake_decides_as_core_does(peopled: Session, rule: Rule) -> None:
    assert decided(peopled, rule) == by_core(peopled, rule)


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        (FieldTest("vip", Op.EQ, True), {2}),
        (FieldTest("vip", Op.NE, True), {3}),
        (FieldTest("likes", Op.CONTAINS, "tea"), {1, 2}),
        (FieldTest("region", Op.WITHIN, "320000"), {1}),
        (FieldTest("industry", Op.WITHIN, "C35"), {1, 2}),
        (FieldTest("region", Op.EMPTY), {3, 4, 5}),
        (FieldTest("budget", Op.GT, Decimal(100)), {1}),
        (FieldTest("since", Op.LT, date(2016, 1, 1)), {2}),
        (FieldTest("note", Op.CONTAINS, '"好"'), {3}),
        (FieldTest("note", Op.CONTAINS, "x"), {4}),
        (MetricTest("spend", Op.GE, Decimal(1), Relative.MEAN), {1, 4}),
        (Not(MetricTest("recency_days", Op.LE, Decimal(30))), {2, 4, 5}),
        (MetricTest("last_purchase_on", Op.GE, Decimal(1)), set()),
        (InTier("core"), {1, 2}),
        (HasTag("new"), {1, 4}),
        (All(()), {1, 2, 3, 4, 5}),
        (AnyOf(()), set()),
    ],
)
def test_rules_mean_what_they_say(peopled: Session, rule: Rule, who: set[int]) -> None:
    assert decided(peopled, rule) == who


def test_the_first_matching_tier_wins_and_the_last_takes_the_rest(peopled: Session) -> None:
    big = MetricTest("spend", Op.GE, Decimal(100))
    lately = MetricTest("recency_days", Op.LE, Decimal(30))
    tiers = [TierRule("strategic", big), TierRule("core", lately), TierRule("ordinary", None)]
    metrics = compute(peopled, AS_OF, ["spend", "recency_days"])
    rows = peopled.rows(place(peopled, metrics, tiers, as_of=AS_OF).order_by("customer_id"))
    assert [row["tier"] for row in rows] == ["strategic", "ordinary", "core", "strategic", "ordinary"]
    assert list(rows[0]) == ["customer_id", "recency_days", "spend", "tier"]


def test_only_a_default_tier_takes_all(peopled: Session) -> None:
    metrics = compute(peopled, AS_OF, [])
    placed = place(peopled, metrics, [TierRule("all", None)], as_of=AS_OF)
    assert {row["tier"] for row in peopled.rows(placed)} == {"all"}


def test_tiers_without_a_default_are_refused(peopled: Session) -> None:
    with pytest.raises(ValueError, match="without a rule"):
        place(peopled, compute(peopled, AS_OF, []), [TierRule("core", InTier("core"))], as_of=AS_OF)


def test_tags_go_to_those_whose_rules_hold(peopled: Session) -> None:
    metrics = compute(peopled, AS_OF, ["orders", "spend"])
    tags: dict[str, Rule] = {
        "frequent": MetricTest("orders", Op.GE, Decimal(2)),
        "bought": MetricTest("orders", Op.GE, Decimal(1)),
    }
    rows = peopled.rows(tagged(peopled, metrics, tags, as_of=AS_OF).order_by("tag", "customer_id"))
    assert [(row["tag"], row["customer_id"]) for row in rows] == [
        *[("bought", n) for n in (1, 2, 3, 4)],
        ("frequent", 1),
    ]
    assert peopled.rows(tagged(peopled, metrics, {}, as_of=AS_OF)) == []
