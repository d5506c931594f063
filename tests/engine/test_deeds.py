"""What customers did, when their birthday comes, and who is above their group's mean: the lake agrees with plain Python."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.deeds import AS_OF, celebrates, dids, done, random_world
from tests.engine.oracle import World, all_metrics
from zhike.core.birthdays import Calendar, comes
from zhike.core.rules import (
    All,
    Did,
    FieldTest,
    Grouping,
    HasTag,
    InSegment,
    InTier,
    MetricTest,
    Not,
    Op,
    Relative,
    Rule,
    Span,
    Where,
    Within,
    holds,
)
from zhike.core.rules import Any as AnyOf
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.rules import condition, figures_for, metrics_needed, subjects
from zhike.engine.segments import members

TIERS = {1: "core", 2: "core", 3: "ordinary"}
TAGS = {1: {"vip"}, 3: {"vip", "new"}}
SEGMENTS = {1: {"a"}, 2: {"a", "b"}, 4: {"b"}}
BORN = ["1984-02-29", "1990-07-01", "1995-07-24", "1987-08-01", "2001-06-30", "", None, "1900-01-01"]
SPANS = st.one_of(
    st.integers(1, 400).map(lambda n: Span(days=n)), st.integers(1, 13).map(lambda n: Span(months=n))
)
COMPARE = st.sampled_from([Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE])
MOVING = st.sampled_from([Op.WITHIN_LAST, Op.WITHIN_NEXT, Op.OLDER_THAN, Op.LATER_THAN])
GROUPS = st.sampled_from([Grouping("size"), Grouping("region", 2), Grouping("industry", 3), Grouping("")])
LEAVES: st.SearchStrategy[Rule] = st.one_of(
    dids(),
    dids(),
    st.builds(MetricTest, st.just("last_purchase_on"), MOVING, SPANS),
    st.builds(FieldTest, st.just("signed_on"), MOVING, SPANS),
    st.builds(
        FieldTest, st.just("born"), st.just(Op.BIRTHDAY), st.integers(1, 60).map(lambda n: Span(days=n)),
        st.sampled_from(list(Calendar)),
    ),
    st.builds(
        MetricTest, st.sampled_from(["spend", "orders"]), COMPARE, st.sampled_from(["0.5", "1", "1.5"]).map(Decimal),
        st.just(Relative.MEAN), GROUPS,
    ),
    st.builds(InSegment, st.sampled_from(["a", "b", "none"])),
    st.builds(HasTag, st.sampled_from(["vip", "new", "none"])),
    st.builds(InTier, st.sampled_from(["core", "none"])),
    st.builds(FieldTest, st.just("size"), st.just(Op.EQ), st.sampled_from(["big", "small"])),
)  # fmt: skip
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=5,
)


@st.composite
def towns(draw: st.DrawFn) -> World:
    """Six customers with fields, and what they did."""
    world = random_world(draw, 6)
    signed = st.integers(-400, 400).map(lambda n: (AS_OF + timedelta(days=n)).isoformat())
    for customer in world.customers:
        held = {
            "born": draw(st.sampled_from(BORN)),
            "signed_on": draw(st.none() | signed),
            "size": draw(st.sampled_from(["big", "small", "", None])),
            "region": draw(st.sampled_from(["320506", "320100", "310101", None])),
            "industry": draw(st.sampled_from(["C3511", "C35", "I65", None])),
        }
        customer["fields"] = json.dumps({key: value for key, value in held.items() if value is not None})
    return world


def pour(session: Session, world: World) -> None:
    for name, rows in vars(world).items():
        fill(session, name, rows)
    since = date(2017, 1, 1)
    fill(
        session, "placements", [{"customer_id": n, "tier": tier, "since": since} for n, tier in TIERS.items()]
    )
    for name, column, held in (("taggings", "tag", TAGS), ("memberships", "segment", SEGMENTS)):
        rows = [{"customer_id": n, column: key} for n, keys in held.items() for key in sorted(keys)]
        fill(session, name, [row | ({"since": since} if name == "memberships" else {}) for row in rows])
    session.cursor.execute(
        "INSERT INTO lake.main.memberships BY NAME "
        "SELECT 5 AS customer_id, 'a' AS segment, DATE '2017-01-01' AS since, DATE '2017-06-30' AS until"
    )


def values_of(world: World, asked: Sequence[Did]) -> dict[int, dict[str, Any]]:
    metrics = all_metrics(world, AS_OF)
    return {
        one["id"]: {
            **metrics[one["id"]],
            **json.loads(one["fields"]),
            **{test.key: done(world, test, one["id"], AS_OF) for test in asked},
            "tier": TIERS.get(one["id"]),
            "tags": TAGS.get(one["id"], set()),
            "segments": SEGMENTS.get(one["id"], set()),
        }
        for one in world.customers
    }


def dids_in(rule: Rule) -> list[Did]:
    parts = rule.parts if isinstance(rule, (All, AnyOf)) else (rule.part,) if isinstance(rule, Not) else ()
    return [rule] if isinstance(rule, Did) else [one for part in parts for one in dids_in(part)]


RELAXED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@RELAXED
@given(world=towns(), rule=RULES)
def test_the_lake_decides_as_plain_python_does(session: Session, world: World, rule: Rule) -> None:
    pour(session, world)
    metrics = compute(session, AS_OF, metrics_needed([rule]))
    means = figures_for(session, metrics, [rule], AS_OF)
    table = subjects(session, metrics, [rule], AS_OF)
    found = {row["customer_id"] for row in session.rows(table.filter(condition(rule, table, means, AS_OF)))}
    values = values_of(world, dids_in(rule))
    assert found == {n for n, held in values.items() if holds(rule, held, means, AS_OF)}
    assert found == {row["customer_id"] for row in session.rows(members(session, rule, AS_OF))}


@RELAXED
@given(world=towns(), asked=st.lists(dids(), min_size=1, max_size=4))
def test_everything_done_is_counted(session: Session, world: World, asked: list[Did]) -> None:
    pour(session, world)
    customers = session.table("customers").select(customer_id=session.table("customers").id)
    table = subjects(session, customers, [All(tuple(asked))], AS_OF)
    for row in session.rows(table):
        for test in asked:
            assert row[test.key] == done(world, test, row["customer_id"], AS_OF)


@RELAXED
@given(world=towns(), by=GROUPS)
def test_a_group_is_compared_with_its_own_mean(session: Session, world: World, by: Grouping) -> None:
    pour(session, world)
    rule = MetricTest("spend", Op.GE, Decimal(1), Relative.MEAN, by)
    values = values_of(world, ())
    groups: dict[str, list[Decimal]] = {}
    for held in values.values():
        group = held.get(by.key)
        if group:
            groups.setdefault(group[: by.lead or None], []).append(held["spend"])
    expected = {
        n
        for n, held in values.items()
        for group in [held.get(by.key)]
        if group and held["spend"] >= _mean(groups[group[: by.lead or None]])
    }
    assert {row["customer_id"] for row in session.rows(members(session, rule, AS_OF))} == expected


def _mean(spent: list[Decimal]) -> Decimal:
    return (sum(spent, Decimal(0)) / len(spent)).quantize(Decimal("0.000001"))


DAYS = st.dates(date(1900, 1, 31), date(2030, 12, 31))


@settings(max_examples=300, deadline=None)
@given(born=DAYS, today=st.dates(date(2000, 1, 1), date(2040, 12, 31)), days=st.integers(1, 40))
def test_birthdays_come_as_the_calendars_say(born: date, today: date, days: int) -> None:
    if born > today:
        return
    assert comes(born, today, days, Calendar.SOLAR) is celebrates(born, today, days, lunar=False)
    assert comes(born, today, days, Calendar.LUNAR) is celebrates(born, today, days, lunar=True)


@pytest.mark.parametrize(
    ("born", "today", "days", "calendar", "expected"),
    [
        ("1984-02-29", "2017-02-28", 1, Calendar.SOLAR, True),
        ("1984-02-29", "2016-02-28", 1, Calendar.SOLAR, False),
        ("1984-02-29", "2016-02-29", 1, Calendar.SOLAR, True),
        ("1990-01-02", "2017-12-30", 4, Calendar.SOLAR, True),  # across the end of the year
        ("1990-01-03", "2017-12-30", 4, Calendar.SOLAR, False),
        ("1990-01-27", "2017-01-28", 1, Calendar.LUNAR, True),  # both are new year's day
        (
            "2017-08-01",
            "2018-07-22",
            1,
            Calendar.LUNAR,
            True,
        ),  # born in the leap sixth month: the tenth of the sixth
        (
            "1995-01-30",
            "2017-01-27",
            1,
            Calendar.LUNAR,
            True,
        ),  # the thirtieth of the twelfth, a year's last day
    ],
)
def test_birthdays_at_the_borders(
    born: str, today: str, days: int, calendar: Calendar, expected: bool
) -> None:
    assert comes(date.fromisoformat(born), date.fromisoformat(today), days, calendar) is expected


def test_several_tests_share_one_pass_over_a_table(session: Session) -> None:
    pour(session, World(customers=[{"id": 1, "created_on": date(2016, 1, 1)}]))
    recent = Did("orders", Op.GE, Decimal(1), Within(span=Span(days=30)))
    online = Did("orders", Op.GE, Decimal(1), where=(Where("channel", Op.IN, ("online",)),))
    lately = Did("orders", Op.LT, Decimal(3), Within(span=Span(days=30)))
    customers = session.table("customers").select(customer_id=session.table("customers").id)
    statement = session.sql(subjects(session, customers, [All((recent, online, lately))], AS_OF))
    assert statement.count('"orders"') == 1


TRICKS = [
    "'); DROP TABLE orders; --", '"; DROP TABLE orders', "x' OR '1'='1", "\\'; SELECT 1", "％', ‘", "\u202e茶",
    "%", "_", "${x}", "?",
]  # fmt: skip


@pytest.mark.parametrize("word", TRICKS)
def test_a_value_is_only_ever_a_value(session: Session, word: str) -> None:
    said = {1: word, 2: "茶"}
    made = {"created_on": date(2016, 1, 1)}
    world = World(
        customers=[{"id": n, "fields": json.dumps({"note": one})} | made for n, one in said.items()]
    )
    world.orders = [
        {"id": n, "customer_id": n, "placed_on": AS_OF, "channel": one} for n, one in said.items()
    ]
    pour(session, world)
    session.cursor.execute("UPDATE lake.main.memberships SET segment = ? WHERE customer_id = 1", [word])
    for rule in (
        Did("orders", where=(Where("channel", Op.IN, (word,)),)),
        Did("orders", where=(Where("channel", Op.CONTAINS, (word,)),)),
        FieldTest("note", Op.EQ, word),
        FieldTest("note", Op.CONTAINS, word),
        FieldTest("note", Op.IN, (word, "nothing")),
        InSegment(word),
    ):
        assert [row["customer_id"] for row in session.rows(members(session, rule, AS_OF))] == [1]
    for missing in (HasTag(word), InTier(word)):
        assert session.rows(members(session, missing, AS_OF)) == []
    assert session.number("SELECT count(*) FROM lake.main.orders") == 2


def test_huge_numbers_compare_and_do_not_overflow(session: Session) -> None:
    fill(
        session,
        "customers",
        [{"id": 1, "created_on": date(2016, 1, 1), "fields": '{"n": "999999999999999"}'}],
    )
    fill(
        session,
        "orders",
        [{"id": 1, "customer_id": 1, "placed_on": AS_OF, "amount": Decimal("999999999999.99")}],
    )
    most = Decimal("999999999999999.999999")
    for rule, count in (
        (MetricTest("spend", Op.LT, most), 1),
        (MetricTest("spend", Op.LT, Decimal(1_000_000), Relative.MEAN), 1),
        (MetricTest("spend", Op.GT, Decimal(1_000_000), Relative.MEAN, Grouping("n")), 0),
        (FieldTest("n", Op.LT, most), 1),
        (Did("orders", Op.LT, most, total="amount"), 1),
        (Did("orders", Op.LT, Decimal(1_000_000)), 1),
    ):
        assert len(session.rows(members(session, rule, AS_OF))) == count
