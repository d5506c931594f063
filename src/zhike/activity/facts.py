"""What the activity stage hands to others."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """What a customer bought in all: money after returns, number of orders, day of the last one."""

    spend: Decimal = Decimal("0.00")
    orders: int = 0
    last_on: date | None = None
