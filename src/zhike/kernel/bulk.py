"""Many rows in few statements: COPY into a table, or into a temporary one that a set statement then reads."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, islice
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.models import BooleanField, F, Func, Value
from pyarrow import csv

# Few enough that the next lines are made while PostgreSQL still reads: a socket holds some two hundred kilobytes.
LINES = 100
ARROW_ROWS = 5_000
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {92: "\\\\", 9: "\\t", 10: "\\n", 13: "\\r"}
_names = count(1)


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into `table`; values are adapted by psycopg (None is NULL). Returns how many."""
    written = 0
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written


def copy_lines(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY rows that are already lines of PostgreSQL's text form: tabs between, `plain` texts, \\N for NULL, \\n at the end."""
    names = ", ".join(f'"{column}"' for column in columns)
    ready = iter(lines)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        while block := "".join(islice(ready, LINES)):
            copy.write(block)


def plain(text: str) -> str:
    """A text as `copy_lines` wants it."""
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


@contextmanager
def staged(columns: Mapping[str, str], rows: Iterable[Sequence[Any]], *, index: str = "") -> Iterator[str]:
    """A temporary table of the given columns (name → SQL type) filled with rows; dropped at the end.

    Needs an open transaction. `index` names columns worth an index. The table is analysed, so that the planner
    knows how large it is.
    """
    with _temporary(columns) as name:
        copy_rows(name, list(columns), rows)
        if index:
            run(f'CREATE INDEX ON "{name}" ({index})')
        run(f'ANALYZE "{name}"')
        yield name


@contextmanager
def staged_table(
    columns: Mapping[str, str], table: pa.Table | pa.RecordBatchReader, *, analysed: str = ""
) -> Iterator[str]:
    """A temporary table filled from Arrow columns that bear the same names; a column that is missing is NULL.

    A reader is read to its end, some thousand rows at a time. `analysed` names the columns that joins go by; to look at
    all of them takes as long as to write them.
    """
    present = [column for column in columns if column in table.schema.names]
    listed = ", ".join(f'"{column}"' for column in present)
    batches = table.to_batches(max_chunksize=ARROW_ROWS) if isinstance(table, pa.Table) else table
    with _temporary(columns) as name:
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{name}" ({listed}) FROM STDIN (FORMAT csv)') as copy,
        ):
            for batch in batches:
                copy.write(_as_csv(batch.select(present)))
        run(f'ANALYZE "{name}" ({analysed})' if analysed else f'ANALYZE "{name}"')
        yield name


def _as_csv(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
    written: bytes = sink.getvalue().to_pybytes()
    return written


@contextmanager
def _temporary(columns: Mapping[str, str]) -> Iterator[str]:
    name = f"staged_{next(_names)}"
    definition = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    run(f'CREATE TEMPORARY TABLE "{name}" ({definition}) ON COMMIT DROP')
    yield name
    run(f'DROP TABLE IF EXISTS "{name}"')


def run(sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
    """Execute one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return max(int(cursor.rowcount), 0)


def rows(sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows one statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def among(field: str, ids: Iterable[int]) -> Func:
    """A condition for `filter`: the field is one of many ids. `__in` would write out, split and adapt each by itself."""
    listed = Value("{" + ",".join(map(str, ids)) + "}")
    return Func(
        F(field),
        listed,
        template="(%(expressions)s::bigint[]))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def digest_array(digests: Iterable[bytes]) -> str:
    """Thousands of digests as one array in PostgreSQL's spelling; adapting each by itself would take longer than the query."""
    return "{" + ",".join(f'"\\\\x{digest.hex()}"' for digest in digests) + "}"
