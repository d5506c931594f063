"""Keep the lake small and forgetful: merge small files, expire old snapshots, erase people for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from zhike.engine.lake.session import CATALOGUE, Session

REWRITTEN_FROM = 0.2  # share of deleted rows from which a file is written anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What maintenance did."""

    snapshots_expired: int
    files_removed: int


def maintain(session: Session, *, now: datetime, keep: timedelta = timedelta(days=1)) -> Upkeep:
    """Merge small files, rewrite files that are full of deleted rows, and drop snapshots older than `keep`."""
    with session.turn():
        _rows(session, f"ducklake_flush_inlined_data('{CATALOGUE}')")
        _rows(session, f"ducklake_rewrite_data_files('{CATALOGUE}', delete_threshold => {REWRITTEN_FROM})")
        _rows(session, f"ducklake_merge_adjacent_files('{CATALOGUE}')")
        expired = _expire(session, now - keep)
        return Upkeep(
            snapshots_expired=expired, files_removed=_clean(session, f"older_than => {_stamp(now - keep)}")
        )


def erase(session: Session, customer_ids: Sequence[int]) -> int:
    """Delete every row of these customers from every table, snapshot and file; returns rows deleted.

    Their rows in PostgreSQL must be gone and committed, or the next sync brings them back.
    """
    if not customer_ids:
        return 0
    listed = ", ".join(str(int(customer)) for customer in customer_ids)
    deleted = 0
    with session.turn():
        with session.transaction():
            for name, column in _personal(session):
                deleted += session.number(
                    f'DELETE FROM {CATALOGUE}.main."{name}" WHERE "{column}" IN ({listed})'
                )
        _purge(session)
    return deleted


def purge(session: Session) -> Upkeep:
    """Leave only the present: no deleted row stays in an inlined record, an old file or an old snapshot."""
    with session.turn():
        return _purge(session)


def _purge(session: Session) -> Upkeep:
    _rows(session, f"ducklake_flush_inlined_data('{CATALOGUE}')")
    _rows(session, f"ducklake_rewrite_data_files('{CATALOGUE}', delete_threshold => 0)")
    expired = _expire(session, datetime.now(UTC) + timedelta(days=1))
    return Upkeep(snapshots_expired=expired, files_removed=_clean(session, "cleanup_all => true"))


def _personal(session: Session) -> list[tuple[str, str]]:
    found = session.cursor.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        f"WHERE database_name = '{CATALOGUE}' AND schema_name = 'main' AND column_name = 'customer_id' ORDER BY 1"
    ).fetchall()
    tables = session.names()  # views have columns as well, but no rows of their own
    own = [("customers", "id")] if "customers" in tables else []
    return [*own, *((str(table), str(column)) for table, column in found if table in tables)]


def _expire(session: Session, before: datetime) -> int:
    return _rows(session, f"ducklake_expire_snapshots('{CATALOGUE}', older_than => {_stamp(before)})")


def _clean(session: Session, which: str) -> int:
    return _rows(session, f"ducklake_cleanup_old_files('{CATALOGUE}', {which})")


def _stamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"


def _rows(session: Session, call: str) -> int:
    return session.number(f"SELECT count(*) FROM {call}")
