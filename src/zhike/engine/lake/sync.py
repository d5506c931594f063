"""Bring the lake up to date with PostgreSQL without losing a late writer."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from zhike.engine.lake.session import CATALOGUE, Session, quoted
from zhike.engine.lake.tables import LakeTable

SOURCE = "source"
MARKS = f"{CATALOGUE}.main.sync_mark"


class TableReceipt(NamedTuple):
    """Rows of one table that a sync added, changed and removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReceipt:
    """What a sync did: per table counts, the transaction id below which nothing is open, and reloaded tables."""

    tables: Mapping[str, TableReceipt]
    through: int
    reloaded: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def moved(self) -> int:
        """Rows touched in all tables."""
        return sum(sum(counts) for counts in self.tables.values())


@dataclass(frozen=True, slots=True)
class _Moment:
    """One snapshot of PostgreSQL: ids below `xmin` are settled, ids from `xmax` on are not handed out yet."""

    xmin: int
    xmax: int
    cluster: str


def sync(session: Session, tables: Sequence[LakeTable], source: str, *, afresh: bool = False) -> SyncReceipt:
    """Make the lake equal to what PostgreSQL has committed, reading only what was written since the last sync.

    `source` is the libpq DSN of the PostgreSQL that holds the facts. All tables are read in one repeatable-read
    snapshot and written, with their marks, in one lake transaction. The mark is the snapshot's xmin: a transaction
    that is still open has an id of at least that, so its rows are read by the sync after its commit. Rows that were
    committed above xmin are taken now and read once more next time. `afresh` loads everything again.
    """
    started = time.perf_counter()
    with session.turn(), _attached(session, source), session.transaction():
        moment = _moment(session)
        marks = _marks(session)
        counts: dict[str, TableReceipt] = {}
        reloaded: list[str] = []
        for table in tables:
            mark = None if afresh else _usable(marks.get(table.name), table, moment)
            if mark is None:
                counts[table.name] = _load(session, table)
                reloaded.append(table.name)
                _remember(session, table, moment)
            else:
                counts[table.name], found = _advance(session, table, mark, moment)
                if found and mark < moment.xmin:
                    _remember(session, table, moment)
    return SyncReceipt(
        tables=counts, through=moment.xmin, reloaded=tuple(reloaded), seconds=time.perf_counter() - started
    )


def copied(session: Session, tables: Sequence[str]) -> dict[str, str]:
    """How far each table was copied, and its rows: another text after every sync that brought something."""
    held = session.names()
    if "sync_mark" not in held:
        return {}
    rows = session.cursor.execute(f"SELECT name, mark, fingerprint FROM {MARKS}").fetchall()
    return {
        name: f"{mark}/{fingerprint}/{session.number(f'SELECT count(*) FROM {CATALOGUE}.main.{name}')}"
        for name, mark, fingerprint in rows
        if name in tables and name in held
    }


def reset(session: Session) -> None:
    """Forget every table of the lake; the next sync loads all of it again."""
    with session.turn(), session.transaction():
        for name in sorted(session.views()):
            session.cursor.execute(f'DROP VIEW {CATALOGUE}.main."{name}"')
        for name in sorted(session.names()):
            session.cursor.execute(f'DROP TABLE {CATALOGUE}.main."{name}"')


@contextmanager
def _attached(session: Session, source: str) -> Iterator[None]:
    """PostgreSQL as a source, read by one thread: another would wait for the answer in a busy loop.

    2,000,000 orders cost 0.8 s of processor time instead of 2.4 s, which PostgreSQL needs on a small machine.
    """
    threads = session.number("SELECT current_setting('threads')")
    session.cursor.execute(f"ATTACH IF NOT EXISTS {quoted(source)} AS {SOURCE} (TYPE postgres, READ_ONLY)")
    session.cursor.execute("SET threads = 1")
    try:
        yield
    finally:
        session.cursor.execute(f"SET threads = {threads}")
        session.cursor.execute(f"DETACH DATABASE IF EXISTS {SOURCE}")


def _asked(query: str) -> str:
    return f"postgres_query('{SOURCE}', {quoted(query)})"


def _moment(session: Session) -> _Moment:
    query = """
        SELECT pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmax(s)::text AS xmax,
               (SELECT system_identifier FROM pg_control_system())::text || '/' ||
               (SELECT oid FROM pg_database WHERE datname = current_database())::text AS cluster
        FROM pg_current_snapshot() AS s
    """
    row = session.cursor.execute(f"SELECT xmin, xmax, cluster FROM {_asked(query)}").fetchone()
    if row is None:
        raise AssertionError("PostgreSQL always has a snapshot")
    return _Moment(int(row[0]), int(row[1]), str(row[2]))


def _marks(session: Session) -> dict[str, tuple[int, str, str]]:
    session.cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {MARKS} (name VARCHAR, mark BIGINT, fingerprint VARCHAR, cluster VARCHAR)"
    )
    found = session.cursor.execute(f"SELECT name, mark, fingerprint, cluster FROM {MARKS}").fetchall()
    return {name: (mark, fingerprint, cluster) for name, mark, fingerprint, cluster in found}


def _usable(mark: tuple[int, str, str] | None, table: LakeTable, moment: _Moment) -> int | None:
    """The mark to continue from; none when the table is new, was redeclared, or the database is another one."""
    if mark is None:
        return None
    through, fingerprint, cluster = mark
    same = fingerprint == table.fingerprint and cluster == moment.cluster
    return through if same and through <= moment.xmax else None


def _remember(session: Session, table: LakeTable, moment: _Moment) -> None:
    name, fingerprint, cluster = (quoted(text) for text in (table.name, table.fingerprint, moment.cluster))
    session.cursor.execute(f"DELETE FROM {MARKS} WHERE name = {name}")
    session.cursor.execute(f"INSERT INTO {MARKS} VALUES ({name}, {moment.xmin}, {fingerprint}, {cluster})")


def _load(session: Session, table: LakeTable) -> TableReceipt:
    """Load the whole table; in a restored dump rows may bear ids that this cluster has not reached."""
    name = _named(table)
    columns = ", ".join(f'"{column}" {kind}' for column, kind in table.columns.items())
    session.cursor.execute(f"DROP TABLE IF EXISTS {name}")
    session.cursor.execute(f"CREATE TABLE {name} ({columns})")
    added = session.number(f"INSERT INTO {name} SELECT {_cast(table)} FROM {_asked(table.query('true'))}")
    return TableReceipt(added, 0, 0)


def _advance(session: Session, table: LakeTable, mark: int, moment: _Moment) -> tuple[TableReceipt, bool]:
    """Take what was written since the mark; also tells whether anything was, even if it left the lake as it is."""
    gone, removed = _drop_deleted(session, table, _between("tx", mark, moment))
    read, added, changed = _take_written(session, table, _between(f"r.{table.tx}", mark, moment))
    return TableReceipt(added, changed, removed), bool(gone or read)


def _take_written(session: Session, table: LakeTable, written: str) -> tuple[int, int, int]:
    """Replace rows that differ from the lake's; returns rows read, added, changed."""
    name, query = _named(table), _asked(table.query(written))
    session.cursor.execute(f"CREATE OR REPLACE TEMP TABLE written AS SELECT {_cast(table)} FROM {query}")
    read = session.number("SELECT count(*) FROM written")
    if not read:
        return 0, 0, 0
    mine = f'SELECT * FROM {name} WHERE "{table.key}" IN (SELECT "{table.key}" FROM written)'
    session.cursor.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM written EXCEPT {mine}")
    changed = session.number(f'DELETE FROM {name} WHERE "{table.key}" IN (SELECT "{table.key}" FROM fresh)')
    taken = session.number(f"INSERT INTO {name} SELECT * FROM fresh")
    session.cursor.execute("DROP TABLE written")
    session.cursor.execute("DROP TABLE fresh")
    return read, taken - changed, changed


def _drop_deleted(session: Session, table: LakeTable, written: str) -> tuple[int, int]:
    """Drop the rows whose deletion was written; returns deletions found and rows dropped."""
    query = (
        f"SELECT row_id FROM kernel_deletion WHERE table_name = {quoted(table.deleted_from)} AND {written}"
    )
    session.cursor.execute(f"CREATE OR REPLACE TEMP TABLE gone AS SELECT row_id FROM {_asked(query)}")
    found = session.number("SELECT count(*) FROM gone")
    if not found:
        return 0, 0
    return found, session.number(
        f'DELETE FROM {_named(table)} WHERE "{table.key}" IN (SELECT row_id FROM gone)'
    )


def _between(column: str, mark: int, moment: _Moment) -> str:
    return f"{column} >= '{mark}'::xid8 AND {column} < '{moment.xmax}'::xid8"


def _named(table: LakeTable) -> str:
    return f'{CATALOGUE}.main."{table.name}"'


def _cast(table: LakeTable) -> str:
    """The columns of a lake table out of what PostgreSQL answers."""
    read = {column: table.days.get(column, column) for column in table.columns}
    return ", ".join(f'"{read[column]}"::{kind} AS "{column}"' for column, kind in table.columns.items())
