"""How a group of customers leans in what it does: how many of it, and of all, are under each key."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session


@dataclass(frozen=True, slots=True)
class Lean:
    """Customers of the group, and of all, under one key of one kind."""

    kind: str
    key: str
    inside: int
    overall: int


def leans(
    session: Session, tables: Mapping[str, ir.Table], group: ir.Table, only: ir.Table | None = None
) -> tuple[Lean, ...]:
    """Count a group against all, or against `only` them, by each table of customer_id and one key per customer.

    `group` has customer_id, and so has `only`, which holds the group. Kinds and keys in order.
    """
    if not tables:
        return ()
    parts = [_counted(kind, table, group, only) for kind, table in tables.items()]
    rows = session.rows(ibis.union(*parts).order_by("kind", "key"))
    return tuple(Lean(row["kind"], row["key"], int(row["inside"]), int(row["overall"])) for row in rows)


def _counted(kind: str, table: ir.Table, group: ir.Table, only: ir.Table | None) -> ir.Table:
    known = table.filter(table.key.notnull() & (table.key != ""))
    seen = known if only is None else known.semi_join(only, "customer_id")
    inner = group.select(of=group.customer_id)
    marked = seen.left_join(inner, seen.customer_id == inner.of)
    return marked.group_by(kind=ibis.literal(kind), key=marked.key).aggregate(
        inside=marked.of.count(), overall=marked.count()
    )
