"""The installation's lake: which tables it copies, one session per process, and the sync."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from zhike.engine.lake import Lake, LakeTable, Session, SyncReceipt, Upkeep, maintain
from zhike.engine.lake import sync as engine_sync

_tables: dict[str, LakeTable] = {}


def table(definition: LakeTable) -> LakeTable:
    """Register a table that the lake copies from PostgreSQL."""
    _tables[definition.name] = definition
    return definition


def tables() -> list[LakeTable]:
    """Every registered table."""
    return list(_tables.values())


def source() -> str:
    """Where PostgreSQL listens, in libpq's words."""
    parts = connection.get_connection_params()
    kept = {name: parts[name] for name in ("dbname", "user", "password", "host", "port") if parts.get(name)}
    return make_conninfo("", **kept)


def folder() -> Path:
    """Where the lake's Parquet files are."""
    home: Path = settings.CONFIG.home
    return home / "lake" / str(connection.settings_dict["NAME"])


@lru_cache(maxsize=4)
def _lake(dsn: str) -> Lake:
    """One lake per process and database: attaching costs up to 0.7 s, cursors are cheap."""
    config = settings.CONFIG
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    return Lake(dsn, place, memory_limit=config.lake_memory, threads=config.lake_threads)


@contextmanager
def session() -> Iterator[Session]:
    """A session on the lake; the tables exist."""
    with _lake(source()).session() as opened:
        yield opened


def sync() -> SyncReceipt:
    """Bring the lake up to what PostgreSQL has committed; loses nothing under concurrent writers."""
    with session() as opened:
        return engine_sync(opened, tables(), source())


def tidy() -> Upkeep:
    """Merge the lake's small files and drop what is old; deletions that the lake has taken need no memory."""
    taken = sync()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_deletion WHERE tx < %s::text::xid8", [str(taken.through)])
    with session() as opened:
        return maintain(opened, now=datetime.now(UTC))


def close() -> None:
    """Let go of the lake's files and connections (at exit, and between tests)."""
    if _lake.cache_info().currsize:
        _lake(source()).close()
    _lake.cache_clear()
