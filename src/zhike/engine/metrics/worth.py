"""Metrics of what a customer is worth: the yearly pace, and what is left of it after returns and discounts."""

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Group, Metric, Unit
from zhike.engine.metrics.exact import days_since, divided, money
from zhike.engine.metrics.purchases import (
    DISCOUNTS,
    FIRST,
    NO_AMOUNT,
    NO_PURCHASE,
    ORDERS,
    REFUNDED,
    SOLD,
    spent,
)

YEAR_DAYS = 365


def _days(t: ir.Table, as_of: ir.DateScalar) -> ir.Value:
    """Days since the first purchase, at least a year: a week is no measure of a year."""
    days = days_since(t.first_on, as_of)
    return ibis.cases((days >= YEAR_DAYS, days), (days < YEAR_DAYS, YEAR_DAYS))


WORTH: tuple[Metric, ...] = (
    Metric(
        key="spend_per_year",
        label=Text("年均消费额", "Spend per year"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text(
            "累计消费额 × 365 ÷ 首购至今天数(不足365天按365天)",
            "Spend × 365 ÷ days since the first purchase (at least 365)",
        ),
        null_means=NO_PURCHASE,
        parts=(SOLD, REFUNDED, FIRST),
        value=lambda t, when: divided(spent(t) * YEAR_DAYS, _days(t, when.as_of) * 100, places=2),
    ),
    Metric(
        key="orders_per_year",
        label=Text("年均订单数", "Orders per year"),
        unit=Unit.RATIO,
        group=Group.VALUE,
        formula=Text(
            "订单数 × 365 ÷ 首购至今天数(不足365天按365天)",
            "Orders × 365 ÷ days since the first purchase (at least 365)",
        ),
        null_means=NO_PURCHASE,
        parts=(ORDERS, FIRST),
        value=lambda t, when: divided(t.orders_n * YEAR_DAYS, _days(t, when.as_of), places=2),
    ),
    Metric(
        key="list_value",
        label=Text("折前消费额", "Spend before discounts"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("订单金额合计 + 优惠金额合计", "Order amounts + discounts"),
        null_means=Text("不会为空", "never empty"),
        parts=(SOLD, DISCOUNTS),
        value=lambda t, _: money(t.sold + t.discounted),
    ),
    Metric(
        key="kept_share",
        label=Text("净消费占比", "Share kept"),
        unit=Unit.SHARE,
        group=Group.VALUE,
        formula=Text(
            "累计消费额 ÷ 折前消费额:扣除优惠与退货后剩下的部分",
            "Spend ÷ spend before discounts: what discounts and returns leave",
        ),
        null_means=NO_AMOUNT,
        parts=(SOLD, REFUNDED, DISCOUNTS),
        value=lambda t, _: divided(spent(t), t.sold + t.discounted, places=4),
    ),
)
