"""The balance sheet against plain Python on random worlds: every customer once, every sum to the cent."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.oracle import World
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine import ledger
from zhike.engine.lake import Session
from zhike.engine.ledger import DIMENSIONS, MOVEMENTS, Movement, Terms
from zhike.engine.ledger.statement import money

RANKS = {"core": 3, "potential": 2, "ordinary": 1}
HORIZONS = (90, 120)
LEVELS = ["none", "watch", "warning", "critical"]
REGIONS = ["", "330102", "440305"]


@dataclass
class Case:
    """A world with what is said of it on two days."""

    world: World
    first: date
    worth: tuple[dict[int, tuple[int, int, str]], dict[int, tuple[int, int, str]]]
    placements: list[dict[str, Any]]
    regions: dict[int, str]

    @property
    def terms(self) -> Terms:
        return Terms(first=self.first, second=AS_OF, horizons=HORIZONS, ranks=RANKS, region="region")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Customers who bought have a value; tiers follow one another; some moved house."""
    world = draw(worlds())
    first = AS_OF - timedelta(days=draw(st.sampled_from([0, 1, 30, 91, 365])))
    worth = tuple(
        {
            one: (draw(st.integers(0, 99_999)), draw(st.integers(0, 99_999)), draw(st.sampled_from(LEVELS)))
            for one in sorted({row["customer_id"] for row in world.orders if row["placed_on"] <= moment})
        }
        for moment in (first, AS_OF)
    )
    placements = []
    for number, one in enumerate(world.customers):
        one["fields"] = f'{{"region": "{draw(st.sampled_from(REGIONS))}"}}'
        one["manager_id"] = draw(st.sampled_from([None, 7, 8]))
        since = first - timedelta(days=draw(st.integers(-5, 5)))
        until = since + timedelta(days=draw(st.integers(0, 400)))
        kinds = st.sampled_from([*RANKS, "retired"])
        placements += [
            {"id": 2 * number, "customer_id": one["id"], "tier": draw(kinds), "since": since, "until": until},
            {"id": 2 * number + 1, "customer_id": one["id"], "tier": draw(kinds), "since": until},
        ]
    moved = draw(st.dictionaries(st.integers(1, 4), st.sampled_from(["", "330102", "510100"]), max_size=3))
    return Case(world, first, (worth[0], worth[1]), placements, moved)


def given_as(session: Session, name: str, columns: str, rows: list[tuple[Any, ...]]) -> ir.Table:
    session.cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    if rows:
        session.cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return session.keep_sql(f"FROM {name}", name)


def computed(session: Session, case: Case) -> ir.Table:
    pour(session, case.world)
    fill(session, "placements", case.placements)
    before = [(one, value, model, 1.5, level) for one, (value, model, level) in case.worth[0].items()]
    after = [(one, value, 2.5, level) for one, (value, _, level) in case.worth[1].items()]
    worth = (
        given_as(
            session, "w0", "customer_id BIGINT, value BIGINT, model BIGINT, off DOUBLE, level VARCHAR", before
        ),
        given_as(session, "w1", "customer_id BIGINT, value BIGINT, off DOUBLE, level VARCHAR", after),
    )
    classes = tuple(
        given_as(session, f"c{n}", "customer_id BIGINT, rfm_class VARCHAR", [(1, name)])
        for n, name in enumerate(("champions", "dormant"))
    )
    regions = given_as(session, "r", "customer_id BIGINT, region VARCHAR", list(case.regions.items()))
    return session.keep(ledger.entries(session, case.terms, worth, (classes[0], classes[1]), regions))


def oracle(case: Case) -> dict[int, dict[str, Any]]:
    """The same row by row, as somebody with a pencil would."""
    found = {}
    for one in case.world.customers:
        row = judged(case, one)
        if row is not None:
            found[one["id"]] = row
    return found


def judged(case: Case, one: dict[str, Any]) -> dict[str, Any] | None:
    me, first = one["id"], case.first
    orders = [row for row in case.world.orders if row["customer_id"] == me and row["placed_on"] <= AS_OF]
    back = [row for row in case.world.returns if row["customer_id"] == me and row["returned_on"] <= AS_OF]
    old = [row for row in orders if row["placed_on"] <= first]
    old_back = [row for row in back if row["returned_on"] <= first]
    if not orders and not sum(row["amount"] for row in back) and one["created_on"] > AS_OF:
        return None
    value0, model, level0 = case.worth[0].get(me, (0, 0, ""))
    value1, _, level1 = case.worth[1].get(me, (0, 0, ""))
    tiers = [tier_on(case, me, first), tier_on(case, me, AS_OF)]
    asleep = [sleeps(old, first, HORIZONS[0], level0), sleeps(orders, AS_OF, HORIZONS[1], level1)]
    region = one["fields"][len('{"region": "') : -2]
    return {
        "movement": moved(old, orders, asleep, [RANKS.get(tier) for tier in tiers], value1 - model),
        "opening": value0, "model": model - value0, "change": value1 - model, "closing": value1,
        "earned0": cents(old) - cents(old_back),
        "ordered": cents(orders) - cents(old), "returned": cents(back) - cents(old_back),
        "tiers": tiers, "channels": [channel(old), channel(orders)], "asleep": asleep,
        "regions": [province(case.regions.get(me, region)), province(region)],
    }  # fmt: skip


def cents(rows: list[dict[str, Any]]) -> int:
    return int(sum((row["amount"] for row in rows), Decimal(0)) * 100)


def tier_on(case: Case, me: int, moment: date) -> str:
    standing = [
        row for row in case.placements
        if row["customer_id"] == me and row["since"] <= moment and (row.get("until") or date.max) > moment
    ]  # fmt: skip
    return standing[0]["tier"] if standing else ""


def sleeps(orders: list[dict[str, Any]], moment: date, horizon: int, level: str) -> bool:
    if not orders:
        return False
    return (moment - max(row["placed_on"] for row in orders)).days > horizon or level == "critical"


def channel(orders: list[dict[str, Any]]) -> str:
    used = Counter(row["channel"] or "" for row in orders)
    return min(used, key=lambda name: (-used[name], name)) if used else ""


def province(region: str) -> str:
    return region[:2] + "0000" if region else ""


def moved(old: Any, orders: Any, asleep: list[bool], ranks: list[int | None], change: int) -> str:
    if not orders:
        return "idle"
    if not old:
        return "new"
    if asleep[0] != asleep[1]:
        return "churned" if asleep[1] else "returned"
    was, now = ranks
    if was is not None and now is not None and was != now:
        return "upgraded" if now > was else "downgraded"
    return "grown" if change > 0 else "shrunk" if change < 0 else "steady"


def test_each_row_agrees_with_plain_python_and_every_sum_balances(session: Session) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(case=cases())
    def agree(case: Case) -> None:
        rows = computed(session, case)
        found = {row.pop("customer_id"): row for row in session.rows(rows)}
        expected = oracle(case)
        assert {one: paired(row) for one, row in found.items()} == expected
        whole = ledger.total(session, rows)
        changes = sum((whole.amount(one) for one in Movement), Decimal(0))
        assert whole.opening + changes + whole.model == whole.closing
        assert whole.closing == money(sum(row["closing"] for row in expected.values()))
        for dimension in DIMENSIONS:
            parts = ledger.slices(session, rows, dimension)
            assert all(one.balances for one in parts), dimension
            assert sum(one.closing.closing for one in parts) == whole.whole.closing
            assert sum(one.opening.opening for one in parts) == whole.whole.opening
            assert sum(one.came.opening - one.went.opening for one in parts) == 0
        everybody = session.ids(expected)
        control = ledger.control(session, case.first, AS_OF, everybody)
        assert control.difference(whole.whole) == 0
        assert whole.revenue(new=True) + whole.revenue(new=False) == control.ordered - control.returned

    agree()


def paired(row: dict[str, Any]) -> dict[str, Any]:
    plain = ("movement", "opening", "model", "change", "closing", "earned0", "ordered", "returned")
    pairs = {"tiers": "tier", "channels": "channel", "asleep": "asleep", "regions": "region"}
    return {name: row[name] for name in plain} | {
        name: [row[f"{of}0"], row[f"{of}1"]] for name, of in pairs.items()
    }


def test_an_order_that_the_statement_does_not_know_shows(session: Session) -> None:
    world = World(customers=[{"id": 1, "created_on": AS_OF}], orders=[order(1, 5, "10.00")])
    rows = computed(session, Case(world, AS_OF - timedelta(days=30), ({}, {}), [], {}))
    whole = ledger.total(session, rows).whole
    assert ledger.control(session, AS_OF - timedelta(days=30), AS_OF).difference(whole) == 0
    fill(session, "orders", [order(1, 5, "10.00"), order(1, 4, "0.01")])
    fill(session, "returns", [{"id": 1, "customer_id": 1, "returned_on": AS_OF, "amount": "0.01"}])
    assert f"{ledger.control(session, AS_OF - timedelta(days=30), AS_OF).difference(whole)}" == "0.02"


def test_who_repeats_and_who_is_active(session: Session) -> None:
    placed = [
        order(1, 40, "1"),
        order(1, 3, "1"),
        order(2, 2, "1"),
        order(3, 1, "1"),
        order(3, 1, "1"),
        order(4, 45, "1"),
    ]
    world = World(customers=[{"id": n, "created_on": AS_OF} for n in range(1, 5)], orders=placed)
    whole = ledger.total(
        session, computed(session, Case(world, AS_OF - timedelta(days=30), ({}, {}), [], {}))
    )
    assert whole.buyers == (2, 3) and whole.repeaters == (0, 2)
    assert whole.active == (2, 4)
    assert (whole.repeat_rate(0), whole.number(Movement.NEW)) == (Decimal(0), 2)


def order(customer: int, days_ago: int, amount: str) -> dict[str, Any]:
    day = AS_OF - timedelta(days=days_ago)
    return {
        "id": customer * 1000 + days_ago, "customer_id": customer, "placed_on": day, "placed_at": day, "amount": amount,
    }  # fmt: skip


def test_rows_of_a_statement_replace_themselves_and_go_with_it(session: Session) -> None:
    world = World(customers=[{"id": 1, "created_on": AS_OF}], orders=[order(1, 5, "10.00")])
    rows = computed(session, Case(world, AS_OF - timedelta(days=30), ({}, {}), [], {}))
    assert [ledger.put(session, name, rows) for name in ("a", "a", "b")] == [1, 1, 1]
    (row,) = session.rows(ledger.kept(session, "a"))
    assert (row["customer_id"], row["ordered"]) == (1, 1000)
    assert session.rows(ledger.kept(session, "a", session.ids([2]))) == []
    assert ledger.drop_others(session, ["b"]) == 1
    assert session.rows(ledger.kept(session, "a")) == [] != session.rows(ledger.kept(session, "b"))


def test_every_movement_has_words() -> None:
    assert set(MOVEMENTS) == set(Movement)
    assert defaultdict(int, {told.label.zh: 1 for told in MOVEMENTS.values()})["流失"] == 1
