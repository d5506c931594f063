"""What must always hold of balance sheets; `zhike doctor` checks it against the orders in PostgreSQL, not in the lake."""

from __future__ import annotations

from decimal import Decimal

from zhike.core.text import Text
from zhike.engine import ledger
from zhike.engine.ledger.statement import CENT, money
from zhike.insight.ledger import reading
from zhike.insight.models import Statement
from zhike.kernel import bulk, lake
from zhike.kernel.facts import Finding

REMEDY = Text("请在“客户资产”页对这两个日期重新计算。", "Compute the balance sheet between these days again.")


def balance() -> list[Finding]:
    """Of each statement that holds: opening and movements meet closing, slices too, and revenue is that of the orders."""
    findings = []
    for statement in Statement.objects.order_by("first", "second"):
        if reading.holds(statement):
            findings += _checked(statement)
    return findings


def _checked(statement: Statement) -> list[Finding]:
    with lake.session() as session:
        rows = session.keep(ledger.kept(session, str(statement.key)), "statement")
        whole = ledger.total(session, rows).whole
        slices = [one for name in ledger.DIMENSIONS for one in ledger.slices(session, rows, name)]
    told, real = money(whole.earned0 + whole.ordered - whole.returned), _revenue(statement)
    found = []
    if not all(one.balances for one in slices) or whole.opening + whole.model + whole.change != whole.closing:
        found.append(Text("期初加变动不等于期末", "opening and movements do not meet closing"))
    if whole.customers and told != real:
        found.append(Text(f"收入 {told},订单 {real}", f"revenue {told}, orders {real}"))
    return [Finding(place=str(statement), what=what, remedy=REMEDY) for what in found]


def _revenue(statement: Statement) -> Decimal:
    day = "(placed_at AT TIME ZONE 'Asia/Shanghai')::date"
    ((revenue,),) = bulk.rows(
        f"""
        SELECT (SELECT coalesce(sum(amount), 0) FROM activity_order WHERE {day} <= %s)
             - (SELECT coalesce(sum(amount), 0) FROM activity_return WHERE returned_on <= %s)
        """,
        [statement.second, statement.second],
    )
    return Decimal(revenue).quantize(CENT)
