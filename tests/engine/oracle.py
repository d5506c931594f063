"""The same figures in plain Python, written from the definitions and not from the engine."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
ONLINE = {"online", "app", "线上"}
CLASSES = {
    (1, 1, 1): "重要价值",
    (1, 0, 1): "重要发展",
    (0, 1, 1): "重要保持",
    (0, 0, 1): "重要挽留",
    (1, 1, 0): "一般价值",
    (1, 0, 0): "一般发展",
    (0, 1, 0): "一般保持",
    (0, 0, 0): "一般挽留",
}


@dataclass
class World:
    """Everything that happened, as lists of rows in the shapes of the lake."""

    customers: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    order_lines: list[Row] = field(default_factory=list)
    returns: list[Row] = field(default_factory=list)
    interactions: list[Row] = field(default_factory=list)
    feedback: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)


def half_up(value: Fraction, places: int) -> Decimal:
    scaled = (value * 10**places + Fraction(1, 2)).__floor__()
    return Decimal(scaled).scaleb(-places)


def quotient(above: Any, below: Any, places: int) -> Decimal | None:
    return half_up(Fraction(above) / Fraction(below), places) if below > 0 else None


def a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def metrics_of(world: World, customer: Row, as_of: date) -> Row | None:
    """Every metric of one customer; None when the customer is not known yet."""

    def mine(rows: Iterable[Row], dated: str) -> list[Row]:
        return [row for row in rows if row["customer_id"] == customer["id"] and day_of(row[dated]) <= as_of]

    orders = sorted(mine(world.orders, "placed_on"), key=lambda o: (o["placed_at"], o["id"]))
    if customer["created_on"] > as_of and not orders:
        return None
    refunds = mine(world.returns, "returned_on")
    lines, talks = mine(world.order_lines, "placed_on"), mine(world.interactions, "on_date")
    feedback, events = mine(world.feedback, "on_date"), mine(world.events, "at")

    def total(rows: list[Row], dated: str, after: date = date.min, column: str = "amount") -> Decimal:
        return sum((row[column] for row in rows if row[dated] > after), Decimal("0.00"))

    def spend(after: date = date.min) -> Decimal:
        return total(orders, "placed_on", after) - total(refunds, "returned_on", after)

    def days(number: int) -> date:
        return as_of - timedelta(days=number)

    sold, refunded = total(orders, "placed_on"), total(refunds, "returned_on")
    discounts = total(orders, "placed_on", column="discount")
    first = orders[0]["placed_on"] if orders else None
    last = orders[-1]["placed_on"] if orders else None
    known = [order for order in orders if order["channel"]]
    rated = [row["rating"] for row in feedback if row["rating"] is not None]
    referred = sum(event["kind"] == "referral" for event in events)
    n = len(orders)
    return {
        "customer_id": customer["id"],
        "spend": spend(),
        "orders": n,
        "first_purchase_on": first,
        "last_purchase_on": last,
        "recency_days": (as_of - last).days if last else None,
        "first_order": orders[0]["amount"] if orders else None,
        "largest_order": max((order["amount"] for order in orders), default=None),
        "spend_90d": spend(days(90)),
        "spend_180d": spend(days(180)),
        "spend_12m": spend(a_year_before(as_of)),
        "orders_90d": sum(order["placed_on"] > days(90) for order in orders),
        "orders_180d": sum(order["placed_on"] > days(180) for order in orders),
        "orders_12m": sum(order["placed_on"] > a_year_before(as_of) for order in orders),
        "average_order": quotient(spend(), n, 2),
        "discount_share": quotient(discounts, sold + discounts, 4),
        "returns": len(refunds),
        "return_rate": quotient(refunded, sold, 4),
        "gap_days": quotient((last - first).days, n - 1, 1) if last and first else None,
        "trend": quotient(spend(days(90)), spend(days(180)) - spend(days(90)), 4),
        "channels_used": len({order["channel"] for order in known}),
        "online_share": quotient(sum(order["channel"] in ONLINE for order in known), len(known), 4),
        "repeat": int(n >= 2),
        "repurchase_rate": quotient(n - 1, n, 4),
        "units": sum((line["quantity"] for line in lines), Decimal("0.000")),
        "categories": len({line["category"] for line in lines if line["category"]}),
        "interactions": len(talks),
        "interactions_90d": sum(talk["on_date"] > days(90) for talk in talks),
        "last_interaction_days": (as_of - max(t["on_date"] for t in talks)).days if talks else None,
        "feedback_count": len(feedback),
        "average_rating": quotient(sum(rated), len(rated), 2),
        "visits_90d": sum(e["kind"] == "visit" and day_of(e["at"]) > days(90) for e in events),
        "referrals": referred,
        "referral_rate": quotient(sum(e["kind"] == "referral_won" for e in events), referred, 4),
        "tenure_days": (as_of - min(filter(None, (customer["created_on"], first)))).days,
    }


def day_of(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def all_metrics(world: World, as_of: date) -> dict[int, Row]:
    found = (metrics_of(world, customer, as_of) for customer in world.customers)
    return {row["customer_id"]: row for row in found if row is not None}


def rfm_by_thresholds(
    rows: dict[int, Row], recency: int, frequency: int, money: Decimal, *, mean: bool
) -> dict[int, str]:
    """Class per customer by R <= recency, F >= frequency orders in 180 days, M >= money (or times buyers' mean)."""
    buyers = [row["spend"] for row in rows.values() if row["orders"]]
    bar = (
        Fraction(money) * (Fraction(sum(buyers)) / len(buyers) if buyers else 0) if mean else Fraction(money)
    )
    return {
        key: CLASSES[
            int(bool(row["orders"]) and row["recency_days"] <= recency),
            int(bool(row["orders"]) and row["orders_180d"] >= frequency),
            int(bool(row["orders"]) and Fraction(row["spend"]) >= bar),
        ]
        for key, row in rows.items()
    }


def cut_points(values: list[Any], buckets: int) -> list[Any]:
    """Discrete quantiles: the smallest value with at least that share of the values at or below it."""
    ordered = sorted(values)
    at = [-((-len(ordered) * step) // buckets) - 1 for step in range(1, buckets)]
    return [ordered[max(0, place)] for place in at] if ordered else []


def rfm_by_quantiles(
    rows: dict[int, Row], buckets: int, high_from: int
) -> dict[int, tuple[int, int, int, str]]:
    """Scores and class per customer by cut points among buyers; nobody else scores."""
    buyers = [row for row in rows.values() if row["orders"]]
    cuts = {
        key: cut_points([row[key] for row in buyers], buckets) for key in ("recency_days", "orders", "spend")
    }
    found = {}
    for key, row in rows.items():
        r = f = m = 0
        if row["orders"]:
            r = 1 + sum(row["recency_days"] <= cut for cut in cuts["recency_days"])
            f = 1 + sum(row["orders"] > cut for cut in cuts["orders"])
            m = 1 + sum(row["spend"] > cut for cut in cuts["spend"])
        found[key] = (r, f, m, CLASSES[int(r >= high_from), int(f >= high_from), int(m >= high_from)])
    return found
