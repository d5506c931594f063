"""Random small worlds for hypothesis, dense in ties and borders."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.oracle import World
from zhike.engine.lake import Session

AS_OF = date(2017, 6, 30)
_near = st.sampled_from(
    [0, 1, 6, 7, 29, 30, 31, 89, 90, 91, 179, 180, 181, 364, 365, 366, 456, 730, 731, -1, -30]
)
_days = st.one_of(_near, st.integers(-40, 800)).map(lambda n: AS_OF - timedelta(days=n))
_money = st.one_of(
    st.sampled_from(["0.00", "0.01", "10.00", "33.33"]), st.integers(1, 10**7).map(lambda c: f"{c / 100:.2f}")
)
_amount = _money.map(Decimal)
_hours = st.sampled_from([0, 9, 23])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to eight customers with whatever they did."""
    size = draw(st.integers(1, 8))
    world = World(customers=[{"id": n + 1, "created_on": draw(_days)} for n in range(size)])
    who = st.integers(1, size + 1)  # one id too many: facts of a customer who is gone
    world.orders = [_order(draw, n, who) for n in range(draw(st.integers(0, 25)))]
    world.returns = _rows(draw, 6, customer_id=who, returned_on=_days, amount=_amount)
    quantity = st.integers(1, 5000).map(lambda n: Decimal(n) / 1000)
    category = st.sampled_from(["茶", "酒", "", None])
    code = st.sampled_from(["A1", "B2", "C3", "", None])
    world.order_lines = _rows(
        draw,
        10,
        customer_id=who,
        order_id=st.integers(0, 4),
        placed_on=_days,
        product_code=code,
        quantity=quantity,
        category=category,
        amount=_amount,
    )
    way = st.sampled_from(["phone", "visit", "", None])
    world.interactions = _rows(
        draw, 8, customer_id=who, on_date=_days, channel=way, direction=st.sampled_from(["in", "out"])
    )
    result = st.sampled_from(["success", "follow_up", "withdrawn"])
    world.records = _rows(draw, 6, customer_id=who, on_date=_days, result=result)
    moment = st.builds(datetime.combine, _days, _hours.map(time))
    rating = st.one_of(st.none(), st.integers(2, 20).map(lambda n: Decimal(n) / 4))
    world.feedback = _rows(draw, 8, customer_id=who, at=moment, rating=rating)
    for row in world.feedback:
        row["on_date"] = row["at"].date()
    kind = st.sampled_from(["visit", "visit", "referral", "referral_won", "other"])
    world.events = _rows(draw, 12, customer_id=who, at=moment, kind=kind)
    return world


def _order(draw: st.DrawFn, number: int, who: st.SearchStrategy[int]) -> dict[str, Any]:
    day = draw(_days)
    return {
        "id": number,
        "customer_id": draw(who),
        "placed_at": datetime.combine(day, time(draw(_hours))),
        "placed_on": day,
        "amount": draw(_amount),
        "discount": draw(_amount),
        "channel": draw(st.sampled_from(["online", "门店", "线上", "", None])),
        "store": draw(st.sampled_from(["南京路", "淮海路", "", None])),
    }


def _rows(draw: st.DrawFn, most: int, **columns: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
    count = draw(st.integers(0, most))
    return [{"id": n} | {name: draw(drawn) for name, drawn in columns.items()} for n in range(count)]


def pour(session: Session, world: World) -> None:
    """Put a world into the lake."""
    for name, rows in vars(world).items():
        fill(session, name, rows)
