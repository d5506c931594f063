"""Metrics of where a customer is heading: more or less than before, sooner or later, again or not."""

import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Group, Metric, Part, Unit
from zhike.engine.metrics.exact import days_between, days_since, divided, money
from zhike.engine.metrics.habits import ONCE, SECOND
from zhike.engine.metrics.purchases import (
    FIRST,
    LAST,
    NEVER,
    NO_PURCHASE,
    ORDERS,
    YEAR,
    ordered_in,
    refunded_in,
    sold_in,
)
from zhike.engine.metrics.windows import Window

QUARTER, HALF = Window(days=90), Window(days=180)
TWO_YEARS = Window(months=24)
SEASON, SEASON_AGO = Window(months=3), Window(months=15)
NOT_BEFORE = Text("此前90天没有消费", "no spend in the 90 days before")
NO_YEAR_BEFORE = Text("前一年没有消费", "no spend in the year before")
FEW_LATELY = Text("近12个月购买不足两次", "fewer than two orders in the last 12 months")

FIRST_12M = Part(
    "first_12m_on", "orders_12m", lambda t, when: t.placed_on.min(where=t.placed_on > when.before(YEAR))
)


def _cents(t: ir.Table, window: Window) -> ir.Value:
    return t[f"sold_{window.key}"] - t[f"refunded_{window.key}"]


def _money_in(*windows: Window) -> tuple[Part, ...]:
    return tuple(part for window in windows for part in (sold_in(window), refunded_in(window)))


def _against(t: ir.Table, recent: Window, both: Window) -> ir.Value:
    """Spend of a stretch over that of the equal stretch before it."""
    now = _cents(t, recent)
    return divided(now, _cents(t, both) - now, places=4)


def _orders_against(t: ir.Table, recent: Window, both: Window) -> ir.Value:
    now = t[f"orders_{recent.key}_n"]
    return divided(now, t[f"orders_{both.key}_n"] - now, places=4)


def _year_before(t: ir.Table) -> ir.Value:
    return money((t.sold_24m - t.refunded_24m) - (t.sold_12m - t.refunded_12m))


def _order_value(t: ir.Table) -> ir.Value:
    """Mean order of the year over that of the year before, without dividing twice."""
    before = _cents(t, TWO_YEARS) - _cents(t, YEAR)
    orders_before = t.orders_24m_n - t.orders_12m_n
    return divided(_cents(t, YEAR) * orders_before, before * t.orders_12m_n, places=2)


def _gap_change(t: ir.Table) -> ir.Value:
    lately, ever = days_between(t.first_12m_on, t.last_on), days_between(t.first_on, t.last_on)
    return divided(lately * (t.orders_n - 1), ever * (t.orders_12m_n - 1), places=2)


GROWTH: tuple[Metric, ...] = (
    Metric(
        key="trend",
        label=Text("消费趋势", "Spend trend"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近90天消费额 ÷ 此前90天消费额", "Spend in the last 90 days ÷ spend in the 90 days before"
        ),
        null_means=NOT_BEFORE,
        parts=_money_in(QUARTER, HALF),
        value=lambda t, _: _against(t, QUARTER, HALF),
    ),
    Metric(
        key="order_trend",
        label=Text("购买次数趋势", "Order trend"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近90天订单数 ÷ 此前90天订单数", "Orders in the last 90 days ÷ orders in the 90 days before"
        ),
        null_means=Text("此前90天没有订单", "no order in the 90 days before"),
        parts=(ordered_in(QUARTER), ordered_in(HALF)),
        value=lambda t, _: _orders_against(t, QUARTER, HALF),
    ),
    Metric(
        key="spend_prev_12m",
        label=Text("前一年消费额", "Spend in the year before"),
        unit=Unit.MONEY,
        group=Group.GROWTH,
        formula=Text("近24个月消费额 − 近12个月消费额", "Spend in the last 24 months − in the last 12"),
        null_means=NEVER,
        parts=_money_in(YEAR, TWO_YEARS),
        value=lambda t, _: _year_before(t),
    ),
    Metric(
        key="orders_prev_12m",
        label=Text("前一年订单数", "Orders in the year before"),
        unit=Unit.COUNT,
        group=Group.GROWTH,
        formula=Text("近24个月订单数 − 近12个月订单数", "Orders in the last 24 months − in the last 12"),
        null_means=NEVER,
        parts=(ordered_in(YEAR), ordered_in(TWO_YEARS)),
        value=lambda t, _: t.orders_24m_n - t.orders_12m_n,
    ),
    Metric(
        key="spend_yoy",
        label=Text("消费同比", "Spend year over year"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近12个月消费额 ÷ 前一年消费额", "Spend in the last 12 months ÷ spend in the year before"
        ),
        null_means=NO_YEAR_BEFORE,
        parts=_money_in(YEAR, TWO_YEARS),
        value=lambda t, _: _against(t, YEAR, TWO_YEARS),
    ),
    Metric(
        key="orders_yoy",
        label=Text("订单同比", "Orders year over year"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近12个月订单数 ÷ 前一年订单数", "Orders in the last 12 months ÷ orders in the year before"
        ),
        null_means=Text("前一年没有订单", "no order in the year before"),
        parts=(ordered_in(YEAR), ordered_in(TWO_YEARS)),
        value=lambda t, _: _orders_against(t, YEAR, TWO_YEARS),
    ),
    Metric(
        key="order_value_yoy",
        label=Text("客单价同比", "Average order year over year"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近12个月客单价 ÷ 前一年客单价", "Average order of the last 12 months ÷ that of the year before"
        ),
        null_means=Text(
            "近12个月没有订单,或前一年没有消费", "no order in the last 12 months, or no spend before"
        ),
        parts=(*_money_in(YEAR, TWO_YEARS), ordered_in(YEAR), ordered_in(TWO_YEARS)),
        value=lambda t, _: _order_value(t),
    ),
    Metric(
        key="orders_3m_year_ago",
        label=Text("去年同期订单数", "Orders in the season a year ago"),
        unit=Unit.COUNT,
        group=Group.GROWTH,
        formula=Text("近15个月订单数 − 近12个月订单数", "Orders in the last 15 months − in the last 12"),
        null_means=NEVER,
        parts=(ordered_in(SEASON_AGO), ordered_in(YEAR)),
        value=lambda t, _: t.orders_15m_n - t.orders_12m_n,
    ),
    Metric(
        key="season_yoy",
        label=Text("近3个月消费同比", "Season year over year"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近3个月消费额 ÷ 去年同期3个月消费额",
            "Spend in the last 3 months ÷ spend in the same months a year ago",
        ),
        null_means=Text("去年同期没有消费", "no spend in the same months a year ago"),
        parts=_money_in(SEASON, YEAR, SEASON_AGO),
        value=lambda t, _: divided(_cents(t, SEASON), _cents(t, SEASON_AGO) - _cents(t, YEAR), places=4),
    ),
    Metric(
        key="recent_gap_days",
        label=Text("近一年购买间隔", "Gap in the last 12 months"),
        unit=Unit.DAYS,
        group=Group.GROWTH,
        formula=Text(
            "近12个月内(最近购买 − 最早购买) ÷ (近12个月订单数 − 1)",
            "Within the last 12 months: (last purchase − first) ÷ (orders − 1)",
        ),
        null_means=FEW_LATELY,
        parts=(FIRST_12M, LAST, ordered_in(YEAR)),
        value=lambda t, _: divided(days_between(t.first_12m_on, t.last_on), t.orders_12m_n - 1, places=1),
    ),
    Metric(
        key="gap_change",
        label=Text("间隔变化", "Change of gap"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近一年购买间隔 ÷ 平均购买间隔:小于 1 即买得更勤",
            "Gap in the last 12 months ÷ usual gap: below 1 is more often",
        ),
        null_means=Text(
            "近12个月购买不足两次,或全部订单在同一天",
            "fewer than two orders in the last 12 months, or all on one day",
        ),
        parts=(FIRST, FIRST_12M, LAST, ORDERS, ordered_in(YEAR)),
        value=lambda t, _: _gap_change(t),
    ),
    Metric(
        key="days_to_second",
        label=Text("首购到复购天数", "Days to the second order"),
        unit=Unit.DAYS,
        group=Group.GROWTH,
        formula=Text("第二次购买日期 − 首次购买日期", "Second purchase − first purchase"),
        null_means=ONCE,
        parts=(FIRST, SECOND),
        value=lambda t, _: days_between(t.first_on, t.second_on),
    ),
    Metric(
        key="repeat",
        label=Text("是否复购", "Bought again"),
        unit=Unit.FLAG,
        group=Group.GROWTH,
        formula=Text("订单数 ≥ 2 记 1,否则记 0", "1 with two orders or more, else 0"),
        null_means=NEVER,
        parts=(ORDERS,),
        value=lambda t, _: (t.orders_n >= 2).cast("int64"),
    ),
    Metric(
        key="repurchase_rate",
        label=Text("复购率", "Repurchase rate"),
        unit=Unit.SHARE,
        group=Group.GROWTH,
        formula=Text("首单之后的订单数 ÷ 全部订单数", "Orders after the first ÷ all orders"),
        null_means=NO_PURCHASE,
        parts=(ORDERS,),
        value=lambda t, _: divided(t.orders_n - 1, t.orders_n, places=4),
    ),
    Metric(
        key="new_90d",
        label=Text("是否新客", "New customer"),
        unit=Unit.FLAG,
        group=Group.GROWTH,
        formula=Text(
            "首次购买在近90天记 1,否则记 0", "1 when the first purchase is in the last 90 days, else 0"
        ),
        null_means=NO_PURCHASE,
        parts=(FIRST,),
        value=lambda t, when: (t.first_on > when.before(QUARTER)).cast("int64"),
    ),
    Metric(
        key="active_12m",
        label=Text("近一年是否购买", "Bought in the last 12 months"),
        unit=Unit.FLAG,
        group=Group.GROWTH,
        formula=Text("近12个月有订单记 1,否则记 0", "1 with an order in the last 12 months, else 0"),
        null_means=NEVER,
        parts=(ordered_in(YEAR),),
        value=lambda t, _: (t.orders_12m_n > 0).cast("int64"),
    ),
    Metric(
        key="bought_days",
        label=Text("首末购买相隔天数", "Days from first to last purchase"),
        unit=Unit.DAYS,
        group=Group.GROWTH,
        formula=Text("最近购买日期 − 首次购买日期", "Last purchase − first purchase"),
        null_means=NO_PURCHASE,
        parts=(FIRST, LAST),
        value=lambda t, _: days_between(t.first_on, t.last_on),
    ),
    Metric(
        key="first_purchase_days",
        label=Text("首购至今天数", "Days since first purchase"),
        unit=Unit.DAYS,
        ageing=True,
        group=Group.GROWTH,
        formula=Text("统计日 − 首次购买日期", "Reporting day − first purchase"),
        null_means=NO_PURCHASE,
        parts=(FIRST,),
        value=lambda t, when: days_since(t.first_on, when.as_of),
    ),
)
