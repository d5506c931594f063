"""Metrics from orders and returns: what a customer spent, how often and how lately."""

import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Metric, Part, Unit
from zhike.engine.metrics.exact import days_between, days_since, divided, money, scaled
from zhike.engine.metrics.windows import Window

# Channels are free text in files: what an online one is called, in either language.
ONLINE = "|".join(
    (
        r"\b(online|web|web ?site|app|h5|e-?commerce|mini.?program|wechat|weixin|livestream|marketplace)\b",
        "线上|网上|网店|网站|官网|网购|网络|小程序|公众号|微信|电商|直播|商城|手机",
        "天猫|淘宝|京东|抖音|拼多多|快手|小红书",
    )
)
NEVER = Text("不会为空", "never empty")
NO_PURCHASE = Text("从未购买", "never purchased")

ORDERS = Part("orders_n", "orders", lambda t, _: t.count(), 0)
FIRST = Part("first_on", "orders", lambda t, _: t.placed_on.min())
LAST = Part("last_on", "orders", lambda t, _: t.placed_on.max())
SOLD = Part("sold", "orders", lambda t, _: t.amount.sum(), 0)
LARGEST = Part("largest", "orders", lambda t, _: t.amount.max())
FIRST_AMOUNT = Part("first_amount", "orders", lambda t, _: t.amount.first(order_by=[t.placed_at, t.id]))
DISCOUNTED = Part("discounted", "orders", lambda t, _: t.discount.sum(), 0)
CHANNELS = Part("channels_n", "orders", lambda t, _: t.channel.nullif("").nunique(), 0)
CHANNELLED = Part("channelled_n", "orders", lambda t, _: t.channel.nullif("").count(), 0)
ONLINE_ORDERS = Part("online_n", "orders", lambda t, _: t.count(where=t.channel.lower().re_search(ONLINE)), 0)
REFUNDED = Part("refunded", "returns", lambda t, _: t.amount.sum(), 0)
RETURNS = Part("returns_n", "returns", lambda t, _: t.count(), 0)


def _ordered(window: Window) -> Part:
    key = f"orders_{window.key}_n"
    return Part(key, "orders", lambda t, when: t.count(where=t.placed_on > when.before(window)), 0)


def _sold(window: Window) -> Part:
    key = f"sold_{window.key}"
    return Part(key, "orders", lambda t, when: t.amount.sum(where=t.placed_on > when.before(window)), 0)


def _refunded(window: Window) -> Part:
    key = f"refunded_{window.key}"
    return Part(key, "returns", lambda t, when: t.amount.sum(where=t.returned_on > when.before(window)), 0)


def spend_within(*, days: int = 0, months: int = 0) -> Metric:
    """Spend in a window: orders placed in it minus returns made in it."""
    window = Window(days=days, months=months)
    sold, refunded = _sold(window), _refunded(window)
    return Metric(
        key=f"spend_{window.key}",
        label=Text(f"{window.words.zh}消费额", f"Spend in {window.words.en}"),
        unit=Unit.MONEY,
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
    ordered = _ordered(window)
    return Metric(
        key=f"orders_{window.key}",
        label=Text(f"{window.words.zh}订单数", f"Orders in {window.words.en}"),
        unit=Unit.COUNT,
        formula=Text(f"{window.words.zh}下单的订单数", f"Number of orders placed in {window.words.en}"),
        null_means=NEVER,
        parts=(ordered,),
        value=lambda t, _: t[ordered.key],
    )


def _spent(t: ir.Table) -> ir.Value:
    return money(t.sold - t.refunded)


def _trend(t: ir.Table) -> ir.Value:
    recent = scaled(t.sold_90d - t.refunded_90d, 2)
    both = scaled(t.sold_180d - t.refunded_180d, 2)
    return divided(recent, both - recent, places=4)


PURCHASES: tuple[Metric, ...] = (
    Metric(
        key="spend",
        label=Text("累计消费额", "Spend"),
        unit=Unit.MONEY,
        formula=Text("全部订单金额合计 − 全部退货金额合计", "Amounts of all orders − amounts of all returns"),
        null_means=NEVER,
        parts=(SOLD, REFUNDED),
        value=lambda t, _: _spent(t),
    ),
    Metric(
        key="orders",
        label=Text("订单数", "Orders"),
        unit=Unit.COUNT,
        formula=Text("全部订单数", "Number of all orders"),
        null_means=NEVER,
        parts=(ORDERS,),
        value=lambda t, _: t.orders_n,
    ),
    Metric(
        key="first_purchase_on",
        label=Text("首次购买日期", "First purchase"),
        unit=Unit.DATE,
        formula=Text("最早一笔订单的下单日期", "Day of the earliest order"),
        null_means=NO_PURCHASE,
        parts=(FIRST,),
        value=lambda t, _: t.first_on,
    ),
    Metric(
        key="last_purchase_on",
        label=Text("最近购买日期", "Last purchase"),
        unit=Unit.DATE,
        formula=Text("最近一笔订单的下单日期", "Day of the latest order"),
        null_means=NO_PURCHASE,
        parts=(LAST,),
        value=lambda t, _: t.last_on,
    ),
    Metric(
        key="recency_days",
        label=Text("距上次购买天数", "Days since last purchase"),
        unit=Unit.DAYS,
        formula=Text("统计日 − 最近购买日期", "Reporting day − last purchase"),
        null_means=NO_PURCHASE,
        parts=(LAST,),
        value=lambda t, when: days_since(t.last_on, when.as_of),
    ),
    Metric(
        key="first_order",
        label=Text("首单金额", "First order"),
        unit=Unit.MONEY,
        formula=Text(
            "最早一笔订单的金额(同一时刻取编号最小者)",
            "Amount of the earliest order (lowest number among equals)",
        ),
        null_means=NO_PURCHASE,
        parts=(FIRST_AMOUNT,),
        value=lambda t, _: money(t.first_amount),
    ),
    Metric(
        key="largest_order",
        label=Text("最大单笔金额", "Largest order"),
        unit=Unit.MONEY,
        formula=Text("单笔订单金额的最大值", "Largest amount of one order"),
        null_means=NO_PURCHASE,
        parts=(LARGEST,),
        value=lambda t, _: money(t.largest),
    ),
    spend_within(days=90),
    spend_within(days=180),
    spend_within(months=12),
    orders_within(days=90),
    orders_within(days=180),
    orders_within(months=12),
    Metric(
        key="average_order",
        label=Text("客单价", "Average order"),
        unit=Unit.MONEY,
        formula=Text("累计消费额 ÷ 订单数,四舍五入到分", "Spend ÷ orders, rounded to the cent"),
        null_means=NO_PURCHASE,
        parts=(SOLD, REFUNDED, ORDERS),
        value=lambda t, _: divided(scaled(_spent(t), 2), t.orders_n * 100, places=2),
    ),
    Metric(
        key="discount_share",
        label=Text("优惠占比", "Discount share"),
        unit=Unit.SHARE,
        formula=Text("优惠金额 ÷ (订单金额 + 优惠金额)", "Discounts ÷ (order amounts + discounts)"),
        null_means=NO_PURCHASE,
        parts=(DISCOUNTED, SOLD),
        value=lambda t, _: divided(scaled(t.discounted, 2), scaled(t.sold + t.discounted, 2), places=4),
    ),
    Metric(
        key="returns",
        label=Text("退货次数", "Returns"),
        unit=Unit.COUNT,
        formula=Text("退货单数", "Number of returns"),
        null_means=NEVER,
        parts=(RETURNS,),
        value=lambda t, _: t.returns_n,
    ),
    Metric(
        key="return_rate",
        label=Text("退货率", "Return rate"),
        unit=Unit.SHARE,
        formula=Text("退货金额 ÷ 订单金额", "Amount returned ÷ amount ordered"),
        null_means=NO_PURCHASE,
        parts=(REFUNDED, SOLD),
        value=lambda t, _: divided(scaled(t.refunded, 2), scaled(t.sold, 2), places=4),
    ),
    Metric(
        key="gap_days",
        label=Text("平均购买间隔", "Usual gap"),
        unit=Unit.DAYS,
        formula=Text(
            "(最近购买日期 − 首次购买日期) ÷ (订单数 − 1)", "(Last purchase − first purchase) ÷ (orders − 1)"
        ),
        null_means=Text("购买不足两次", "fewer than two orders"),
        parts=(FIRST, LAST, ORDERS),
        value=lambda t, _: divided(days_between(t.first_on, t.last_on), t.orders_n - 1, places=1),
    ),
    Metric(
        key="trend",
        label=Text("消费趋势", "Spend trend"),
        unit=Unit.RATIO,
        formula=Text(
            "近90天消费额 ÷ 此前90天消费额", "Spend in the last 90 days ÷ spend in the 90 days before"
        ),
        null_means=Text("此前90天没有消费", "no spend in the 90 days before"),
        parts=(
            _sold(Window(days=90)),
            _refunded(Window(days=90)),
            _sold(Window(days=180)),
            _refunded(Window(days=180)),
        ),
        value=lambda t, _: _trend(t),
    ),
    Metric(
        key="channels_used",
        label=Text("购买渠道数", "Channels used"),
        unit=Unit.COUNT,
        formula=Text("下过单的不同渠道数", "Number of different channels of orders"),
        null_means=NEVER,
        parts=(CHANNELS,),
        value=lambda t, _: t.channels_n,
    ),
    Metric(
        key="online_share",
        label=Text("线上订单占比", "Online share"),
        unit=Unit.SHARE,
        formula=Text(
            "线上渠道订单数 ÷ 已知渠道的订单数",
            "Orders through online channels ÷ orders with a known channel",
        ),
        null_means=Text("没有已知渠道的订单", "no order with a known channel"),
        parts=(ONLINE_ORDERS, CHANNELLED),
        value=lambda t, _: divided(t.online_n, t.channelled_n, places=4),
    ),
    Metric(
        key="repeat",
        label=Text("是否复购", "Bought again"),
        unit=Unit.FLAG,
        formula=Text("订单数 ≥ 2 记 1,否则记 0", "1 with two orders or more, else 0"),
        null_means=NEVER,
        parts=(ORDERS,),
        value=lambda t, _: (t.orders_n >= 2).cast("int64"),
    ),
    Metric(
        key="repurchase_rate",
        label=Text("复购率", "Repurchase rate"),
        unit=Unit.SHARE,
        formula=Text("首单之后的订单数 ÷ 全部订单数", "Orders after the first ÷ all orders"),
        null_means=NO_PURCHASE,
        parts=(ORDERS,),
        value=lambda t, _: divided(t.orders_n - 1, t.orders_n, places=4),
    ),
)
