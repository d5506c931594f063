"""Orders as pages show them: with their lines and what came back."""

from dataclasses import dataclass, field
from decimal import Decimal

from zhike.activity import queries
from zhike.activity.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with its lines and what came back of it."""

    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    returned: Decimal | None = None


def order_rows(orders: list[Order]) -> list[OrderRow]:
    """Orders with their lines and returns, in two queries however many there are."""
    ids = [order.pk for order in orders]
    lines, returned = queries.lines_of(ids), queries.returned_of(ids)
    return [OrderRow(order, lines[order.pk], returned.get(order.pk)) for order in orders]
