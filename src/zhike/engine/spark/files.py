"""Which Parquet files hold the lake's tables now, so that another engine can read them without its catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import ibis

from zhike.engine.lake.session import CATALOGUE, Session, quoted


@dataclass(frozen=True, slots=True)
class TableFiles:
    """One table: its columns, and the files that hold exactly its rows."""

    schema: ibis.Schema
    paths: tuple[str, ...]
    size: int


LakeFiles: TypeAlias = Mapping[str, TableFiles]


def plain_files(session: Session, *, here: str = "", seen_from: str = "") -> LakeFiles:
    """The files of every table, after rows that were deleted or still lie in the catalogue are written out.

    `here` is the lake's folder, `seen_from` the same as the other engine reaches it (a mount, or s3a://…; empty: as it is
    here). The files stay until an upkeep drops snapshots older than a day: a long computation reads what it began with.
    """
    with session.turn():
        # A deletion may stand in the catalogue alone: the list of files does not tell of it before this.
        session.number(f"SELECT count(*) FROM ducklake_flush_inlined_data('{CATALOGUE}')")
        session.number(
            f"SELECT count(*) FROM ducklake_rewrite_data_files('{CATALOGUE}', delete_threshold => 0)"
        )
        return {name: _of(session, name, here, seen_from) for name in sorted(session.names())}


def _of(session: Session, name: str, here: str, seen_from: str) -> TableFiles:
    listed = session.cursor.execute(
        f"SELECT data_file, data_file_size_bytes FROM ducklake_list_files('{CATALOGUE}', {quoted(name)})"
    ).fetchall()
    paths = tuple(_seen(str(path), here, seen_from) for path, _ in listed)
    return TableFiles(session.table(name).schema(), paths, sum(int(size or 0) for _, size in listed))


def _seen(path: str, here: str, seen_from: str) -> str:
    if not seen_from:
        return path
    if not path.startswith(here):
        raise ValueError(f"{path} does not lie under {here}")
    return f"{seen_from.rstrip('/')}/{path.removeprefix(here).lstrip('/')}"
