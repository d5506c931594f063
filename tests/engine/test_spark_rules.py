"""Rules decide on Spark as plain Python does: things done, birthdays, tiers, tags, segments, means and percentiles."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import duckdb
import pytest
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.deeds import AS_OF, celebrates, dids, done
from tests.engine.oracle import Row, World
from tests.engine.sparks import APART, beside, exported, gathered
from tests.engine.towns import RULES, dids_in, pour, towns, values_of
from zhike.core.birthdays import Calendar
from zhike.core.rules import (
    All,
    Did,
    FieldTest,
    Grouping,
    HasTag,
    InClass,
    InSegment,
    InTier,
    MetricTest,
    Op,
    Relative,
    Rule,
    Span,
    Where,
    Within,
    baselines,
    grouped_baselines,
    holds,
)
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.rules import condition, figures_for, metrics_needed, subjects
from zhike.engine.segments import members
from zhike.engine.spark import Cluster, SparkSession

ONE = Decimal(1)
SPANS = (Span(days=30), Span(months=4))
LATELY = Within(span=Span(days=180), skip=Span(days=1))
EVERY_KIND: tuple[Rule, ...] = (
    *(InTier(tier) for tier in ("core", "ordinary")),
    *(HasTag(tag) for tag in ("vip", "new")),
    *(InClass(*one) for one in (("rfm", "champions"), ("risk", "critical"), ("channel", "线上"), ("category", "茶"))),
    *(InSegment(segment) for segment in ("a", "b")),
    *(
        MetricTest("last_purchase_on", op, span)
        for op in (Op.WITHIN_LAST, Op.OLDER_THAN)
        for span in SPANS
    ),
    *(
        FieldTest("signed_on", op, span)
        for op in (Op.WITHIN_LAST, Op.WITHIN_NEXT, Op.OLDER_THAN, Op.LATER_THAN)
        for span in SPANS
    ),
    *(MetricTest(metric, Op.GT, ONE, Relative.MEAN) for metric in ("spend", "orders", "recency_days")),
    *(
        MetricTest(metric, op, Decimal(share), Relative.PERCENTILE)
        for metric, op, share in (("spend", Op.GE, 90), ("orders", Op.LE, 28), ("recency_days", Op.LT, 56))
    ),
    *(
        MetricTest("spend", Op.GE, ONE, Relative.MEAN, by)
        for by in (Grouping("size"), Grouping("region", 2), Grouping("industry", 3), Grouping(""))
    ),
    *(FieldTest("born", Op.BIRTHDAY, Span(days=45), calendar) for calendar in Calendar),
    Did("orders", Op.GE, Decimal(2)),
    Did("orders", within=LATELY, where=(Where("channel", Op.IN, ("online", "线上")),)),
    Did("orders", within=LATELY, where=(Where("category", Op.CONTAINS, ("茶",)), Where("product", Op.IN, ("P1",)))),
    Did("orders", Op.GT, Decimal(20), where=(Where("category", Op.NOT_IN, ("茶",)),), total="amount"),
    Did("products", Op.GE, ONE, where=(Where("quantity", Op.GT, ONE),), total="quantity"),
    Did("returns", Op.LT, ONE, Within(since=date(2017, 1, 1))),
    Did("interactions", where=(Where("direction", Op.IN, ("in",)), Where("purpose", Op.CONTAINS, ("回",)))),
    Did("feedback", where=(Where("rating", Op.LE, Decimal("2.5")),)),
    Did("events", Op.EQ, ONE, Within(until=date(2017, 5, 31))),
)  # fmt: skip


@dataclass(frozen=True)
class Towns:
    """Random towns: each by itself for plain Python, all side by side for Spark."""

    apart: Sequence[World]
    spark: SparkSession

    def values(self, asked: Sequence[Did]) -> dict[int, Row]:
        """What a rule may ask of each customer."""
        return {
            place * APART + customer: held
            for place, town in enumerate(self.apart)
            for customer, held in values_of(town, asked).items()
        }


@pytest.fixture(scope="module")
def country(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    made = [*gathered(towns(), 40), planted()]
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS lake")
        session = Session(connection)
        pour(session, beside(made))
        files = exported(session, tmp_path_factory.mktemp("country"))
    with cluster.session(files) as spark:
        yield Towns(made, spark)


def planted() -> World:
    """Four customers for whom every condition above holds or does not, whatever chance gives the others."""
    own = {
        1: {"born": "1990-07-01", "signed_on": "2017-06-20"},
        2: {"born": "1990-01-05", "signed_on": "2016-01-01"},
        3: {"born": "1995-07-24", "signed_on": "2017-07-10"},
        4: {"signed_on": "2018-06-01"},
    }
    alike = {"size": "big", "region": "320506", "industry": "C3511"}
    made = World(customers=[
        {"id": n, "created_on": date(2016, 1, 1), "fields": json.dumps(alike | held)} for n, held in own.items()
    ])  # fmt: skip
    for n, (who, on, amount) in enumerate(
        [(1, date(2017, 6, 1), 9000), (1, date(2017, 5, 1), 10), (2, date(2016, 5, 1), 1)]
    ):
        bought = {
            "id": n,
            "customer_id": who,
            "placed_on": on,
            "amount": Decimal(amount),
            "discount": Decimal(0),
        }
        made.orders.append(bought | {"placed_at": datetime(on.year, on.month, on.day), "channel": "online"})
    tea, wine = {"category": "茶", "product_code": "P1"}, {"category": "酒", "product_code": "P2"}
    for n, held in enumerate([tea, wine]):
        made.order_lines.append(made.orders[0] | held | {"id": n, "order_id": 0, "quantity": Decimal(2)})
    seen = {"id": 0, "customer_id": 1, "on_date": date(2017, 5, 1), "at": datetime(2017, 5, 1, 9)}
    made.interactions.append(seen | {"channel": "phone", "direction": "in", "purpose": "回访"})
    made.feedback.append(seen | {"rating": Decimal(2)})
    made.events.append(seen | {"kind": "visit"})
    made.returns.append(
        {"id": 0, "customer_id": 2, "returned_on": date(2017, 3, 1), "amount": Decimal("0.50")}
    )
    return made


def figures_by_hand(values: Iterable[Row], rules: Iterable[Rule]) -> dict[str, Decimal | None]:
    """Means and percentiles of those who have a value, from the definition."""
    everybody, found = list(values), {}
    for one in (one for rule in rules for one in baselines(rule)):
        known = sorted(Decimal(row[one.metric]) for row in everybody if row[one.metric] is not None)
        found[one.key] = mean(known) if one.percentile is None else percentile(known, one.percentile)
    for one in (one for rule in rules for one in grouped_baselines(rule)):
        groups: dict[str, list[Decimal]] = {}
        for row in everybody:
            said = row.get(one.by.key) if one.by else None
            if one.by and said and row[one.metric] is not None:
                groups.setdefault(said[: one.by.lead or None], []).append(Decimal(row[one.metric]))
        found |= {one.in_group(group): mean(known) for group, known in groups.items()}
    return found


def mean(known: Sequence[Decimal]) -> Decimal:
    return (sum(known, Decimal(0)) / len(known)).quantize(Decimal("0.000001"))


def percentile(known: Sequence[Decimal], share: Decimal) -> Decimal:
    """The least value that so many in a hundred do not exceed."""
    return known[max(0, ceil(Fraction(share) * len(known) / 100) - 1)]


def decided(spark: SparkSession, rules: Sequence[Rule]) -> tuple[dict[str, Decimal | None], dict[int, Row]]:
    """The figures of the rules, and for each customer which of them hold, all asked at once."""
    metrics = spark.keep(compute(spark, AS_OF, metrics_needed(rules)))
    means = dict(figures_for(spark, metrics, rules, AS_OF))
    table = subjects(spark, metrics, rules, AS_OF)
    asked = {f"rule {n}": condition(rule, table, means, AS_OF) for n, rule in enumerate(rules)}
    figures = [test.key for rule in rules for test in dids_in(rule)]
    rows = spark.rows(table.select("customer_id", *dict.fromkeys(figures), **asked))
    spark.drop(metrics)
    return means, {row["customer_id"]: row for row in rows}


def agree(country: Towns, rules: Sequence[Rule]) -> dict[int, Row]:
    """Spark and plain Python find the same means, count the same deeds and decide alike on everybody."""
    tests = [test for rule in rules for test in dids_in(rule)]
    values = country.values(tests)
    expected = figures_by_hand(values.values(), rules)
    means, found = decided(country.spark, rules)
    assert means == expected
    assert {*found} == {*values}
    for customer, held in values.items():
        row = found[customer]
        for test in tests:
            assert row[test.key] == held[test.key], (customer, test)
        for n, rule in enumerate(rules):
            assert row[f"rule {n}"] is holds(rule, held, expected, AS_OF), (customer, rule)
    return found


def test_every_kind_of_leaf_agrees_with_plain_python(country: Towns) -> None:
    found = agree(country, EVERY_KIND)
    for n, rule in enumerate(EVERY_KIND):
        assert {row[f"rule {n}"] for row in found.values()} == {True, False}, rule


def test_random_rules_agree_with_plain_python(country: Towns) -> None:
    rules = gathered(RULES, 30)
    agree(country, rules)
    one = All(EVERY_KIND[-8:-6])
    by_hand = {n for n, held in country.values(dids_in(one)).items() if holds(one, held, {}, AS_OF)}
    assert {row["customer_id"] for row in country.spark.rows(members(country.spark, one, AS_OF))} == by_hand


def test_everything_done_is_counted(country: Towns) -> None:
    asked = gathered(dids(), 40)
    customers = country.spark.table("customers")
    table = subjects(country.spark, customers.select(customer_id=customers.id), [All(tuple(asked))], AS_OF)
    found = {row["customer_id"]: row for row in country.spark.rows(table)}
    for place, town in enumerate(country.apart):
        for customer in (one["id"] for one in town.customers):
            for test in asked:
                expected = done(town, test, customer, AS_OF)
                assert found[place * APART + customer][test.key] == expected, test


def test_birthdays_come_as_the_calendars_say(session: Session, cluster: Cluster, tmp_path: Path) -> None:
    births = gathered(st.lists(st.dates(date(1900, 1, 31), AS_OF), min_size=300, max_size=300), 1)[0]
    leap, lunar_eve, leap_month = date(1984, 2, 29), date(1995, 1, 30), date(2017, 8, 1)
    born = dict(enumerate([*births, leap, lunar_eve, leap_month]))
    fill(session, "customers", [
        {"id": n, "created_on": AS_OF, "fields": json.dumps({"born": on.isoformat()})} for n, on in born.items()
    ])  # fmt: skip
    days = [date(2017, 2, 28), date(2016, 2, 28), date(2017, 1, 27), date(2018, 7, 22), AS_OF]
    with cluster.session(exported(session, tmp_path)) as spark:
        customers = spark.table("customers")
        asked = {
            f"{on} {span} {calendar}": condition(FieldTest("born", Op.BIRTHDAY, Span(days=span), calendar), customers, {}, on)
            for on in days for span in (1, 40) for calendar in Calendar
        }  # fmt: skip
        found = {row["id"]: row for row in spark.rows(customers.select("id", **asked))}
    for n, on in born.items():
        for today in days:
            for span in (1, 40):
                for calendar in Calendar:
                    expected = celebrates(on, today, span, lunar=calendar is Calendar.LUNAR)
                    assert found[n][f"{today} {span} {calendar}"] is expected, (on, today, span, calendar)
