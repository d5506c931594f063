"""What is settled about every customer, kept in the lake from one refresh to the next, so that a day costs what happened on it.

The metrics that pages read are a view of it. The kept rows are derived like the rest of the lake: erasing a customer erases
theirs, and without them everything is computed anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import duckdb
import ibis.expr.types as ir

from zhike.engine import incremental
from zhike.engine.lake.session import CATALOGUE, Session
from zhike.engine.metrics import store
from zhike.engine.metrics.computing import Stage, asked, compute, of_day, planned, tables_read
from zhike.engine.segments.following import snapshot, touched

SETTLED, MARK = "settled_metrics", "metric_mark"
WORTHWHILE = 100_000  # customers from which keeping rows costs less than computing them anew


@dataclass(frozen=True, slots=True)
class _Mark:
    """Of which day the kept rows are, what the lake's state was then, and for which metrics over which tables."""

    as_of: date
    snapshot: int
    fingerprint: str

    @property
    def statement(self) -> str:
        """What keeps it in the lake."""
        said = f"DATE '{self.as_of}' AS as_of, {self.snapshot}::BIGINT AS snapshot, '{self.fingerprint}' AS fingerprint"
        return f"CREATE OR REPLACE TABLE {_named(MARK)} AS SELECT {said}"


def refreshed(
    session: Session, as_of: date, keys: Iterable[str] | None = None, *, from_size: int | None = None
) -> ir.Table:
    """What `metrics.compute` gives, from what the last refresh kept where it serves; kept for pages to read.

    A base smaller than `from_size` customers (None: WORTHWHILE), or a lake that keeps no states, is computed and kept as a whole.
    """
    wanted, least = asked(keys), WORTHWHILE if from_size is None else from_size
    now = snapshot(session)
    size = session.number(f"SELECT count(*) FROM ({session.sql(session.table('customers'))}) AS c")
    if now is None or size < least:
        found = compute(session, as_of, wanted)
        store.keep(session, found, as_of)
        return found
    mark = _Mark(as_of, now, _fingerprint(session, wanted))
    advanced = _advanced(session, mark, wanted)
    changes = _anew(session, as_of, wanted) if advanced is None else _changes(session, advanced)
    with session.turn(), session.transaction():
        for statement in (*changes, mark.statement):
            session.cursor.execute(statement).fetchall()
        found = of_day(session.table_as_it_is(SETTLED), as_of, wanted)
        store.show(session, found, as_of)
    return found


def _anew(session: Session, as_of: date, wanted: tuple[str, ...]) -> list[str]:
    settled = session.sql(incremental.begin(session, as_of, wanted))
    return [f"CREATE OR REPLACE TABLE {_named(SETTLED)} AS FROM ({settled}) AS s ORDER BY customer_id"]


def _changes(session: Session, advanced: incremental.Advance) -> list[str]:
    moved, fresh = session.sql(advanced.moved), session.sql(advanced.fresh)
    return [
        f"DELETE FROM {_named(SETTLED)} WHERE customer_id IN (SELECT customer_id FROM ({moved}) AS m)",
        f"INSERT INTO {_named(SETTLED)} BY NAME SELECT * FROM ({fresh}) AS f ORDER BY customer_id",
    ]


def _advanced(session: Session, mark: _Mark, wanted: tuple[str, ...]) -> incremental.Advance | None:
    """What the new day changes in the kept rows; None when they are of other metrics, tables, or a state long gone."""
    last = _last(session)
    if last is None or last.fingerprint != mark.fingerprint:
        return None
    changed = touched(session, tables_read(session, wanted), last.snapshot, mark.snapshot)
    if changed is None:
        return None
    return incremental.advance(session, changed, since=last.as_of, as_of=mark.as_of, keys=wanted)


def _last(session: Session) -> _Mark | None:
    try:
        row = session.one(f"SELECT as_of, snapshot, fingerprint FROM {_named(MARK)}")
    except duckdb.CatalogException:
        return None
    return None if row is None else _Mark(row[0], int(row[1]), str(row[2]))


def _fingerprint(session: Session, wanted: tuple[str, ...]) -> str:
    """Changes with the metrics, with how they are computed, and with every table that was loaded afresh."""
    tables = tables_read(session, wanted)
    plan = planned(Stage.SETTLED, wanted, tables)
    found = session.cursor.execute(
        f"SELECT table_name, table_uuid::VARCHAR FROM ducklake_table_info('{CATALOGUE}') ORDER BY table_name"
    ).fetchall()
    held = [one for one in found if one[0] in tables]
    return sha256(repr((plan.sql, held)).encode()).hexdigest()[:16]


def _named(name: str) -> str:
    return f'{CATALOGUE}.main."{name}"'
