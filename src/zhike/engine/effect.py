"""KPI per tier and month from the placement history, and the same customers before against after a day.

Every KPI is a ratio of two sums over customers (or a plain sum), so that it can be checked by adding up, and comes with
the number of customers it rests on. What is no causal claim: customers also change on their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.engine.metrics.declaration import Unit
from zhike.engine.metrics.exact import day
from zhike.engine.metrics.windows import months_back

ALL = "all"
SILENCE = 90  # days without a purchase after which a customer counts as churned
MONEY = "decimal(18, 2)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One figure of a group of customers in a period: the sum of `above` divided by that of `below`."""

    key: str
    label: Text
    unit: Unit
    formula: Text
    above: str
    below: str
    better: str = "up"


@dataclass(frozen=True, slots=True)
class Reading:
    """A KPI of a tier in a month; `customers` is the number it rests on; value None when nobody counts."""

    kpi: str
    tier: str
    month: date
    value: Decimal | None
    customers: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A KPI of the same customers before and after a day, over two periods of equal length."""

    kpi: str
    before: Decimal | None
    after: Decimal | None
    customers: int

    @property
    def change(self) -> Decimal | None:
        """After minus before, relative to before; None when either is missing or before is zero."""
        if self.before is None or self.after is None or not self.before:
            return None
        return ((self.after - self.before) / self.before).quantize(Decimal("0.0001"))


def _kpi(
    key: str, zh: str, en: str, unit: Unit, said: Text, above: str, below: str, better: str = "up"
) -> Kpi:
    return Kpi(key=key, label=Text(zh, en), unit=unit, formula=said, above=above, below=below, better=better)


KPIS: Mapping[str, Kpi] = MappingProxyType(
    {
        kpi.key: kpi
        for kpi in (
            _kpi(
                "active_share",
                "活跃率",
                "Active share",
                Unit.SHARE,
                Text("本期购买过的客户数 ÷ 客户数", "Customers who bought in the period ÷ customers"),
                "active",
                "members",
            ),
            _kpi(
                "repurchase_rate",
                "复购率",
                "Repurchase rate",
                Unit.SHARE,
                Text(
                    "近12个月购买两次及以上的客户数 ÷ 近12个月购买过的客户数",
                    "Customers with two orders or more in 12 months ÷ customers with an order in 12 months",
                ),
                "repeated",
                "bought_12m",
            ),
            _kpi(
                "spend_per_customer",
                "人均消费额",
                "Spend per customer",
                Unit.MONEY,
                Text("本期消费额 ÷ 客户数", "Spend in the period ÷ customers"),
                "spend",
                "members",
            ),
            _kpi(
                "orders_per_customer",
                "人均订单数",
                "Orders per customer",
                Unit.RATIO,
                Text("本期订单数 ÷ 客户数", "Orders in the period ÷ customers"),
                "orders",
                "members",
            ),
            _kpi(
                "average_order",
                "客单价",
                "Average order",
                Unit.MONEY,
                Text("本期消费额 ÷ 本期订单数", "Spend in the period ÷ orders in the period"),
                "spend",
                "orders",
            ),
            _kpi(
                "churn_share",
                "流失率",
                "Churn share",
                Unit.SHARE,
                Text(
                    f"期末已{SILENCE}天未购买的客户数 ÷ 购买过的客户数",
                    f"Customers silent for {SILENCE} days at the end ÷ customers who ever bought",
                ),
                "silent",
                "bought",
                "down",
            ),
            _kpi(
                "contact_share",
                "触达率",
                "Contact share",
                Unit.SHARE,
                Text(
                    "本期有互动的客户数 ÷ 客户数", "Customers with an interaction in the period ÷ customers"
                ),
                "contacted",
                "members",
            ),
            _kpi(
                "average_rating",
                "平均评分",
                "Average rating",
                Unit.RATING,
                Text("本期评分合计 ÷ 本期评分数", "Sum of ratings in the period ÷ ratings in the period"),
                "ratings",
                "rated",
            ),
        )
    }
)

_SUMS = tuple(dict.fromkeys(side for kpi in KPIS.values() for side in (kpi.above, kpi.below)))


@dataclass(frozen=True, slots=True)
class _Period:
    """Days after `start` up to and including `end`."""

    start: date
    end: date


def readings(session: Session, months: Sequence[date], *, as_of: date) -> tuple[Reading, ...]:
    """Every KPI per tier, and over ALL tiers, for each month (given by any day in it), up to `as_of`.

    Members of a tier in a month are those placed in it at the month's end, or at `as_of` if that is earlier.
    """
    found: list[Reading] = []
    for month in sorted({any_day.replace(day=1) for any_day in months}):
        if month <= as_of:
            found.extend(_month(session, month, as_of))
    return tuple(found)


def before_after(
    session: Session, *, groups: ir.Table, began_on: date, as_of: date, days: int = 90
) -> dict[str, tuple[Comparison, ...]]:
    """The KPIs of fixed customers (`groups`: customer_id, tier) in the `days` before a day and in the time since then.

    Both periods have the same length: `days`, or the shorter time that has passed up to and including `as_of`.
    All groups are read together; a group without customers is absent.
    """
    length = min(days, (as_of - began_on).days + 1)
    if length <= 0:
        return {}
    last_before = began_on - timedelta(days=1)
    kept = session.keep(groups.select("customer_id", "tier"), "groups")
    before = _sums(session, kept, _Period(last_before - timedelta(days=length), last_before))
    after = _sums(session, kept, _Period(last_before, last_before + timedelta(days=length)))
    return {
        tier: tuple(
            Comparison(kpi.key, _ratio(kpi, before[tier]), _ratio(kpi, sums), int(sums["members"]))
            for kpi in KPIS.values()
        )
        for tier, sums in after.items()
    }


def placements_on(session: Session, on: date) -> ir.Table:
    """Each customer's tier on a day: customer_id, tier."""
    placements = session.table("placements")
    now = (placements.since <= day(on)) & (placements.until.isnull() | (placements.until > day(on)))
    current = placements.filter(now)
    return current.group_by("customer_id").aggregate(tier=current.tier.argmax(current.since))


def _month(session: Session, month: date, as_of: date) -> list[Reading]:
    following = (month + timedelta(days=32)).replace(day=1)
    end = min(following - timedelta(days=1), as_of)
    groups = _sums(session, placements_on(session, end), _Period(month - timedelta(days=1), end))
    groups[ALL] = _together(groups)
    return [
        Reading(kpi.key, tier, month, _ratio(kpi, sums), int(sums["members"]))
        for tier, sums in groups.items()
        for kpi in KPIS.values()
    ]


def _sums(session: Session, members: ir.Table, period: _Period) -> dict[str, dict[str, Decimal]]:
    """Every sum that KPIs are made of, per tier."""
    rows = _per_customer(session, members, period)
    grouped = rows.group_by("tier").aggregate(**{name: rows[name].sum() for name in _SUMS})
    return {row.pop("tier"): _plain(row) for row in session.rows(grouped.order_by("tier"))}


def _together(groups: Mapping[str, Mapping[str, Decimal]]) -> dict[str, Decimal]:
    return {name: sum((sums[name] for sums in groups.values()), Decimal(0)) for name in _SUMS}


def _plain(row: dict[str, object]) -> dict[str, Decimal]:
    return {name: Decimal(str(value or 0)) for name, value in row.items()}


def _per_customer(session: Session, members: ir.Table, period: _Period) -> ir.Table:
    table = members
    for facts in (_bought, _returned, _talked, _rated):
        right = facts(session, period)
        table = table.left_join(right, table.customer_id == right.of).drop("of")
    return table.select(
        "tier",
        members=ibis.literal(1),
        active=(table.orders > 0).cast("int64"),
        orders=table.orders,
        spend=table.sold.fill_null(0).cast(MONEY) - table.refunded.fill_null(0).cast(MONEY),
        bought_12m=(table.orders_12m > 0).cast("int64"),
        repeated=(table.orders_12m > 1).cast("int64"),
        bought=table.last_on.notnull().cast("int64"),
        silent=(table.last_on <= day(period.end - timedelta(days=SILENCE))).cast("int64"),
        contacted=table.talks.notnull().cast("int64"),
        ratings=table.ratings,
        rated=table.rated,
    )


def _bought(session: Session, period: _Period) -> ir.Table:
    orders = session.table("orders")
    seen = orders.filter(orders.placed_on <= day(period.end))
    inside = seen.placed_on > day(period.start)
    recent = seen.placed_on > day(months_back(period.end, 12))
    return seen.group_by(of=seen.customer_id).aggregate(
        orders=seen.count(where=inside),
        sold=seen.amount.sum(where=inside),
        orders_12m=seen.count(where=recent),
        last_on=seen.placed_on.max(),
    )


def _returned(session: Session, period: _Period) -> ir.Table:
    seen = _within(session.table("returns"), "returned_on", period)
    return seen.group_by(of=seen.customer_id).aggregate(refunded=seen.amount.sum())


def _talked(session: Session, period: _Period) -> ir.Table:
    seen = _within(session.table("interactions"), "on_date", period)
    return seen.group_by(of=seen.customer_id).aggregate(talks=seen.count())


def _rated(session: Session, period: _Period) -> ir.Table:
    seen = _within(session.table("feedback"), "on_date", period)
    return seen.group_by(of=seen.customer_id).aggregate(ratings=seen.rating.sum(), rated=seen.rating.count())


def _within(facts: ir.Table, dated: str, period: _Period) -> ir.Table:
    return facts.filter((facts[dated] > day(period.start)) & (facts[dated] <= day(period.end)))


def _ratio(kpi: Kpi, sums: Mapping[str, Decimal]) -> Decimal | None:
    below = sums[kpi.below]
    if not below:
        return None
    places = Decimal("0.01") if kpi.unit is Unit.MONEY else Decimal("0.0001")
    return (sums[kpi.above] / below).quantize(places)
