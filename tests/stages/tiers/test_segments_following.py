"""Events become membership: segments follow new facts, asking only those to whom something happened."""

from datetime import date, timedelta

import pytest
from tests.shop import TODAY, buys, customer

from zhike.customers.models import Customer
from zhike.kernel import lake
from zhike.kernel.models import User
from zhike.tiers import actions, queries
from zhike.tiers.facts import SegmentReceipt
from zhike.tiers.models import Membership, Segment

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
LATELY = {"did": "orders", "op": ">=", "times": 1, "within": {"days": 30}}
ABOVE = {"metric": "spend", "op": ">", "value": 1, "relative": "mean"}


@pytest.fixture
def people(db: None) -> dict[str, Customer]:
    """Three customers; one bought lately."""
    found = {code: customer(code=code) for code in ("A", "B", "C")}
    buys(found["A"], 3)
    for code in ("B", "C"):
        buys(found[code], 300)
    return found


def kept(rule: object, li: User) -> Segment:
    made = actions.make_segment(name="分群", rule=queries.readable(rule), by=li, start=False)
    assert refreshed(made).error is None
    return made


def refreshed(segment: Segment, as_of: date = TODAY) -> SegmentReceipt:
    lake.sync()
    receipt = actions.refresh_segment(segment=segment, as_of=as_of)
    segment.refresh_from_db()
    return receipt


def codes(segment: Segment) -> set[str]:
    return set(
        Membership.objects.filter(segment=segment, until=None).values_list("customer__code", flat=True)
    )


def forget(segment: Segment) -> None:
    """Lose all members: whoever is not asked again stays lost, which shows who was asked."""
    Membership.objects.filter(segment=segment).delete()


def test_who_bought_comes_in_and_nobody_else_is_asked(people: dict[str, Customer], li: User) -> None:
    segment = kept(LATELY, li)
    assert codes(segment) == {"A"}
    forget(segment)
    buys(people["B"], 1)
    receipt = refreshed(segment)
    assert (receipt.added, receipt.removed, receipt.members) == (1, 0, 1)
    assert codes(segment) == {"B"}
    assert refreshed(segment).added == 0


def test_who_leaves_goes_out_unless_put_in_by_hand(people: dict[str, Customer], li: User) -> None:
    segment = kept({"not": LATELY}, li)
    assert codes(segment) == {"B", "C"}
    actions.pick_in(segment=segment, customers=[people["C"]], by=li)
    refreshed(segment)
    for code in ("B", "C"):
        buys(people[code], 1)
    assert refreshed(segment).removed == 1
    assert codes(segment) == {"C"}
    actions.unpick(segment=segment, customers=[people["C"]], by=li)
    assert refreshed(segment).removed == 1
    assert codes(segment) == set()


def test_everybody_is_asked_when_others_count_or_the_day_or_the_rule_is_another(
    people: dict[str, Customer], li: User
) -> None:
    segment = kept(ABOVE, li)
    buys(people["B"], 1, 2, 3)
    forget(segment)
    assert refreshed(segment).added == 1
    changed = queries.readable(LATELY)
    actions.edit_segment(segment=segment, name="改", rule=changed, note="", revision=1, by=li)
    segment.refresh_from_db()
    forget(segment)
    assert refreshed(segment).added == 2
    forget(segment)
    assert refreshed(segment).added == 0
    assert refreshed(segment, TODAY + timedelta(days=1)).added == 2
