"""What customers did, counted in plain Python, and random tests of it; birthdays by the lunar library itself."""

from calendar import isleap
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from hypothesis import strategies as st
from lunardate import LunarDate

from tests.engine.oracle import Row, World, day_of
from zhike.core.rules import DOINGS, Did, Op, Span, Where, Within

AS_OF = date(2017, 6, 30)
COMPARE = {Op.EQ: eq, Op.NE: ne, Op.GT: gt, Op.GE: ge, Op.LT: lt, Op.LE: le}


def done(world: World, test: Did, customer: int, as_of: date) -> Any:
    """How often a customer did it by `as_of`, or what a column came to."""
    doing = DOINGS[test.did]
    facts = [row for row in getattr(world, doing.table, []) if row["customer_id"] == customer]
    found = [
        row
        for row in facts
        if _then(test.within, day_of(row[doing.dated]), as_of)
        and all(row.get(column) != value for column, value in doing.leaves_out.items())
        and all(
            _meets(one, row, doing.columns[one.column].name) for one in test.where if one.column not in LINE
        )
        and _line(world, test, row)
    ]
    if test.total:
        return sum((row.get(test.total) or Decimal(0) for row in found), Decimal(0))
    return len(found)


LINE = {"category", "product"}


def _line(world: World, test: Did, order: Row) -> bool:
    wanted = [one for one in test.where if one.column in LINE]
    if test.did == "products":
        return all(_meets(one, order, DOINGS["products"].columns[one.column].name) for one in wanted)
    names = DOINGS["orders"].columns
    lines = [line for line in world.order_lines if line["order_id"] == order["id"]]
    return not wanted or any(
        all(_meets(one, line, names[one.column].name) for one in wanted) for line in lines
    )


def _then(within: Within, on: date, as_of: date) -> bool:
    held = on <= as_of
    if within.span:
        held = held and on > _back(within.span, as_of)
    if within.skip:
        held = held and on <= _back(within.skip, as_of)
    return held and (within.since or date.min) <= on <= (within.until or date.max)


def _back(span: Span, as_of: date) -> date:
    if span.days:
        return as_of - timedelta(days=span.days)
    month = as_of.year * 12 + as_of.month - 1 - span.months
    for day in range(as_of.day, 0, -1):
        try:
            return date(month // 12, month % 12 + 1, day)
        except ValueError:
            continue
    raise AssertionError


def _meets(one: Where, row: Row, name: str) -> bool:
    actual = row.get(name or one.column)
    if actual is None:
        return False
    if isinstance(one.value, Decimal):
        return bool(COMPARE[one.op](Decimal(actual), one.value))
    if one.op is Op.CONTAINS:
        return one.value[0] in actual
    return bool(actual) and (actual in one.value) is (one.op is Op.IN)


def celebrates(born: date, as_of: date, days: int, *, lunar: bool) -> bool:
    """Whether a birthday comes round on one of the days, asked of each day in turn."""
    return any(_on(born, as_of + timedelta(days=n), lunar=lunar) for n in range(days))


def _on(born: date, today: date, *, lunar: bool) -> bool:
    if not lunar:
        eve = (born.month, born.day) == (2, 29) and not isleap(today.year)
        return (today.month, today.day) == ((2, 28) if eve else (born.month, born.day))
    if born < date(1900, 1, 31) or born > today:
        return False
    his = LunarDate.from_solar_date(born.year, born.month, born.day)
    now = LunarDate.from_solar_date(today.year, today.month, today.day)
    after = today + timedelta(days=1)
    last = LunarDate.from_solar_date(after.year, after.month, after.day).day == 1
    same = his.day == now.day or (his.day == 30 and now.day == 29 and last)
    return not now.is_leap_month and his.month == now.month and same


_spans = st.one_of(
    st.sampled_from([1, 30, 31, 90, 180]).map(lambda n: Span(days=n)),
    st.sampled_from([1, 4, 12]).map(lambda n: Span(months=n)),
)
_withins = st.builds(
    Within,
    span=st.none() | _spans,
    skip=st.none() | _spans,
    since=st.none() | st.sampled_from([date(2017, 1, 1), AS_OF]),
    until=st.none() | st.sampled_from([date(2017, 5, 31), date(2018, 1, 1)]),
)
_compared = st.sampled_from(sorted(COMPARE))
_bounds = st.sampled_from(["0", "0.01", "1", "10", "33.33", "500"]).map(Decimal)
WORDS: Mapping[str, tuple[str, ...]] = {
    "channel": ("online", "门店", "线上"),
    "category": ("茶", "酒"),
    "product": ("P1", "P2"),
    "kind": ("visit", "referral"),
    "purpose": ("回访", "care"),
    "direction": ("in", "out"),
    "store": ("甲", "乙"),
    "payment": ("cash",),
    "result": ("success", "withdrawn"),
}


@st.composite
def dids(draw: st.DrawFn) -> Did:
    """A test of what a customer did."""
    doing = DOINGS[draw(st.sampled_from(sorted(DOINGS)))]
    columns = draw(st.lists(st.sampled_from(sorted(doing.columns)), max_size=2, unique=True))
    added = [key for key, column in doing.columns.items() if column.numeric]
    return Did(
        doing.key,
        draw(_compared),
        Decimal(draw(st.integers(0, 4))),
        draw(_withins),
        tuple(
            sorted(
                (_a_where(draw, doing.columns[key].numeric, key) for key in columns), key=lambda w: w.column
            )
        ),
        draw(st.sampled_from(["", "", *added])),
    )


def _a_where(draw: st.DrawFn, numeric: bool, column: str) -> Where:
    if numeric:
        return Where(column, draw(_compared), draw(_bounds))
    words = st.sampled_from(WORDS[column])
    if draw(st.booleans()):
        return Where(column, Op.CONTAINS, (draw(words)[:1],))
    some = draw(st.lists(words, min_size=1, max_size=2, unique=True))
    return Where(column, draw(st.sampled_from([Op.IN, Op.NOT_IN])), tuple(some))


def random_world(draw: st.DrawFn, size: int) -> World:
    """Some customers and what they did, dense in ties and borders."""
    near = st.sampled_from([0, 1, 29, 30, 31, 89, 90, 91, 180, 365, -1])
    days = st.one_of(near, st.integers(-5, 400)).map(lambda n: AS_OF - timedelta(days=n))
    world = World(customers=[{"id": n + 1, "created_on": date(2016, 1, 1)} for n in range(size)])
    who, money = (
        st.integers(1, size + 1),
        st.sampled_from(["0.00", "0.01", "10.00", "33.33", "600.00"]).map(Decimal),
    )

    def word(column: str) -> st.SearchStrategy[str | None]:
        return st.sampled_from([*WORDS[column], "", None])

    def rows(most: int, **columns: st.SearchStrategy[Any]) -> list[Row]:
        count = draw(st.integers(0, most))
        return [{"id": n} | {name: draw(drawn) for name, drawn in columns.items()} for n in range(count)]

    world.orders = rows(
        12, customer_id=who, placed_on=days, amount=money, discount=money, channel=word("channel"),
        store=word("store"), payment=word("payment"),
    )  # fmt: skip
    for order in world.orders:
        order["placed_at"] = datetime.combine(order["placed_on"], datetime.min.time())
    for number in range(draw(st.integers(0, 12)) if world.orders else 0):
        order = draw(st.sampled_from(world.orders))
        line = {
            "category": draw(word("category")),
            "product_code": draw(word("product")),
            "amount": draw(money),
        }
        ordered = {
            "order_id": order["id"],
            "customer_id": order["customer_id"],
            "placed_on": order["placed_on"],
        }
        world.order_lines.append(
            {"id": number, "quantity": draw(_bounds), "discount": draw(money)} | line | ordered
        )
    world.returns = rows(5, customer_id=who, returned_on=days, amount=money)
    world.interactions = rows(
        6, customer_id=who, on_date=days, channel=word("channel"), purpose=word("purpose"),
        direction=word("direction"),
    )  # fmt: skip
    rating = st.one_of(st.none(), st.integers(2, 20).map(lambda n: Decimal(n) / 4))
    world.feedback = rows(5, customer_id=who, on_date=days, rating=rating, channel=word("channel"))
    for said in world.feedback:
        said["at"] = datetime.combine(said["on_date"], datetime.min.time())
    moment = st.builds(datetime.combine, days, st.sampled_from([datetime.min.time(), datetime.max.time()]))
    world.records = rows(5, customer_id=who, on_date=days, result=word("result"))
    world.events = rows(6, customer_id=who, at=moment, kind=word("kind"))
    return world
