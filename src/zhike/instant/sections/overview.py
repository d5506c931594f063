"""The key figures: how much, how many, month by month."""

from zhike.core import figures
from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.instant.computing import Findings, rows
from zhike.instant.report import Bar, Bars, Column, Figure, Section, Table, money_short, share

MOST_MONTHS = 48
_BY_MONTH = """
    SELECT month, sum(orders)::BIGINT AS orders, sum(buyers)::BIGINT AS buyers, sum(fresh)::BIGINT AS fresh,
        sum(amount)::DECIMAL(18,2) AS amount
    FROM (
        SELECT date_trunc('month', placed_on)::DATE AS month, count(*) AS orders, count(DISTINCT o.customer_id) AS buyers,
            count(DISTINCT CASE WHEN date_trunc('month', first_purchase_on) = date_trunc('month', placed_on)
                THEN o.customer_id END) AS fresh, sum(amount) AS amount
        FROM lake.main.orders o JOIN base b ON b.customer_id = o.customer_id GROUP BY 1
        UNION ALL
        SELECT date_trunc('month', returned_on)::DATE, 0, 0, 0, -sum(amount) FROM lake.main.returns GROUP BY 1
    ) GROUP BY month ORDER BY month
"""
_BASE = """
    SELECT count(*) AS customers, sum(repeat)::BIGINT AS repeaters, sum(spend_12m)::DECIMAL(18,2) AS spend_12m,
        median(orders) AS orders, median(recency_days) AS recency,
        (SELECT sum(spend) FROM (SELECT spend FROM base ORDER BY spend DESC LIMIT greatest(1, (SELECT count(*) // 5 FROM base))))
            AS top FROM base
"""


def cards(session: Session, findings: Findings) -> list[Figure]:
    """The figures at the head of the report."""
    loaded, (base,) = findings.loaded, rows(session, _BASE)
    net = loaded.orders_amount - loaded.returns_amount
    average = net / loaded.orders if loaded.orders else 0
    found = [
        Figure(label=Text("客户", "Customers"), value=figures.count(loaded.customers)),
        Figure(
            label=Text("订单", "Orders"),
            value=figures.count(loaded.orders),
            hint=str(
                Text(
                    f"每位中位数 {figures.plain(base['orders'])} 单",
                    f"median {figures.plain(base['orders'])} each",
                )
            ),
        ),
        Figure(
            label=Text("销售净额", "Net sales"),
            value=money_short(net),
            hint=str(
                Text(
                    f"近 12 个月 {money_short(base['spend_12m'])}",
                    f"last 12 months {money_short(base['spend_12m'])}",
                )
            ),
        ),
        Figure(label=Text("客单价", "Average order"), value=money_short(average)),
        Figure(
            label=Text("复购客户", "Bought again"),
            value=figures.share(share(base["repeaters"], loaded.customers)),
            hint=str(
                Text(
                    f"{figures.count(base['repeaters'])} 位买过两次以上",
                    f"{figures.count(base['repeaters'])} with two orders or more",
                )
            ),
        ),
    ]
    if loaded.profit is not None:
        margin = share(loaded.profit, net)
        found.append(
            Figure(
                label=Text("利润", "Profit"),
                value=money_short(loaded.profit),
                hint=str(Text(f"利润率 {figures.share(margin)}", f"margin {figures.share(margin)}")),
                tone="risk" if margin < 0 else "",
            )
        )
    return found


def concentration(session: Session, findings: Findings) -> Text:
    """How much the best fifth brings in."""
    (base,) = rows(session, _BASE)
    net = findings.loaded.orders_amount - findings.loaded.returns_amount
    portion = figures.share_whole(share(base["top"], net))
    return Text(
        f"消费最高的 20% 客户贡献了 {portion} 的销售额。",
        f"The best fifth of the customers brings in {portion} of the sales.",
    )


def section(session: Session, findings: Findings) -> Section:
    """Sales, orders and customers by month."""
    months = rows(session, _BY_MONTH)
    shown = months[-MOST_MONTHS:]
    bars = [
        Bar(label=f"{one['month']:%Y-%m}", value=float(one["amount"]), said=money_short(one["amount"]))
        for one in shown
    ]
    table = Table(
        title=Text("按月", "By month"),
        columns=(
            Column(Text("月份", "Month"), "text"),
            Column(Text("销售净额", "Net sales"), "money"),
            Column(Text("订单", "Orders"), "count"),
            Column(Text("下单客户", "Customers buying"), "count"),
            Column(Text("新客户", "New customers"), "count"),
        ),
        rows=[
            (f"{one['month']:%Y-%m}", one["amount"], one["orders"], one["buyers"], one["fresh"])
            for one in months
        ],
        sheet=Text("按月", "By month"),
        folded=True,
        shown=120,
    )
    chart = Bars(title=Text("每月销售净额", "Net sales by month"), bars=bars, unit="money")
    first, last = findings.loaded.first_on, findings.loaded.last_on
    best = max(months, key=lambda one: one["amount"])
    lead = Text(
        f"{first} 至 {last},最好的月份是 {best['month']:%Y-%m}({money_short(best['amount'])})。",
        f"{first} to {last}; the best month was {best['month']:%Y-%m} ({money_short(best['amount'])}).",
    )
    return Section(key="overview", title=Text("关键指标", "Key figures"), lead=lead, blocks=[chart, table])
