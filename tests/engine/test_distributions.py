"""Distributions count every customer once per key and keep the money exact."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.engine.conftest import fill
from zhike.engine import distributions as spread
from zhike.engine.distributions import Bucket, Crossing
from zhike.engine.lake import Session
from zhike.engine.metrics import compute

AS_OF = date(2017, 6, 30)
FIELDS = [
    {"region": "320506", "industry": "C3511", "likes": ["tea", "wine"]},
    {"region": "320100", "industry": "C13", "likes": ["tea"]},
    {"region": "310101", "industry": "I65", "likes": "[a note"},
    {},
]
ORDERS = [
    (1, "100.10", "online", "2017-06-01"),
    (1, "50.00", "shop", "2017-06-02"),
    (2, "20.05", "shop", "2017-01-01"),
    (3, "5.00", None, "2017-06-30"),
    (3, "9.99", "online", "2017-07-01"),
]


@pytest.fixture
def shop_floor(session: Session) -> Session:
    """Four customers, one of whom never bought."""
    people = [
        {"id": n, "kind": "person", "created_on": date(2016, 1, 1), "fields": json.dumps(held)}
        for n, held in enumerate(FIELDS, 1)
    ]
    fill(session, "customers", people)
    orders = [
        {
            "id": n,
            "customer_id": who,
            "amount": Decimal(amount),
            "channel": channel,
            "placed_on": date.fromisoformat(on),
            "placed_at": datetime.fromisoformat(on),
        }
        for n, (who, amount, channel, on) in enumerate(ORDERS)
    ]
    fill(session, "orders", orders)
    talks = [
        {"customer_id": who, "channel": "phone", "purpose": "visit", "on_date": AS_OF} for who in (1, 1, 4)
    ]
    fill(session, "interactions", talks)
    return session


def test_regions_at_province_level(shop_floor: Session) -> None:
    metrics = compute(shop_floor, AS_OF, ["spend"])
    found = spread.tally(shop_floor, spread.by_field(shop_floor, "region", lead=spread.PROVINCE), metrics)
    assert found == (
        Bucket("32", 2, Decimal("170.15"), 3),
        Bucket("", 1, Decimal("0.00"), 0),
        Bucket("31", 1, Decimal("5.00"), 1),
    )
    assert sum(bucket.customers for bucket in found) == 4


def test_industries_at_section_level(shop_floor: Session) -> None:
    metrics = compute(shop_floor, AS_OF, ["spend"])
    found = spread.tally(shop_floor, spread.by_field(shop_floor, "industry", lead=spread.SECTION), metrics)
    assert {bucket.key: bucket.customers for bucket in found} == {"C": 2, "I": 1, "": 1}


def test_a_multi_choice_counts_under_each_answer(shop_floor: Session) -> None:
    metrics = compute(shop_floor, AS_OF, ["spend"])
    found = spread.tally(shop_floor, spread.by_field(shop_floor, "likes"), metrics)
    assert {bucket.key: bucket.customers for bucket in found} == {"tea": 2, "wine": 1, "[a note": 1, "": 1}


def test_bands_have_lower_edges(shop_floor: Session) -> None:
    metrics = compute(shop_floor, AS_OF, ["spend", "orders", "recency_days"])
    amounts = spread.tally(shop_floor, spread.by_band(metrics, "spend", (10, 100)), metrics)
    assert {bucket.key: bucket.customers for bucket in amounts} == {"-": 2, "10": 1, "100": 1}
    lately = spread.tally(shop_floor, spread.by_band(metrics, "recency_days", (1, 90)), metrics)
    assert {bucket.key: bucket.customers for bucket in lately} == {"": 1, "-": 1, "1": 1, "90": 1}


def test_channels_keep_every_cent_and_forget_the_future(shop_floor: Session) -> None:
    found = spread.tally_facts(shop_floor, spread.channels(shop_floor, AS_OF))
    assert found == (
        Bucket("shop", 2, Decimal("70.05"), 2),
        Bucket("", 1, Decimal("5.00"), 1),
        Bucket("online", 1, Decimal("100.10"), 1),
    )


def test_only_some_customers_can_be_counted(shop_floor: Session) -> None:
    mine = shop_floor.ids([2, 3])
    found = spread.tally_facts(shop_floor, spread.channels(shop_floor, AS_OF), only=mine)
    assert {bucket.key: bucket.spend for bucket in found} == {"shop": Decimal("20.05"), "": Decimal("5.00")}
    metrics = compute(shop_floor, AS_OF, ["spend"]).semi_join(mine, "customer_id")
    assert spread.tally(shop_floor, spread.by_kind(shop_floor), metrics)[0].customers == 2


def test_interactions_are_counted_by_channel_and_purpose(shop_floor: Session) -> None:
    assert spread.tally_facts(shop_floor, spread.contacts(shop_floor, AS_OF)) == (
        Bucket("phone", 2, Decimal(0), 3),
    )
    assert spread.tally_facts(shop_floor, spread.contacts(shop_floor, AS_OF, "purpose"))[0].key == "visit"


def test_crossing_says_what_share_of_a_group_does_something(shop_floor: Session) -> None:
    metrics = compute(shop_floor, AS_OF, ["spend"])
    rows = spread.by_band(metrics, "spend", (10,))
    found = spread.cross(shop_floor, rows, spread.channels(shop_floor, AS_OF))
    assert Crossing("10", "shop", 2, 2) in found and Crossing("10", "online", 1, 2) in found
    assert next(c.share for c in found if c.row == "10" and c.column == "online") == Decimal("0.5000")


def test_nothing_yet(session: Session) -> None:
    metrics = compute(session, AS_OF, ["spend"])
    assert spread.tally(session, spread.by_field(session, "region"), metrics) == ()
    for facts in (spread.channels, spread.stores, spread.payments, spread.categories, spread.contacts):
        assert spread.tally_facts(session, facts(session, AS_OF)) == ()
