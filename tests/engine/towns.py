"""Towns for tests of rules: customers with fields, tiers, tags, segments and deeds; what a rule needs to know of each."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.deeds import AS_OF, dids, done, random_world
from tests.engine.oracle import Row, World, all_metrics, preferred
from tests.engine.sparks import APART
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
    Not,
    Op,
    Relative,
    Rule,
    Span,
)
from zhike.core.rules import Any as AnyOf
from zhike.engine.lake import Session

TIERS = {1: "core", 2: "core", 3: "ordinary"}
CLASSED = {"rfm": {1: "champions", 2: "dormant"}, "risk": {1: "watch", 4: "critical"}}
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
    st.builds(InClass, st.sampled_from(["rfm", "risk"]), st.sampled_from(["champions", "watch", "critical", "none"])),
    st.builds(InClass, st.sampled_from(["channel", "category"]), st.sampled_from(["门店", "线上", "茶", "none"])),
    st.builds(InTier, st.sampled_from(["core", "none"])),
    st.builds(FieldTest, st.just("size"), st.just(Op.EQ), st.sampled_from(["big", "small"])),
)  # fmt: skip


def trees(leaves: st.SearchStrategy[Rule], most: int) -> st.SearchStrategy[Rule]:
    """Rules of at most so many leaves, nested by and, or and not."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=most,
    )


RULES = trees(LEAVES, 5)


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
    """Put a town into the lake; in towns side by side, the first, second, … of each has the same tier, tags and segments."""
    for name, rows in vars(world).items():
        fill(session, name, rows)
    since, places = date(2017, 1, 1), {one["id"]: one["id"] % APART for one in world.customers}
    placed = [{"customer_id": n, "tier": TIERS[place]} for n, place in places.items() if place in TIERS]
    fill(session, "placements", [row | {"since": since} for row in placed])
    marks = {name: _marks(places, held, name) for name, held in (("tag", TAGS), ("segment", SEGMENTS))}
    fill(session, "taggings", marks["tag"])
    classed = [
        {"customer_id": n, "kind": kind, "key": held[place]}
        for kind, held in CLASSED.items()
        for n, place in places.items()
        if place in held
    ]
    fill(session, "classes", classed)
    left = [{"customer_id": n, "segment": "a", "until": AS_OF} for n, place in places.items() if place == 5]
    fill(session, "memberships", [row | {"since": since} for row in [*marks["segment"], *left]])


def _marks(places: Mapping[int, int], held: Mapping[int, set[str]], column: str) -> list[Row]:
    return [
        {"customer_id": n, column: key} for n, place in places.items() for key in sorted(held.get(place, ()))
    ]


def values_of(world: World, asked: Sequence[Did]) -> dict[int, Row]:
    """What a rule may ask of each customer of one town, in plain Python."""
    metrics, most = all_metrics(world, AS_OF), favourites(world)
    return {
        one["id"]: {
            **metrics[one["id"]],
            **json.loads(one["fields"]),
            **{test.key: done(world, test, one["id"], AS_OF) for test in asked},
            "tier": TIERS.get(one["id"]),
            "tags": TAGS.get(one["id"], set()),
            "segments": SEGMENTS.get(one["id"], set()),
            "classes": {kind: held.get(one["id"]) for kind, held in {**CLASSED, **most}.items()},
        }
        for one in world.customers
    }


def favourites(world: World) -> dict[str, dict[int, str]]:
    """What each customer does most, by kind."""
    found = {
        kind: preferred(world.orders, kind, AS_OF, by_amount=False)
        for kind in ("channel", "store", "payment")
    }
    return found | {"category": preferred(world.order_lines, "category", AS_OF, by_amount=True)}


def dids_in(rule: Rule) -> list[Did]:
    """The tests of a rule about things done."""
    parts = rule.parts if isinstance(rule, (All, AnyOf)) else (rule.part,) if isinstance(rule, Not) else ()
    return [rule] if isinstance(rule, Did) else [one for part in parts for one in dids_in(part)]
