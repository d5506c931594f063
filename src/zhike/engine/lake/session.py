"""One DuckDB per process with the lake attached, and sessions that compute in it side by side."""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from uuid import uuid4

import duckdb
import duckdb_extension_ducklake
import duckdb_extension_postgres_scanner
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis import Schema
from ibis.backends.duckdb import Backend
from ibis.backends.sql.datatypes import DuckDBType
from pyarrow import parquet

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.lake.tables import SHAPES

CATALOGUE = "lake"
SCHEMA = "lake"
BATCH = 10_000  # rows handed on at once
TURN = 0x5A48_4B45  # the advisory lock of whoever writes to the lake


class LakeUnreachable(Refusal):
    """The lake's catalogue could not be attached."""


class Session:
    """A cursor on the lake: its own transaction and temporary tables, shared data."""

    names_days: ClassVar[bool] = (
        True  # days stand in variables, so that a statement is compiled once for all days
    )

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        catalogue: str = "",
        schemas: dict[str, Schema] | None = None,
    ) -> None:
        self.cursor = cursor
        self.catalogue = catalogue
        self._schemas: dict[str, Schema] = {} if schemas is None else schemas
        self._ibis: Backend | None = None

    @property
    def ibis(self) -> Backend:
        """The Ibis backend on this cursor."""
        if self._ibis is None:
            self._ibis = ibis.duckdb.from_connection(self.cursor)
        return self._ibis

    def names(self) -> frozenset[str]:
        """The tables that the lake holds now."""
        return self._held("table")

    def views(self) -> frozenset[str]:
        """The views of them that it holds."""
        return self._held("view")

    def table(self, name: str) -> ir.Table:
        """A table of the lake as an Ibis table; one of the known shapes that was never synced is empty."""
        try:
            schema = self._schemas.get(name) or self._described(CATALOGUE, name)
        except duckdb.CatalogException:
            if name not in SHAPES:
                raise
        else:
            # Tables of the lake change their shape only with the program: no need to ask PostgreSQL each time.
            self._schemas[name] = schema
            return self._bound(CATALOGUE, name, schema)
        columns = ", ".join(f'"{column}" {kind}' for column, kind in SHAPES[name].items())
        self.cursor.execute(f'CREATE TEMP TABLE IF NOT EXISTS "no_{name}" ({columns})')
        return self._known("temp", f"no_{name}")

    def table_as_it_is(self, name: str) -> ir.Table:
        """The same for a table whose columns may have changed since it was last asked for."""
        return self._known(CATALOGUE, name)

    def keep(self, table: ir.Table, name: str = "kept") -> ir.Table:
        """Compute an expression once into a temporary table that lasts as long as the session."""
        return self.keep_sql(self.sql(table), name)

    def sql(self, table: ir.Table) -> str:
        """The SQL of an expression; a bare table needs no compiler, which takes milliseconds."""
        bound = table.op()
        if isinstance(bound, ops.DatabaseTable):
            return f'FROM {bound.namespace.catalog}.{bound.namespace.database}."{bound.name}"'
        compiled: str = self.ibis.compile(table)
        return compiled

    def keep_sql(self, query: str, name: str = "kept") -> ir.Table:
        """The same for an expression that is compiled already."""
        name = f"{name}_{uuid4().hex[:8]}"
        self.cursor.execute(f'CREATE TEMP TABLE "{name}" AS {query}')
        return self.temporary(name)

    def temporary(self, name: str) -> ir.Table:
        """A temporary table or view of this session."""
        return self._known("temp", name)

    def drop(self, kept: ir.Table) -> None:
        """Let go of what `keep` computed, before the session ends."""
        self.cursor.execute(f'DROP TABLE temp.main."{kept.op().name}"')

    def ids(self, values: Iterable[int], name: str = "customer_id") -> ir.Table:
        """Ids given from outside as a temporary table of one column, to join with.

        They travel as text: a registered Arrow table or a bound parameter would make DuckDB import pandas (1.2 s, 60 MB).
        """
        held = f"ids_{uuid4().hex[:8]}"
        listed = ",".join(str(int(value)) for value in values)
        given = f"SELECT unnest(string_split({quoted(listed)}, ',')) AS said"
        self.cursor.execute(
            f'CREATE TEMP TABLE "{held}" AS SELECT said::BIGINT AS "{name}" FROM ({given}) WHERE said <> \'\''
        )
        return self._known("temp", held)

    def take(self, table: pa.Table, name: str = "taken") -> ir.Table:
        """An Arrow table as a temporary one, through a file for the same reason."""
        with TemporaryDirectory() as folder:
            path = f"{folder}/{name}.parquet"
            parquet.write_table(table, path)
            return self.keep_sql(f"FROM read_parquet({quoted(path)})", name)

    def rows(self, table: ir.Table) -> list[dict[str, Any]]:
        """The rows of a small expression as plain Python values."""
        found: list[dict[str, Any]] = self.cursor.execute(self.sql(table)).to_arrow_table().to_pylist()
        return found

    def reader(self, statement: str) -> pa.RecordBatchReader:
        """The answer of a statement as Arrow batches, read while it is computed."""
        return self.cursor.execute(statement).to_arrow_reader(BATCH)

    def number(self, statement: str) -> int:
        """Run a statement to its end and give its one number, such as the rows it touched.

        To its end matters: a result that is not read out is not committed.
        """
        found = self.cursor.execute(statement).fetchall()
        return int(found[0][0]) if found else 0

    def one(self, statement: str) -> tuple[Any, ...] | None:
        """The first row of a statement; written so that Spark understands it too."""
        found: tuple[Any, ...] | None = self.cursor.execute(statement).fetchone()
        return found

    def quantiles(self, relation: str, steps: Mapping[str, Sequence[float]]) -> dict[str, tuple[Any, ...]]:
        """Discrete quantiles of columns: values that occur, none when the column has no value.

        One column after another: DuckDB holds all values of a column meanwhile, outside its own limit.
        """
        found: dict[str, tuple[Any, ...]] = {}
        for key, wanted in steps.items():
            row = self.one(f'SELECT quantile_disc("{key}", [{", ".join(map(repr, wanted))}]) FROM {relation}')
            found[key] = tuple((row and row[0]) or ())
        return found

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other process writes to the lake, and keep it so: writers take turns."""
        if not self.catalogue:
            yield
            return
        with psycopg.connect(self.catalogue, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [TURN])
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: commit at the end, roll back on an error."""
        self.cursor.begin()
        try:
            yield
        except BaseException:
            self.cursor.rollback()
            raise
        self.cursor.commit()

    def _held(self, kind: str) -> frozenset[str]:
        # Nothing is bound: a parameter would make DuckDB import pandas (0.3 s, 60 MB) in the first page that asks.
        found = self.cursor.execute(
            f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE database_name = {quoted(CATALOGUE)} AND schema_name = 'main'"
        ).fetchall()
        return frozenset(name for (name,) in found)

    def _known(self, catalog: str, name: str) -> ir.Table:
        """What `ibis.table` gives, with one question to the catalogue instead of several."""
        return self._bound(catalog, name, self._described(catalog, name))

    def _described(self, catalog: str, name: str) -> Schema:
        described = self.cursor.execute(f'DESCRIBE {catalog}.main."{name}"').fetchall()
        return ibis.schema({column: _ibis_type(kind) for column, kind, *_ in described})

    def _bound(self, catalog: str, name: str, schema: Schema) -> ir.Table:
        place = ops.Namespace(catalog=catalog, database="main")
        return ops.DatabaseTable(name, schema=schema, source=self.ibis, namespace=place).to_expr()


@lru_cache(maxsize=256)
def _ibis_type(kind: str) -> dt.DataType:
    return DuckDBType.from_string(kind)


class Lake:
    """The lake of one installation; opened on first use, once per process."""

    def __init__(
        self,
        dsn: str,
        data_path: str | Path,
        *,
        memory_limit: str = "1GB",
        threads: int | None = None,
        temp_directory: str | Path | None = None,
    ) -> None:
        self.dsn = dsn
        self.data_path = Path(data_path)
        self.memory_limit = memory_limit
        self.threads = threads or max(1, os.cpu_count() or 1)
        self.temp_directory = Path(temp_directory) if temp_directory else self.data_path / ".spill"
        self._schemas: dict[str, Schema] = {}
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._process = 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session; temporary tables end with it."""
        cursor = self._connected().cursor()
        try:
            yield Session(cursor, self.dsn, self._schemas)
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the files and of the catalogue."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None
            self._schemas.clear()

    def _connected(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None or self._process != os.getpid():
                self._connection = self._open()
                self._process = os.getpid()
            return self._connection

    def _open(self) -> duckdb.DuckDBPyConnection:
        self.data_path.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={
                "memory_limit": self.memory_limit,
                "threads": self.threads,
                "temp_directory": str(self.temp_directory),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        connection.execute("SET TimeZone = 'UTC'")
        # Who wants an order asks for it; to keep one that nobody asked for costs a large computation a third more.
        connection.execute("SET preserve_insertion_order = false")
        for extension in (
            _extension(duckdb_extension_postgres_scanner),
            _extension(duckdb_extension_ducklake),
        ):
            connection.execute(f"LOAD {quoted(str(extension))}")
        self._attach(connection)
        return connection

    def _attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        options = f"DATA_PATH {quoted(str(self.data_path) + '/')}, METADATA_SCHEMA '{SCHEMA}', OVERRIDE_DATA_PATH true"
        statement = f"ATTACH {quoted('ducklake:postgres:' + self.dsn)} AS {CATALOGUE} ({options})"
        try:
            connection.execute(statement)
        except duckdb.Error:
            time.sleep(0.5)  # two processes that start together may both try to create the catalogue
            try:
                connection.execute(statement)
            except duckdb.Error as error:
                raise _unreachable(self.data_path) from error


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _extension(wheel: object) -> Path:
    root = Path(str(getattr(wheel, "__file__", ""))).parent / "extensions" / f"v{duckdb.__version__}"
    return next(root.glob("*.duckdb_extension"))


def _unreachable(data_path: Path) -> LakeUnreachable:
    return LakeUnreachable(
        Text(
            zh=f"无法打开数据湖目录 {data_path} 或其在 PostgreSQL 中的目录表。",
            en=f"The lake at {data_path} or its catalogue in PostgreSQL cannot be opened.",
        ),
        Text(
            zh="请确认 PostgreSQL 正在运行、目录可写,然后重试;数据湖可随时由 PostgreSQL 重建。",
            en="Check that PostgreSQL runs and the folder is writable, then try again; the lake can be rebuilt at any time.",
        ),
        place=Text(zh="数据湖", en="Lake"),
    )
