"""What happened in the lake since a rule was last asked: whose rows were added, changed or removed."""

from collections.abc import Iterable

import duckdb
import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.lake.session import CATALOGUE


def snapshot(session: Session) -> int | None:
    """The number of the lake's present state; None for a lake that keeps none."""
    try:
        return session.number(f"FROM {CATALOGUE}.current_snapshot()")
    except duckdb.Error:
        return None


def touched(session: Session, tables: Iterable[str], since: int, now: int) -> ir.Table | None:
    """The customers (customer_id) with a row that came, went or changed after one state of the lake, up to another.

    None when it cannot be told: the lake forgets its earlier states after a day.
    """
    held = session.names()
    changes = [_changes(name, since + 1, now) for name in tables if name in held]
    none = "SELECT NULL::BIGINT AS customer_id WHERE false"
    try:
        return session.keep_sql(" UNION ".join(changes if since < now and changes else [none]), "touched")
    except duckdb.Error:
        return None


def _changes(name: str, first: int, last: int) -> str:
    key = "id" if name == "customers" else "customer_id"
    return f"""SELECT "{key}" AS customer_id FROM {CATALOGUE}.table_changes('{name}', {first}, {last})"""
