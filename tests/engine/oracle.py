"""The same figures in plain Python, written from the definitions and not from the engine."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
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
    records: list[Row] = field(default_factory=list)


def half_up(value: Fraction, places: int) -> Decimal:
    scaled = (value * 10**places + Fraction(1, 2)).__floor__()
    return Decimal(scaled).scaleb(-places)


def quotient(above: Any, below: Any, places: int) -> Decimal | None:
    return half_up(Fraction(above) / Fraction(below), places) if below > 0 else None


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month."""
    count = day.year * 12 + day.month - 1 - months
    for number in (day.day, 30, 29, 28):
        try:
            return date(count // 12, count % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def a_year_before(day: date) -> date:
    return months_before(day, 12)


@dataclass
class Facts:
    """What one customer did until a day."""

    as_of: date
    created_on: date
    orders: list[Row]
    refunds: list[Row]
    lines: list[Row]
    talks: list[Row]
    feedback: list[Row]
    events: list[Row]
    care: list[Row]

    def days(self, number: int) -> date:
        return self.as_of - timedelta(days=number)

    def months(self, number: int) -> date:
        return months_before(self.as_of, number)

    def ordered(self, after: date = date.min, until: date = date.max) -> list[Row]:
        return [order for order in self.orders if after < order["placed_on"] <= until]

    def spend(self, after: date = date.min, until: date = date.max) -> Decimal:
        back = [row for row in self.refunds if after < row["returned_on"] <= until]
        return total(self.ordered(after, until)) - total(back)

    def ago(self, days: Iterable[date]) -> int | None:
        """Days since the latest."""
        latest = max(days, default=None)
        return None if latest is None else (self.as_of - latest).days


def total(rows: Iterable[Row], column: str = "amount") -> Decimal:
    return sum((row[column] for row in rows), Decimal("0.00"))


def metrics_of(world: World, customer: Row, as_of: date) -> Row | None:
    """Every metric of one customer; None when the customer is not known yet."""

    def mine(rows: Iterable[Row], dated: str) -> list[Row]:
        return [row for row in rows if row["customer_id"] == customer["id"] and day_of(row[dated]) <= as_of]

    facts = Facts(
        as_of=as_of,
        created_on=customer["created_on"],
        orders=sorted(mine(world.orders, "placed_on"), key=lambda o: (o["placed_at"], o["id"])),
        refunds=mine(world.returns, "returned_on"),
        lines=mine(world.order_lines, "placed_on"),
        talks=mine(world.interactions, "on_date"),
        feedback=mine(world.feedback, "on_date"),
        events=mine(world.events, "at"),
        care=[row for row in mine(world.records, "on_date") if row["result"] != "withdrawn"],
    )
    if facts.created_on > as_of and not facts.orders:
        return None
    told = (purchases, habits, baskets, worth, contacts, opinions, behaviour, growth)
    return {"customer_id": customer["id"]} | {
        key: value for tell in told for key, value in tell(facts).items()
    }


def purchases(facts: Facts) -> Row:
    orders, refunds, as_of = facts.orders, facts.refunds, facts.as_of
    sold, refunded, discounts, n = total(orders), total(refunds), total(orders, "discount"), len(orders)
    year = a_year_before(as_of)
    windows = {f"{days}d": facts.days(days) for days in (7, 30, 90, 180)} | {"12m": year}
    return {
        **{f"spend_{key}": facts.spend(after) for key, after in windows.items()},
        **{f"orders_{key}": len(facts.ordered(after)) for key, after in windows.items()},
        "spend": facts.spend(),
        "orders": n,
        "first_purchase_on": orders[0]["placed_on"] if orders else None,
        "last_purchase_on": orders[-1]["placed_on"] if orders else None,
        "recency_days": facts.ago(order["placed_on"] for order in orders),
        "first_order": orders[0]["amount"] if orders else None,
        "largest_order": max((order["amount"] for order in orders), default=None),
        "largest_share": quotient(max(order["amount"] for order in orders), sold, 4) if orders else None,
        "average_order": quotient(facts.spend(), n, 2),
        "average_order_12m": quotient(facts.spend(year), len(facts.ordered(year)), 2),
        "discounts": discounts,
        "discount_share": quotient(discounts, sold + discounts, 4),
        "discounted_orders": quotient(sum(order["discount"] > 0 for order in orders), n, 4),
        "returns": len(refunds),
        "returns_12m": sum(row["returned_on"] > year for row in refunds),
        "refunds": refunded,
        "return_rate": quotient(refunded, sold, 4),
        "last_return_days": facts.ago(row["returned_on"] for row in refunds),
        "weekend_share": quotient(sum(order["placed_on"].isoweekday() > 5 for order in orders), n, 4),
    }


def shares_of(rows: Iterable[Row], column: str) -> list[int]:
    """How many rows each value of a column has, where it is filled in; the most first."""
    return [number for _, number in Counter(row[column] for row in rows if row.get(column)).most_common()]


def habits(facts: Facts) -> Row:
    orders, n = facts.orders, len(facts.orders)
    days = [order["placed_on"] for order in orders]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    channels, stores = shares_of(orders, "channel"), shares_of(orders, "store")
    this_month = (facts.as_of.year, facts.as_of.month)
    months: Counter[tuple[int, int]] = Counter()
    for order in orders:
        months[order["placed_on"].year, order["placed_on"].month] += order["amount"]
    lately = [
        sold
        for (year, month), sold in months.items()
        if (this_month[0] - year) * 12 + this_month[1] - month < 12
    ]
    online = sum(order["channel"] in ONLINE for order in orders)
    return {
        "second_purchase_on": days[1] if n > 1 else None,
        "purchase_days": len(set(days)),
        "longest_gap": max(gaps, default=None),
        "gap_days": quotient(sum(gaps), n - 1, 1),
        "gap_evenness": quotient(sum(gaps) ** 2, (n - 1) * sum(gap**2 for gap in gaps), 4),
        "overdue_ratio": quotient((facts.as_of - days[-1]).days * (n - 1), sum(gaps), 2) if days else None,
        "active_months": len(lately),
        "peak_month_share": quotient(max(lately), sum(lately), 4) if lately else None,
        "channels_used": len(channels),
        "online_share": quotient(online, sum(channels), 4),
        "top_channel_share": quotient(max(channels, default=0), sum(channels), 4),
        "stores_used": len(stores),
        "top_store_share": quotient(max(stores, default=0), sum(stores), 4),
    }


def baskets(facts: Facts) -> Row:
    lines = facts.lines
    baskets_n, units = len({line["order_id"] for line in lines}), total(lines, "quantity")
    categories: Counter[str] = Counter()
    for line in lines:
        if line["category"]:
            categories[line["category"]] += line["amount"]
    return {
        "units": units + Decimal("0.000"),
        "units_per_order": quotient(units, baskets_n, 2),
        "lines_per_order": quotient(len(lines), baskets_n, 2),
        "unit_price": quotient(total(lines), units, 2),
        "products": len({line["product_code"] for line in lines if line["product_code"]}),
        "categories": len(categories),
        "top_category_share": quotient(max(categories.values()), sum(categories.values()), 4)
        if categories
        else None,
    }


def worth(facts: Facts) -> Row:
    orders, sold, discounts = facts.orders, total(facts.orders), total(facts.orders, "discount")
    days = max(365, (facts.as_of - orders[0]["placed_on"]).days) if orders else 0
    return {
        "spend_per_year": quotient(facts.spend() * 365, days, 2),
        "orders_per_year": quotient(len(orders) * 365, days, 2),
        "list_value": sold + discounts,
        "kept_share": quotient(facts.spend(), sold + discounts, 4),
    }


def contacts(facts: Facts) -> Row:
    talks, care, year = facts.talks, facts.care, a_year_before(facts.as_of)
    inbound = [talk["on_date"] for talk in talks if talk["direction"] == "in"]
    begun = [facts.created_on, *(order["placed_on"] for order in facts.orders)]
    return {
        "interactions": len(talks),
        "interactions_30d": sum(talk["on_date"] > facts.days(30) for talk in talks),
        "interactions_90d": sum(talk["on_date"] > facts.days(90) for talk in talks),
        "interactions_12m": sum(talk["on_date"] > year for talk in talks),
        "last_interaction_days": facts.ago(talk["on_date"] for talk in talks),
        "inbound": len(inbound),
        "inbound_share": quotient(len(inbound), len(talks), 4),
        "last_inbound_days": facts.ago(inbound),
        "contact_channels": len({talk["channel"] for talk in talks if talk["channel"]}),
        "care": len(care),
        "care_12m": sum(row["on_date"] > year for row in care),
        "care_success": quotient(sum(row["result"] == "success" for row in care), len(care), 4),
        "last_care_days": facts.ago(row["on_date"] for row in care),
        "tenure_days": (facts.as_of - min(begun)).days,
    }


def opinions(facts: Facts) -> Row:
    rated = [row for row in facts.feedback if row["rating"] is not None]
    ratings = [row["rating"] for row in rated]
    latest = max(rated, key=lambda row: (row["at"], row["id"]), default=None)
    low = [row for row in rated if row["rating"] <= 2]
    return {
        "feedback_count": len(facts.feedback),
        "average_rating": quotient(sum(ratings), len(ratings), 2),
        "last_rating": latest["rating"] if latest else None,
        "lowest_rating": min(ratings, default=None),
        "complaints": len(low),
        "complaints_12m": sum(row["on_date"] > a_year_before(facts.as_of) for row in low),
        "last_feedback_days": facts.ago(row["on_date"] for row in facts.feedback),
    }


def behaviour(facts: Facts) -> Row:
    visits = [day_of(event["at"]) for event in facts.events if event["kind"] == "visit"]
    kinds = Counter(event["kind"] for event in facts.events)
    lately = sum(day > facts.days(90) for day in visits)
    return {
        "events": len(facts.events),
        "last_event_days": facts.ago(day_of(event["at"]) for event in facts.events),
        "visits_30d": sum(day > facts.days(30) for day in visits),
        "visits_90d": lately,
        "visits_12m": sum(day > a_year_before(facts.as_of) for day in visits),
        "last_visit_days": facts.ago(visits),
        "visit_trend": quotient(lately, sum(facts.days(180) < day <= facts.days(90) for day in visits), 4),
        "orders_per_visit_90d": quotient(len(facts.ordered(facts.days(90))), lately, 2),
        "referrals": kinds["referral"],
        "referrals_won": kinds["referral_won"],
        "referral_rate": quotient(kinds["referral_won"], kinds["referral"], 4),
    }


def growth(facts: Facts) -> Row:
    as_of, orders = facts.as_of, facts.orders
    quarter, half, year, before = facts.days(90), facts.days(180), facts.months(12), facts.months(24)
    days = [order["placed_on"] for order in orders]
    lately = [order["placed_on"] for order in facts.ordered(year)]
    spend, earlier = facts.spend(year), facts.spend(before, year)
    now, then = len(lately), len(facts.ordered(before, year))
    gap = Fraction((days[-1] - days[0]).days, len(days) - 1) if len(days) > 1 else Fraction(0)
    recent = Fraction((lately[-1] - lately[0]).days, now - 1) if now > 1 else None
    return {
        "trend": quotient(facts.spend(quarter), facts.spend(half, quarter), 4),
        "order_trend": quotient(len(facts.ordered(quarter)), len(facts.ordered(half, quarter)), 4),
        "spend_prev_12m": earlier,
        "orders_prev_12m": then,
        "spend_yoy": quotient(spend, earlier, 4),
        "orders_yoy": quotient(now, then, 4),
        "order_value_yoy": order_value_yoy(spend, earlier, now, then),
        "orders_3m_year_ago": len(facts.ordered(facts.months(15), year)),
        "season_yoy": quotient(facts.spend(facts.months(3)), facts.spend(facts.months(15), year), 4),
        "recent_gap_days": None if recent is None else half_up(recent, 1),
        "gap_change": None if recent is None else quotient(recent, gap, 2),
        "days_to_second": (days[1] - days[0]).days if len(days) > 1 else None,
        "repeat": int(len(orders) >= 2),
        "repurchase_rate": quotient(len(orders) - 1, len(orders), 4),
        "new_90d": int(days[0] > quarter) if days else None,
        "active_12m": int(bool(lately)),
        "bought_days": (days[-1] - days[0]).days if days else None,
        "first_purchase_days": (as_of - days[0]).days if days else None,
    }


def order_value_yoy(spend: Decimal, earlier: Decimal, now: int, then: int) -> Decimal | None:
    """Mean order of this year over that of the year before, where both are known and the one before is above zero."""
    if not now or earlier <= 0:
        return None
    return half_up(Fraction(spend) / now / (Fraction(earlier) / then), 2) if then else Decimal("0.00")


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


def preferred(rows: list[Row], column: str, as_of: date, *, by_amount: bool) -> dict[int, str]:
    """What each customer has most of."""
    sizes: dict[int, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["placed_on"] <= as_of and row.get(column):
            sizes[row["customer_id"]][row[column]].append(row.get("amount") or Decimal(0))
    return {
        who: min(found, key=lambda key: (
            -(sum(found[key]) if by_amount else len(found[key])), -sum(found[key]), key
        ))
        for who, found in sizes.items()
    }  # fmt: skip
