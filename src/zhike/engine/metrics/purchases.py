"""Metrics from orders and returns: what a customer spent, how often and how lately."""

import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Group, Metric, Part, Unit
from zhike.engine.metrics.exact import cents, days_between, days_since, divided, money
from zhike.engine.metrics.windows import Window

WINDOWS = (7, 30, 90, 180)
YEAR = Window(months=12)
NEVER = Text("不会为空", "never empty")
NO_PURCHASE = Text("从未购买", "never purchased")
NO_AMOUNT = Text("没有订单金额", "no amount ordered")

ORDERS = Part("orders_n", "orders", lambda t, _: t.count(), 0)
FIRST = Part("first_on", "orders", lambda t, _: t.placed_on.min())
LAST = Part("last_on", "orders", lambda t, _: t.placed_on.max())
SOLD = Part("sold", "orders", lambda t, _: cents(t.amount.sum()), 0)
LARGEST = Part("largest", "orders", lambda t, _: cents(t.amount.max()))
DISCOUNTS = Part("discounted", "orders", lambda t, _: cents(t.discount.sum()), 0)
DISCOUNTED = Part("discounted_n", "orders", lambda t, _: t.count(where=t.discount > 0), 0)
WEEKEND = Part("weekend_n", "orders", lambda t, _: t.count(where=t.placed_on.day_of_week.index() >= 5), 0)
RETURNS_12M = Part(
    "returns_12m_n", "returns", lambda t, when: t.count(where=t.returned_on > when.before(YEAR)), 0
)
LAST_RETURN = Part("returned_on", "returns", lambda t, _: t.returned_on.max())
REFUNDED = Part("refunded", "returns", lambda t, _: cents(t.amount.sum()), 0)
RETURNS = Part("returns_n", "returns", lambda t, _: t.count(), 0)


def _orders_of(window: Window) -> str:
    """The narrowest source that holds a window."""
    if window.months <= 12 and window.days <= 365:
        return "orders_12m"
    return "orders_24m" if window.months <= 24 and window.days <= 730 else "orders"


def ordered_in(window: Window) -> Part:
    """Orders placed in a window."""
    key = f"orders_{window.key}_n"
    return Part(key, _orders_of(window), lambda t, when: t.count(where=t.placed_on > when.before(window)), 0)


def sold_in(window: Window) -> Part:
    """Their amounts."""
    key = f"sold_{window.key}"
    return Part(
        key,
        _orders_of(window),
        lambda t, when: cents(t.amount.sum(where=t.placed_on > when.before(window))),
        0,
    )


def refunded_in(window: Window) -> Part:
    """Amounts returned in a window."""
    key = f"refunded_{window.key}"
    return Part(
        key, "returns", lambda t, when: cents(t.amount.sum(where=t.returned_on > when.before(window))), 0
    )


def spend_within(*, days: int = 0, months: int = 0) -> Metric:
    """Spend in a window: orders placed in it minus returns made in it."""
    window = Window(days=days, months=months)
    sold, refunded = sold_in(window), refunded_in(window)
    return Metric(
        key=f"spend_{window.key}",
        label=Text(f"{window.words.zh}消费额", f"Spend in {window.words.en}"),
        unit=Unit.MONEY,
        group=Group.PURCHASE,
        formula=Text(
            f"{window.words.zh}下单的订单金额合计 − {window.words.zh}退货金额合计",
            f"Amounts of orders placed in {window.words.en} − amounts returned in {window.words.en}",
        ),
        null_means=NEVER,
        parts=(sold, refunded),
        value=lambda t, _: money(t[sold.key] - t[refunded.key]),
    )


def orders_within(*, days: int = 0, months: int = 0) -> Metric:
    """Number of orders in a window."""
    window = Window(days=days, months=months)
    ordered = ordered_in(window)
    return Metric(
        key=f"orders_{window.key}",
        label=Text(f"{window.words.zh}订单数", f"Orders in {window.words.en}"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text(f"{window.words.zh}下单的订单数", f"Number of orders placed in {window.words.en}"),
        null_means=NEVER,
        parts=(ordered,),
        value=lambda t, _: t[ordered.key],
    )


def spent(t: ir.Table) -> ir.Value:
    """Spend, in cents."""
    return t.sold - t.refunded


PURCHASES: tuple[Metric, ...] = (
    Metric(
        key="spend",
        label=Text("累计消费额", "Spend"),
        unit=Unit.MONEY,
        group=Group.PURCHASE,
        formula=Text("全部订单金额合计 − 全部退货金额合计", "Amounts of all orders − amounts of all returns"),
        null_means=NEVER,
        parts=(SOLD, REFUNDED),
        value=lambda t, _: money(spent(t)),
    ),
    Metric(
        key="orders",
        label=Text("订单数", "Orders"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("全部订单数", "Number of all orders"),
        null_means=NEVER,
        parts=(ORDERS,),
        value=lambda t, _: t.orders_n,
    ),
    Metric(
        key="first_purchase_on",
        label=Text("首次购买日期", "First purchase"),
        unit=Unit.DATE,
        group=Group.PURCHASE,
        formula=Text("最早一笔订单的下单日期", "Day of the earliest order"),
        null_means=NO_PURCHASE,
        parts=(FIRST,),
        value=lambda t, _: t.first_on,
    ),
    Metric(
        key="last_purchase_on",
        label=Text("最近购买日期", "Last purchase"),
        unit=Unit.DATE,
        group=Group.PURCHASE,
        formula=Text("最近一笔订单的下单日期", "Day of the latest order"),
        null_means=NO_PURCHASE,
        parts=(LAST,),
        value=lambda t, _: t.last_on,
    ),
    Metric(
        key="recency_days",
        label=Text("距上次购买天数", "Days since last purchase"),
        unit=Unit.DAYS,
        ageing=True,
        group=Group.PURCHASE,
        formula=Text("统计日 − 最近购买日期", "Reporting day − last purchase"),
        null_means=NO_PURCHASE,
        parts=(LAST,),
        value=lambda t, when: days_since(t.last_on, when.as_of),
    ),
    Metric(
        key="largest_order",
        label=Text("最大单笔金额", "Largest order"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("单笔订单金额的最大值", "Largest amount of one order"),
        null_means=NO_PURCHASE,
        parts=(LARGEST,),
        value=lambda t, _: money(t.largest),
    ),
    *(spend_within(days=days) for days in WINDOWS),
    spend_within(months=12),
    *(orders_within(days=days) for days in WINDOWS),
    orders_within(months=12),
    Metric(
        key="average_order",
        label=Text("客单价", "Average order"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("累计消费额 ÷ 订单数,四舍五入到分", "Spend ÷ orders, rounded to the cent"),
        null_means=NO_PURCHASE,
        parts=(SOLD, REFUNDED, ORDERS),
        value=lambda t, _: divided(spent(t), t.orders_n * 100, places=2),
    ),
    Metric(
        key="discount_share",
        label=Text("优惠占比", "Discount share"),
        unit=Unit.SHARE,
        group=Group.VALUE,
        formula=Text("优惠金额 ÷ (订单金额 + 优惠金额)", "Discounts ÷ (order amounts + discounts)"),
        null_means=NO_AMOUNT,
        parts=(DISCOUNTS, SOLD),
        value=lambda t, _: divided(t.discounted, t.sold + t.discounted, places=4),
    ),
    Metric(
        key="returns",
        label=Text("退货次数", "Returns"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("退货单数", "Number of returns"),
        null_means=NEVER,
        parts=(RETURNS,),
        value=lambda t, _: t.returns_n,
    ),
    Metric(
        key="return_rate",
        label=Text("退货率", "Return rate"),
        unit=Unit.SHARE,
        group=Group.VALUE,
        formula=Text("退货金额 ÷ 订单金额", "Amount returned ÷ amount ordered"),
        null_means=NO_AMOUNT,
        parts=(REFUNDED, SOLD),
        value=lambda t, _: divided(t.refunded, t.sold, places=4),
    ),
    Metric(
        key="gap_days",
        label=Text("平均购买间隔", "Usual gap"),
        unit=Unit.DAYS,
        group=Group.PURCHASE,
        formula=Text(
            "(最近购买日期 − 首次购买日期) ÷ (订单数 − 1)", "(Last purchase − first purchase) ÷ (orders − 1)"
        ),
        null_means=Text("购买不足两次", "fewer than two orders"),
        parts=(FIRST, LAST, ORDERS),
        value=lambda t, _: divided(days_between(t.first_on, t.last_on), t.orders_n - 1, places=1),
    ),
    Metric(
        key="average_order_12m",
        label=Text("近12个月客单价", "Average order in the last 12 months"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("近12个月消费额 ÷ 近12个月订单数", "Spend in the last 12 months ÷ orders in them"),
        null_means=Text("近12个月没有购买", "no purchase in the last 12 months"),
        parts=(sold_in(YEAR), refunded_in(YEAR), ordered_in(YEAR)),
        value=lambda t, _: divided(t.sold_12m - t.refunded_12m, t.orders_12m_n * 100, places=2),
    ),
    Metric(
        key="largest_share",
        label=Text("最大单占比", "Largest order's share"),
        unit=Unit.SHARE,
        group=Group.VALUE,
        formula=Text("最大单笔金额 ÷ 订单金额合计", "Largest order ÷ amounts of all orders"),
        null_means=NO_AMOUNT,
        parts=(LARGEST, SOLD),
        value=lambda t, _: divided(t.largest, t.sold, places=4),
    ),
    Metric(
        key="discounts",
        label=Text("优惠金额", "Discounts"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("全部订单的优惠金额合计", "Discounts of all orders"),
        null_means=NEVER,
        parts=(DISCOUNTS,),
        value=lambda t, _: money(t.discounted),
    ),
    Metric(
        key="discounted_orders",
        label=Text("优惠订单占比", "Discounted orders"),
        unit=Unit.SHARE,
        group=Group.VALUE,
        formula=Text("有优惠的订单数 ÷ 订单数", "Orders with a discount ÷ orders"),
        null_means=NO_PURCHASE,
        parts=(DISCOUNTED, ORDERS),
        value=lambda t, _: divided(t.discounted_n, t.orders_n, places=4),
    ),
    Metric(
        key="refunds",
        label=Text("退货金额", "Amount returned"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("全部退货金额合计", "Amounts of all returns"),
        null_means=NEVER,
        parts=(REFUNDED,),
        value=lambda t, _: money(t.refunded),
    ),
    Metric(
        key="returns_12m",
        label=Text("近12个月退货次数", "Returns in the last 12 months"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("近12个月的退货单数", "Number of returns in the last 12 months"),
        null_means=NEVER,
        parts=(RETURNS_12M,),
        value=lambda t, _: t.returns_12m_n,
    ),
    Metric(
        key="last_return_days",
        label=Text("距上次退货天数", "Days since last return"),
        unit=Unit.DAYS,
        ageing=True,
        group=Group.PURCHASE,
        formula=Text("统计日 − 最近退货日期", "Reporting day − last return"),
        null_means=Text("从未退货", "never returned anything"),
        parts=(LAST_RETURN,),
        value=lambda t, when: days_since(t.returned_on, when.as_of),
    ),
    Metric(
        key="weekend_share",
        label=Text("周末订单占比", "Weekend share"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text("周六、周日下单的订单数 ÷ 订单数", "Orders placed on Saturday or Sunday ÷ orders"),
        null_means=NO_PURCHASE,
        parts=(WEEKEND, ORDERS),
        value=lambda t, _: divided(t.weekend_n, t.orders_n, places=4),
    ),
)
