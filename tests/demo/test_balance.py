"""Over the twelve months of the demonstration opening and movements meet closing, and revenue is that of the orders."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from zhike.engine.ledger import DIMENSIONS, Movement
from zhike.insight.ledger import computing, promises, reading
from zhike.insight.ledger.periods import Period
from zhike.kernel import bulk, lake
from zhike.kernel.models import User

FIRST_DAYS = [date(2017, month, 1) for month in range(1, 13)] + [date(2018, 1, 1)]
ENDS = [day - timedelta(days=1) for day in FIRST_DAYS]


def test_every_month_balances_follows_on_and_agrees_with_the_orders(
    figures: dict[str, Any], person: Callable[[str], User]
) -> None:
    li, closing, revenue = person("li"), None, Decimal(0)
    for first, second in [*pairwise(ENDS), (ENDS[0], ENDS[-1])]:
        sheet = reading.read(li, computing.compute(Period(first, second)), DIMENSIONS)
        assert sheet is not None and sheet.difference == 0
        total = sheet.total
        assert total.opening + sum(total.amount(one) for one in Movement) + total.model == total.closing
        # A statement may be of before or after other tests of the demonstration added customers.
        assert figures["customers"] <= sum(one.customers for one in total.movements.values()) <= _customers()
        for parts in sheet.slices.values():
            assert all(one.balances for one in parts)
            assert sum(one.closing.closing for one in parts) == total.whole.closing
        if first != ENDS[0] or closing is None:
            assert closing in {None, total.opening}
            closing, revenue = total.closing, revenue + sheet.control.ordered - sheet.control.returned
    assert (total.closing, sheet.control.earned1) == (closing, revenue) == (closing, _orders())
    assert promises.balance() == []


def _customers() -> int:
    """Those whom the lake knows now."""
    with lake.session() as session:
        return session.number("SELECT count(*) FROM lake.main.customers")


def _orders() -> Decimal:
    ((paid, back),) = bulk.rows(
        "SELECT (SELECT sum(amount) FROM activity_order), (SELECT coalesce(sum(amount), 0) FROM activity_return)"
    )
    return Decimal(paid - back)
