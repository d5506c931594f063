"""Promises about facts that `zhike doctor` checks."""

from zhike.core.text import Text
from zhike.kernel import bulk, lake
from zhike.kernel.facts import Finding

AMOUNTS = """
    SELECT o.number FROM activity_order o
    LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM activity_orderline GROUP BY order_id) l ON l.order_id = o.id
    WHERE o.amount <> coalesce(o.total, l.amount, 0) LIMIT 20
"""
STRAYS = """
    SELECT l.id FROM activity_orderline l LEFT JOIN activity_order o ON o.id = l.order_id
    LEFT JOIN activity_product p ON p.id = l.product_id WHERE o.id IS NULL OR p.id IS NULL LIMIT 20
"""
SPENT = """
    SELECT customer_id, sum(amount) FROM (
        SELECT customer_id, amount FROM activity_order UNION ALL SELECT customer_id, -amount FROM activity_return
    ) f GROUP BY customer_id
"""


def amounts_are_sums() -> list[Finding]:
    """An order's amount is the sum of its lines, unless its source gave a total."""
    remedy = Text("请重新导入该订单。", "Import the order again.")
    return [
        Finding(
            place=f"activity.Order {number}",
            what=Text(
                f"订单 {number} 的金额与明细不符。",
                f"The amount of order {number} is not the sum of its lines.",
            ),
            remedy=remedy,
        )
        for (number,) in bulk.rows(AMOUNTS)
    ]


def no_stray_lines() -> list[Finding]:
    """Every order line has its order and its product."""
    return [
        Finding(
            place=f"activity.OrderLine {pk}",
            what=Text("订单明细没有对应的订单或商品。", "An order line has no order or no product."),
            remedy=Text("请从备份恢复,或删除该明细。", "Restore from a backup, or delete the line."),
        )
        for (pk,) in bulk.rows(STRAYS)
    ]


def spend_agrees() -> list[Finding]:
    """Spend is the same to the cent in PostgreSQL and in the lake, for every customer."""
    stored = {customer: spend for customer, spend in bulk.rows(SPENT) if spend}
    with lake.session() as session:
        if not {"orders", "returns"} <= set(session.names()):
            return []
        copied = dict(
            session.cursor.execute(
                "SELECT customer_id, sum(amount) FROM (SELECT customer_id, amount FROM lake.main.orders UNION ALL "
                "SELECT customer_id, -amount FROM lake.main.returns) GROUP BY customer_id HAVING sum(amount) <> 0"
            ).fetchall()
        )
    differing = [one for one in stored.keys() | copied.keys() if stored.get(one, 0) != copied.get(one, 0)]
    return [
        Finding(
            place=f"customers.Customer {one}",
            what=Text(
                f"消费额不一致:数据库 {stored.get(one, 0)},数据湖 {copied.get(one, 0)}。",
                f"Spend differs: database {stored.get(one, 0)}, lake {copied.get(one, 0)}.",
            ),
            remedy=Text(
                "请运行 zhike loop daily;若仍不一致,请重建数据湖。",
                "Run zhike loop daily; if it stays, rebuild the lake.",
            ),
        )
        for one in sorted(differing)[:20]
    ]
