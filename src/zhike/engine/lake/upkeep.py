"""Keep the lake small and forgetful: merge small files, expire old snapshots, erase people for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from zhike.engine.lake.session import CATALOGUE, Session, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What maintenance did."""

    snapshots_expired: int
    files_removed: int


def maintain(session: Session, *, now: datetime, keep: timedelta = timedelta(days=1)) -> Upkeep:
    """Merge small files and drop snapshots older than `keep` with the files that only they used."""
    _rows(session, f"ducklake_flush_inlined_data('{CATALOGUE}')")
    _rows(session, f"ducklake_merge_adjacent_files('{CATALOGUE}')")
    before = now - keep
    expired = _expire(session, before)
    removed = _clean(session, before)
    return Upkeep(snapshots_expired=expired, files_removed=removed)


def erase(session: Session, customer_ids: Sequence[int]) -> int:
    """Delete every row of these customers from every table, snapshot and file; returns rows deleted."""
    if not customer_ids:
        return 0
    listed = ", ".join(str(int(customer)) for customer in customer_ids)
    deleted = 0
    with session.transaction():
        for name, column in _personal(session):
            deleted += session.number(f'DELETE FROM {CATALOGUE}.main."{name}" WHERE "{column}" IN ({listed})')
    purge(session)
    return deleted


def purge(session: Session) -> Upkeep:
    """Leave only the present: no deleted row stays in an inlined record, an old file or an old snapshot."""
    _rows(session, f"ducklake_flush_inlined_data('{CATALOGUE}')")
    _rows(session, f"ducklake_rewrite_data_files('{CATALOGUE}', delete_threshold => 0)")
    ahead = datetime.now(UTC) + timedelta(days=1)
    expired = _expire(session, ahead)
    removed = _rows(session, f"ducklake_cleanup_old_files('{CATALOGUE}', cleanup_all => true)")
    return Upkeep(snapshots_expired=expired, files_removed=removed)


def _personal(session: Session) -> list[tuple[str, str]]:
    found = session.cursor.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = 'main' AND column_name = 'customer_id' ORDER BY 1",
        [CATALOGUE],
    ).fetchall()
    own = [("customers", "id")] if "customers" in session.names() else []
    return [*own, *((str(table), str(column)) for table, column in found)]


def _expire(session: Session, before: datetime) -> int:
    stamp = quoted(before.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    return _rows(session, f"ducklake_expire_snapshots('{CATALOGUE}', older_than => TIMESTAMP {stamp})")


def _clean(session: Session, before: datetime) -> int:
    stamp = quoted(before.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    return _rows(session, f"ducklake_cleanup_old_files('{CATALOGUE}', older_than => TIMESTAMP {stamp})")


def _rows(session: Session, call: str) -> int:
    return session.number(f"SELECT count(*) FROM {call}")
