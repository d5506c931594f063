"""The rows of statements in the lake: put there by a job, read by pages, dropped when a statement is forgotten.

They are derived like everything in the lake: whoever resets it loses them, and computing the statement brings them back.
"""

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import SHAPES, Session
from zhike.engine.lake.session import CATALOGUE, quoted

TABLE = f'{CATALOGUE}.main."ledger"'


def put(session: Session, statement: str, found: ir.Table) -> int:
    """Keep the rows of a statement instead of those it had; returns how many."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in SHAPES["ledger"].items())
    ordered = ", ".join(f'"{name}"' for name in SHAPES["ledger"] if name != "statement")
    rows = session.keep(found, "entries")
    with session.turn(), session.transaction():
        session.cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})")
        session.number(f"DELETE FROM {TABLE} WHERE statement = {quoted(statement)}")
        select = f"SELECT {quoted(statement)}, {ordered} FROM ({session.sql(rows)}) ORDER BY customer_id"
        return session.number(f"INSERT INTO {TABLE} {select}")


def drop_others(session: Session, statements: Iterable[str]) -> int:
    """Forget the rows of all statements but these; returns how many."""
    if "ledger" not in session.names():
        return 0
    listed = ", ".join(quoted(one) for one in statements) or "''"
    with session.turn(), session.transaction():
        return session.number(f"DELETE FROM {TABLE} WHERE statement NOT IN ({listed})")


def kept(session: Session, statement: str, only: ir.Table | None = None) -> ir.Table:
    """The rows of a statement, of all customers or of those in `only` (customer_id)."""
    ledger = session.table("ledger") if "ledger" in session.names() else _nothing(session)
    rows = ledger.filter(ledger.statement == ibis.literal(statement))
    return rows if only is None else rows.semi_join(only, "customer_id")


def _nothing(session: Session) -> ir.Table:
    """The lake was reset: a session may remember the shape of a table that is gone."""
    columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in SHAPES["ledger"].items())
    return session.keep_sql(f"SELECT {columns} WHERE false", "no_ledger")
