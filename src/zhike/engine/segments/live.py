"""How many customers a rule finds, and a few of them, while somebody edits it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir

from zhike.core.rules import Rule
from zhike.engine.lake import Session
from zhike.engine.segments.limits import at_most
from zhike.engine.segments.members import members

SAMPLE = 10
PATIENCE = 10.0  # seconds a page waits for a count


@dataclass(frozen=True, slots=True)
class Found:
    """How many customers a rule finds, some of them (the same ones each time), and the seconds it took."""

    count: int
    sample: tuple[int, ...]
    seconds: float


def count_and_sample(
    session: Session,
    rule: Rule,
    as_of: date,
    *,
    scope: ir.Table | Iterable[int] | None = None,
    sample: int = SAMPLE,
    seconds: float | None = PATIENCE,
) -> Found:
    """Count the customers for whom the rule holds, among those in `scope` (a table of customer_id, or ids; None: all).

    Reads only; temporary results are dropped with the session. Raises `TooSlow` after `seconds`.
    """
    began = time.perf_counter()
    with at_most(session, seconds):
        allowed = session.ids(scope) if scope is not None and not isinstance(scope, ir.Table) else scope
        found = session.keep(members(session, rule, as_of, scope=allowed), "found")
        count = session.number(f"SELECT count(*) FROM ({session.sql(found)})")
        some = found.order_by(found.customer_id.hash(), found.customer_id).limit(sample)
        chosen = tuple(row["customer_id"] for row in session.rows(some))
        session.drop(found)
    return Found(count, chosen, time.perf_counter() - began)
