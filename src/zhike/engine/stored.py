"""Parts of every customer kept in the lake from one refresh to the next, so that a day costs what happened on it.

The kept rows are derived like the rest of the lake: erasing a customer erases theirs, and without them everything is computed anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import duckdb
import ibis.expr.types as ir

from zhike.engine import incremental
from zhike.engine.lake.session import CATALOGUE, Session
from zhike.engine.metrics.computing import Stage, asked, compute, planned, tables_read
from zhike.engine.segments.following import snapshot, touched

PARTS, MARK = "metric_parts", "metric_mark"
WORTHWHILE = 100_000  # customers from which keeping parts costs less than computing them anew


@dataclass(frozen=True, slots=True)
class _Mark:
    """Of which day the kept parts are, what the lake's state was then, and for which metrics over which tables."""

    as_of: date
    snapshot: int
    fingerprint: str


def refreshed(
    session: Session, as_of: date, keys: Iterable[str] | None = None, *, from_size: int | None = None
) -> ir.Table:
    """What `metrics.compute` gives, from the parts kept by the last refresh where they serve; keeps those of this one.

    A base smaller than `from_size` customers (None: WORTHWHILE), or a lake that keeps no states, is computed as a whole and
    nothing is kept.
    """
    wanted, least = asked(keys), WORTHWHILE if from_size is None else from_size
    now = snapshot(session)
    size = session.number(f"SELECT count(*) FROM ({session.sql(session.table('customers'))}) AS c")
    if now is None or size < least:
        return compute(session, as_of, wanted)
    mark = _Mark(as_of, now, _fingerprint(session, wanted))
    found = _advanced(session, mark, wanted)
    if found is None:
        parts = incremental.begin(session, as_of, wanted)
        _keep(session, mark, [f"CREATE OR REPLACE TABLE {_named(PARTS)} AS {session.sql(parts)}"])
    else:
        parts = incremental.together(session, found)
        moved, fresh = session.sql(found.moved), session.sql(found.fresh)
        names = ", ".join(f'"{name}"' for name in found.kept.columns)
        gone = f"DELETE FROM {_named(PARTS)} WHERE customer_id IN (SELECT customer_id FROM ({moved}) AS m)"
        come = f"INSERT INTO {_named(PARTS)} ({names}) SELECT {names} FROM ({fresh}) AS f"
        _keep(session, mark, [gone, come])
    return incremental.metrics_of(session, parts, as_of, wanted)


def _advanced(session: Session, mark: _Mark, wanted: tuple[str, ...]) -> incremental.Advance | None:
    """The parts of the new day from the kept ones; None when they are of other metrics, tables, or a state long gone."""
    last = _last(session)
    if last is None or last.fingerprint != mark.fingerprint:
        return None
    changed = touched(session, tables_read(session, wanted), last.snapshot, mark.snapshot)
    if changed is None:
        return None
    kept = session.table_as_it_is(PARTS)
    return incremental.advance(session, kept, changed, since=last.as_of, as_of=mark.as_of, keys=wanted)


def _last(session: Session) -> _Mark | None:
    try:
        row = session.one(f"SELECT as_of, snapshot, fingerprint FROM {_named(MARK)}")
    except duckdb.CatalogException:
        return None
    return None if row is None else _Mark(row[0], int(row[1]), str(row[2]))


def _keep(session: Session, mark: _Mark, statements: list[str]) -> None:
    """Change the kept parts and say of when they are, in one transaction of the lake."""
    with session.turn(), session.transaction():
        for statement in statements:
            session.cursor.execute(statement).fetchall()
        said = f"DATE '{mark.as_of}' AS as_of, {mark.snapshot}::BIGINT AS snapshot, '{mark.fingerprint}' AS fingerprint"
        session.cursor.execute(f"CREATE OR REPLACE TABLE {_named(MARK)} AS SELECT {said}").fetchall()


def _fingerprint(session: Session, wanted: tuple[str, ...]) -> str:
    """Changes with the metrics, with how they are computed, and with every table that was loaded afresh."""
    tables = tables_read(session, wanted)
    plan = planned(Stage.PARTS, wanted, tables)
    found = session.cursor.execute(
        f"SELECT table_name, table_uuid::VARCHAR FROM ducklake_table_info('{CATALOGUE}') ORDER BY table_name"
    ).fetchall()
    held = [one for one in found if one[0] in tables]
    return sha256(repr((plan.sql, held)).encode()).hexdigest()[:16]


def _named(name: str) -> str:
    return f'{CATALOGUE}.main."{name}"'
