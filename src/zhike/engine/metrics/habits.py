"""Metrics of how a customer buys: rhythm, baskets, and what they keep to."""

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Group, Metric, Part, Unit
from zhike.engine.metrics.exact import cents, days_between, days_since, decimal, divided, money, scaled
from zhike.engine.metrics.purchases import FIRST, LAST, NEVER, NO_PURCHASE, ORDERS

# Channels are free text in files: what an online one is called, in either language.
ONLINE = "|".join(
    (
        # What ends a word is said by hand: engines differ on whether a Chinese character is part of one.
        "(^|[^0-9a-z_])(online|web|web ?site|app|h5|e-?commerce|mini.?program|wechat|weixin|livestream|marketplace)"
        "([^0-9a-z_]|$)",
        "线上|网上|网店|网站|官网|网购|网络|小程序|公众号|微信|电商|直播|商城|手机",
        "天猫|淘宝|京东|抖音|拼多多|快手|小红书",
    )
)
ONCE = Text("购买不足两次", "fewer than two orders")
NO_LINES = Text("没有订单明细", "no order lines")


def _whole(value: ir.Value) -> ir.Value:
    """A sum of counts as a plain whole number: databases widen it."""
    return value.cast("int64")


FIRST_AMOUNT = Part(
    "first_amount",
    "orders",
    lambda t, _: cents(t.amount.argmin(ibis.struct({"at": t.placed_at, "id": t.id}))),
)
SECOND = Part("second_on", "orders_in_turn", lambda t, _: t.placed_on.min(where=t.place == 1))
PURCHASE_DAYS = Part(
    "purchase_days_n", "orders_in_turn", lambda t, _: t.count(where=t.gap.isnull() | (t.gap > 0)), 0
)
GAPS_SQUARED = Part("gaps_squared", "orders_in_turn", lambda t, _: _whole((t.gap * t.gap).sum()), 0)
LONGEST_GAP = Part("gap_most", "orders_in_turn", lambda t, _: t.gap.max())

CHANNELS = Part("channels_n", "orders_by_channel", lambda t, _: t.count(), 0)
CHANNELLED = Part("channelled_n", "orders_by_channel", lambda t, _: _whole(t.n.sum()), 0)
TOP_CHANNEL = Part("top_channel_n", "orders_by_channel", lambda t, _: t.n.max(), 0)
ONLINE_ORDERS = Part(
    "online_n",
    "orders_by_channel",
    lambda t, _: _whole(t.n.sum(where=t.name.lower().re_search(ONLINE)).fill_null(0)),
    0,
)
STORES = Part("stores_n", "orders_by_store", lambda t, _: t.count(), 0)
STORED = Part("stored_n", "orders_by_store", lambda t, _: _whole(t.n.sum()), 0)
TOP_STORE = Part("top_store_n", "orders_by_store", lambda t, _: t.n.max(), 0)
ACTIVE_MONTHS = Part("active_months_n", "orders_by_month", lambda t, _: t.count(), 0)
YEAR_SOLD = Part("year_sold", "orders_by_month", lambda t, _: cents(t.sold.sum()), 0)
TOP_MONTH = Part("top_month_sold", "orders_by_month", lambda t, _: cents(t.sold.max()), 0)

LINES = Part("lines_n", "order_lines", lambda t, _: t.count(), 0)
LINED = Part("lined_orders_n", "order_lines", lambda t, _: t.order_id.nunique(), 0)
UNITS = Part("units_q", "order_lines", lambda t, _: scaled(t.quantity.sum(), 3), 0)  # thousandths
LINES_SOLD = Part("lines_sold", "order_lines", lambda t, _: cents(t.amount.sum()), 0)
PRODUCTS = Part("products_n", "order_lines", lambda t, _: t.product_code.nullif("").nunique(), 0)
CATEGORIES = Part("categories_n", "lines_by_category", lambda t, _: t.count(), 0)
CATEGORISED = Part("categorised", "lines_by_category", lambda t, _: cents(t.bought.sum()), 0)
TOP_CATEGORY = Part("top_category", "lines_by_category", lambda t, _: cents(t.bought.max()), 0)


def _evenness(t: ir.Table) -> ir.Value:
    span = days_between(t.first_on, t.last_on)
    return divided(span * span, (t.orders_n - 1) * t.gaps_squared, places=4)


def _overdue(t: ir.Table, as_of: ir.DateScalar) -> ir.Value:
    waited, span = days_since(t.last_on, as_of), days_between(t.first_on, t.last_on)
    return divided(waited * (t.orders_n - 1), span, places=2)


HABITS: tuple[Metric, ...] = (
    Metric(
        key="first_order",
        label=Text("首单金额", "First order"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text(
            "最早一笔订单的金额(同一时刻取编号最小者)",
            "Amount of the earliest order (lowest number among equals)",
        ),
        null_means=NO_PURCHASE,
        parts=(FIRST_AMOUNT,),
        value=lambda t, _: money(t.first_amount),
    ),
    Metric(
        key="second_purchase_on",
        label=Text("第二次购买日期", "Second purchase"),
        unit=Unit.DATE,
        group=Group.PURCHASE,
        formula=Text("按时间第二笔订单的下单日期", "Day of the second order in time"),
        null_means=ONCE,
        parts=(SECOND,),
        value=lambda t, _: t.second_on,
    ),
    Metric(
        key="purchase_days",
        label=Text("购买天数", "Days with a purchase"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("下过单的不同日期数", "Number of different days with an order"),
        null_means=NEVER,
        parts=(PURCHASE_DAYS,),
        value=lambda t, _: t.purchase_days_n,
    ),
    Metric(
        key="longest_gap",
        label=Text("最长购买间隔", "Longest gap"),
        unit=Unit.DAYS,
        group=Group.PURCHASE,
        formula=Text("相邻两笔订单相隔天数的最大值", "Most days between one order and the next"),
        null_means=ONCE,
        parts=(LONGEST_GAP,),
        value=lambda t, _: t.gap_most,
    ),
    Metric(
        key="gap_evenness",
        label=Text("购买规律性", "Regularity"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text(
            "间隔之和的平方 ÷ (间隔个数 × 间隔平方和):1 为完全等距,越小越没有规律",
            "Square of the sum of gaps ÷ (number of gaps × sum of squared gaps): 1 with equal gaps, less the less regular",
        ),
        null_means=Text("全部订单在同一天,或购买不足两次", "all orders on one day, or fewer than two"),
        parts=(FIRST, LAST, ORDERS, GAPS_SQUARED),
        value=lambda t, _: _evenness(t),
    ),
    Metric(
        key="overdue_ratio",
        label=Text("逾期倍数", "Overdue ratio"),
        unit=Unit.RATIO,
        group=Group.PURCHASE,
        formula=Text(
            "距上次购买天数 ÷ 平均购买间隔:超过 1 即比平常来得晚",
            "Days since last purchase ÷ usual gap: above 1 is later than usual",
        ),
        null_means=Text("全部订单在同一天,或购买不足两次", "all orders on one day, or fewer than two"),
        parts=(FIRST, LAST, ORDERS),
        value=lambda t, when: _overdue(t, when.as_of),
    ),
    Metric(
        key="active_months",
        label=Text("近一年活跃月数", "Active months in the year"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text(
            "本月与前11个月中有订单的自然月数",
            "Calendar months with an order, of this month and the 11 before",
        ),
        null_means=NEVER,
        parts=(ACTIVE_MONTHS,),
        value=lambda t, _: t.active_months_n,
    ),
    Metric(
        key="peak_month_share",
        label=Text("旺月占比", "Peak month's share"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text(
            "本月与前11个月中金额最高一月的订单金额 ÷ 这12个月的订单金额",
            "Order amounts of the best month ÷ those of this month and the 11 before",
        ),
        null_means=Text("这12个月没有购买", "no purchase in these 12 months"),
        parts=(TOP_MONTH, YEAR_SOLD),
        value=lambda t, _: divided(t.top_month_sold, t.year_sold, places=4),
    ),
    Metric(
        key="channels_used",
        label=Text("购买渠道数", "Channels used"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("下过单的不同渠道数", "Number of different channels of orders"),
        null_means=NEVER,
        parts=(CHANNELS,),
        value=lambda t, _: t.channels_n,
    ),
    Metric(
        key="online_share",
        label=Text("线上订单占比", "Online share"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text(
            "线上渠道订单数 ÷ 已知渠道的订单数",
            "Orders through online channels ÷ orders with a known channel",
        ),
        null_means=Text("没有已知渠道的订单", "no order with a known channel"),
        parts=(ONLINE_ORDERS, CHANNELLED),
        value=lambda t, _: divided(t.online_n, t.channelled_n, places=4),
    ),
    Metric(
        key="top_channel_share",
        label=Text("主渠道占比", "Main channel's share"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text(
            "订单最多的渠道的订单数 ÷ 已知渠道的订单数",
            "Orders through the most used channel ÷ orders with a known channel",
        ),
        null_means=Text("没有已知渠道的订单", "no order with a known channel"),
        parts=(TOP_CHANNEL, CHANNELLED),
        value=lambda t, _: divided(t.top_channel_n, t.channelled_n, places=4),
    ),
    Metric(
        key="stores_used",
        label=Text("购买门店数", "Stores used"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("下过单的不同门店数", "Number of different stores of orders"),
        null_means=NEVER,
        parts=(STORES,),
        value=lambda t, _: t.stores_n,
    ),
    Metric(
        key="top_store_share",
        label=Text("主门店占比", "Main store's share"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text(
            "订单最多的门店的订单数 ÷ 已知门店的订单数",
            "Orders in the most visited store ÷ orders with a known store",
        ),
        null_means=Text("没有已知门店的订单", "no order with a known store"),
        parts=(TOP_STORE, STORED),
        value=lambda t, _: divided(t.top_store_n, t.stored_n, places=4),
    ),
    Metric(
        key="units",
        label=Text("购买件数", "Units"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("订单明细数量合计", "Quantities of all order lines"),
        null_means=NEVER,
        parts=(UNITS,),
        value=lambda t, _: decimal(t.units_q, 3),
    ),
    Metric(
        key="units_per_order",
        label=Text("每单件数", "Units per order"),
        unit=Unit.RATIO,
        group=Group.PURCHASE,
        formula=Text("订单明细数量合计 ÷ 有明细的订单数", "Quantities of order lines ÷ orders with lines"),
        null_means=NO_LINES,
        parts=(UNITS, LINED),
        value=lambda t, _: divided(t.units_q, t.lined_orders_n * 1000, places=2),
    ),
    Metric(
        key="lines_per_order",
        label=Text("每单商品行数", "Lines per order"),
        unit=Unit.RATIO,
        group=Group.PURCHASE,
        formula=Text("订单明细行数 ÷ 有明细的订单数", "Number of order lines ÷ orders with lines"),
        null_means=NO_LINES,
        parts=(LINES, LINED),
        value=lambda t, _: divided(t.lines_n, t.lined_orders_n, places=2),
    ),
    Metric(
        key="unit_price",
        label=Text("件单价", "Price per unit"),
        unit=Unit.MONEY,
        group=Group.VALUE,
        formula=Text("订单明细金额合计 ÷ 数量合计", "Amounts of order lines ÷ quantities"),
        null_means=NO_LINES,
        parts=(LINES_SOLD, UNITS),
        value=lambda t, _: divided(t.lines_sold * 10, t.units_q, places=2),
    ),
    Metric(
        key="products",
        label=Text("购买商品数", "Products"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("买过的不同商品数", "Number of different products bought"),
        null_means=NEVER,
        parts=(PRODUCTS,),
        value=lambda t, _: t.products_n,
    ),
    Metric(
        key="categories",
        label=Text("购买品类数", "Categories"),
        unit=Unit.COUNT,
        group=Group.PURCHASE,
        formula=Text("买过的不同商品类别数", "Number of different product categories bought"),
        null_means=NEVER,
        parts=(CATEGORIES,),
        value=lambda t, _: t.categories_n,
    ),
    Metric(
        key="top_category_share",
        label=Text("主品类占比", "Main category's share"),
        unit=Unit.SHARE,
        group=Group.PURCHASE,
        formula=Text(
            "金额最高的品类 ÷ 已知品类的明细金额", "Amount of the largest category ÷ amounts with a category"
        ),
        null_means=Text("没有已知品类的明细", "no order line with a category"),
        parts=(TOP_CATEGORY, CATEGORISED),
        value=lambda t, _: divided(t.top_category, t.categorised, places=4),
    ),
)
