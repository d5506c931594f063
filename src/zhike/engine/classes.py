"""The RFM class and churn risk level of every customer as the latest runs found them, kept in the lake for rules to ask."""

import ibis.expr.types as ir

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.engine.lake.session import CATALOGUE, quoted

TABLE = "classes"
NAME = f"{CATALOGUE}.main.{TABLE}"


class NotClassedYet(Refusal):
    """No run has classed the customers since the lake was made."""


def held(session: Session, kind: str) -> ir.Table:
    """Per customer (customer_id) the class (key) of a kind; refuses when no run has kept any, rather than find nobody."""
    if TABLE not in session.names():
        raise NotClassedYet(
            Text(
                "还没有客户的 RFM 类别与流失风险级别。",
                "Customers have no RFM class and churn risk level yet.",
            ),
            Text(
                "请先运行一次每日更新,再使用这样的条件。",
                "Run the daily refresh once, then use such a condition.",
            ),
            place=Text("规则", "Rule"),
        )
    kept = session.table(TABLE)
    return kept.filter(kept.kind == kind).select("customer_id", "key")


def keep(session: Session, kind: str, found: ir.Table) -> None:
    """Make the classes of a kind those of `found` (customer_id, key); rows that are the same stay untouched.

    So whoever follows the lake's changes is told only of customers whose class became different.
    """
    fresh = session.sql(found)
    of_kind = f"SELECT customer_id, key FROM {NAME} WHERE kind = {quoted(kind)}"
    with session.turn(), session.transaction():
        session.cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {NAME} (customer_id BIGINT, kind VARCHAR, key VARCHAR)"
        )
        for statement in (
            f"DELETE FROM {NAME} WHERE kind = {quoted(kind)} AND (customer_id, key) NOT IN (FROM ({fresh}) AS f)",
            f"INSERT INTO {NAME} BY NAME SELECT customer_id, {quoted(kind)} AS kind, key FROM ({fresh} EXCEPT ({of_kind}))",
        ):
            session.cursor.execute(statement).fetchall()


def forget(session: Session, kind: str) -> None:
    """Leave nobody in a class of a kind."""
    if TABLE in session.names():
        with session.turn(), session.transaction():
            session.number(f"DELETE FROM {NAME} WHERE kind = {quoted(kind)}")
