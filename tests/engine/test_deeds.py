"""What customers did, when their birthday comes, and who is above their group's mean: the lake agrees with plain Python."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.deeds import AS_OF, celebrates, dids, done
from tests.engine.oracle import World
from tests.engine.towns import GROUPS, RULES, dids_in, pour, towns, values_of
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
    Op,
    Relative,
    Rule,
    Span,
    Where,
    Within,
    holds,
)
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.rules import condition, figures_for, metrics_needed, subjects
from zhike.engine.segments import members

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
