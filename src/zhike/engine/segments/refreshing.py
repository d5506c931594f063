"""A segment refreshed: who comes in and who goes out, asked of everybody or only of those to whom something happened."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir

from zhike.core.rules import Rule
from zhike.engine.lake import Session
from zhike.engine.segments.following import snapshot, touched
from zhike.engine.segments.limits import at_most
from zhike.engine.segments.members import members
from zhike.engine.segments.sources import stands_alone, tables_of

MANY = 100_000  # customers: after a large import asking everybody costs less than cutting all tables down


@dataclass(frozen=True, slots=True)
class Seen:
    """What a refresh saw: the day it was for, and the state of the lake (None: one that keeps no states)."""

    as_of: date
    snapshot: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Who is to be added and who removed (tables of customer_id), and how many are.

    `asked` tells how many customers were looked at again; None: all. `seen` is handed to the next refresh.
    """

    added: ir.Table
    removed: ir.Table
    coming: int
    going: int
    asked: int | None
    seen: Seen
    seconds: float


def refresh(
    session: Session,
    rule: Rule,
    as_of: date,
    stored: ir.Table | Iterable[int],
    *,
    last: Seen | None = None,
    seconds: float | None = None,
) -> Difference:
    """Compare whom the rule finds with the stored members (customer_id).

    With `last`, only customers are asked with a row that came, went or changed since then, where the rule allows it: it must
    compare nobody with others, and the day must be the same, because windows move on with the day. Else everybody is. Raises
    `TooSlow` after `seconds`. The tables last as long as the session.
    """
    began = time.perf_counter()
    with at_most(session, seconds):
        held = stored if isinstance(stored, ir.Table) else session.ids(stored)
        seen = Seen(as_of, snapshot(session))
        asked = _asked(session, rule, last, seen)
        found, before = _found(session, rule, as_of, held, asked)
        added = session.keep(found.anti_join(held, "customer_id"), "added")
        removed = session.keep(before.anti_join(found, "customer_id"), "removed")
        return Difference(
            added=added,
            removed=removed,
            coming=_count(session, added),
            going=_count(session, removed),
            asked=None if asked is None else _count(session, asked),
            seen=seen,
            seconds=time.perf_counter() - began,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The customers (customer_id) to whom something happened, and those of them whom the rule finds now."""

    asked: ir.Table
    found: ir.Table
    seen: Seen


def follow(session: Session, rule: Rule, last: Seen) -> Followed | None:
    """Ask a rule about those alone to whom something happened since `last`, for its day; None: everybody must be asked."""
    seen = Seen(last.as_of, snapshot(session))
    asked = _asked(session, rule, last, seen)
    if asked is None:
        return None
    found = session.keep(members(session, rule, last.as_of, among=asked), "found")
    return Followed(asked=asked, found=found, seen=seen)


def _asked(session: Session, rule: Rule, last: Seen | None, seen: Seen) -> ir.Table | None:
    """The customers who may have come in or gone out since the last refresh; None when it may be anybody."""
    if last is None or last.as_of != seen.as_of or not stands_alone(rule):
        return None
    if last.snapshot is None or seen.snapshot is None:
        return None
    found = touched(session, tables_of(rule), last.snapshot, seen.snapshot)
    return found if found is not None and _count(session, found) <= MANY else None


def _found(
    session: Session, rule: Rule, as_of: date, held: ir.Table, asked: ir.Table | None
) -> tuple[ir.Table, ir.Table]:
    """Whom the rule finds, and those of the stored members who were asked."""
    if asked is None:
        return session.keep(members(session, rule, as_of), "found"), held
    found = session.keep(members(session, rule, as_of, among=asked), "found")
    return found, held.semi_join(asked, "customer_id")


def _count(session: Session, table: ir.Table) -> int:
    return session.number(f"SELECT count(*) FROM ({session.sql(table)})")
