"""A session that computes on Spark, with the front door of the lake's own, so that engine code takes either."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType, PySparkType

from zhike.engine.lake.session import Session
from zhike.engine.lake.tables import SHAPES
from zhike.engine.spark.dialect import compiled, spark_type
from zhike.engine.spark.files import LakeFiles


class SparkSession(Session):
    """The lake's files as tables of Spark; computations that go through Ibis or plain SQL give the same answers here."""

    names_days: ClassVar[bool] = False

    def __init__(self, spark: Any, files: LakeFiles) -> None:
        self.spark = spark
        self.catalogue = ""
        self._files = files
        self._tables: dict[str, ir.Table] = {}
        self._kept: dict[str, Any] = {}

    @property
    def cursor(self) -> Any:  # type: ignore[override]
        """Spark has none: what asks for it is written for DuckDB alone."""
        raise NotImplementedError("this computation is written for DuckDB and does not run on Spark")

    def names(self) -> frozenset[str]:
        """The tables whose files are known."""
        return frozenset(self._files)

    def table(self, name: str) -> ir.Table:
        """A table of the lake; one of the known shapes that was never synced is empty."""
        if name not in self._tables:
            self._tables[name] = self._opened(name)
        return self._tables[name]

    def keep_sql(self, query: str, name: str = "kept") -> ir.Table:
        """Compute a statement when it is first read, and hold it in memory or on disk until the session ends."""
        name = f"{name}_{uuid4().hex[:8]}"
        frame = self.spark.sql(query).persist()
        frame.createOrReplaceTempView(name)
        self._kept[name] = frame
        return ibis.table(_schema_of(frame), name)

    def drop(self, kept: ir.Table) -> None:
        """Let go of what `keep` computed, before the session ends."""
        name = kept.op().name
        self.spark.catalog.dropTempView(name)
        self._kept.pop(name).unpersist()

    def forget(self) -> None:
        """Let go of everything that was kept; a Spark that no longer answers (interrupted, killed) holds nothing."""
        kept, self._kept = self._kept, {}
        with suppress(Exception):
            for name, frame in kept.items():
                self.spark.catalog.dropTempView(name)
                frame.unpersist()

    def sql(self, table: ir.Table) -> str:
        """The statement of an expression in Spark's words."""
        if isinstance(table.op(), ops.UnboundTable):
            return f"SELECT * FROM `{table.op().name}`"
        return compiled(table)

    def ids(self, values: Iterable[int], name: str = "customer_id") -> ir.Table:
        """Ids given from outside as a table of one column, to join with."""
        held = f"ids_{uuid4().hex[:8]}"
        rows = [(int(value),) for value in values]
        self.spark.createDataFrame(rows, f"`{name}` BIGINT").createOrReplaceTempView(held)
        return ibis.table({name: "int64"}, held)

    def rows(self, table: ir.Table) -> list[dict[str, Any]]:
        """The rows of a small expression as plain Python values."""
        return [row.asDict(recursive=True) for row in self.spark.sql(self.sql(table)).collect()]

    def one(self, statement: str) -> tuple[Any, ...] | None:
        """The first row of a statement that both engines understand."""
        found = self.spark.sql(statement).head(1)
        return tuple(found[0]) if found else None

    def number(self, statement: str) -> int:
        """The one number that a statement gives."""
        found = self.one(statement)
        return int(found[0]) if found else 0

    def quantiles(self, relation: str, steps: Mapping[str, Sequence[float]]) -> dict[str, tuple[Any, ...]]:
        """Discrete quantiles of columns: values that occur, as `Session.quantiles` finds them."""
        kinds = dict(self.spark.sql(f"SELECT * FROM {relation}").dtypes)
        sizes = self.one(f"SELECT {', '.join(f'count(`{key}`)' for key in steps)} FROM {relation}") or ()
        known = {key: int(size) for key, size in zip(steps, sizes, strict=True)}
        asked = [(key, _share(step, known[key])) for key, wanted in steps.items() for step in wanted]
        # Spark answers in binary; what it found occurs, so that the nearest value of the column's type is the value itself.
        columns = ", ".join(
            f"CAST(percentile_disc({share!r}) WITHIN GROUP (ORDER BY `{key}`) AS {kinds[key]})"
            for key, share in asked
        )
        row = self.one(f"SELECT {columns} FROM {relation}") or ()
        found: dict[str, tuple[Any, ...]] = dict.fromkeys(steps, ())
        for (key, _), value in zip(asked, row, strict=True):
            found[key] += () if value is None else (value,)
        return found

    def reader(self, statement: str) -> pa.RecordBatchReader:
        """The answer of a statement as Arrow batches."""
        return self.spark.sql(statement).toArrow().to_reader()

    def write(self, table: ir.Table, folder: Path | str) -> None:
        """Write an expression as Parquet files, for the other engine to read."""
        self.spark.sql(self.sql(table)).write.mode("overwrite").parquet(str(folder))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Spark reads files that do not change; there is nothing to commit."""
        yield

    def _opened(self, name: str) -> ir.Table:
        known = self._files.get(name)
        shape = {column: DuckDBType.from_string(kind) for column, kind in SHAPES.get(name, {}).items()}
        schema = known.schema if known else ibis.schema(shape)
        if known and known.paths:
            columns = [f"CAST(`{key}` AS {spark_type(kind)}) AS `{key}`" for key, kind in schema.items()]
            frame = self.spark.read.parquet(*known.paths).selectExpr(*columns)
        else:
            columns = [f"CAST(NULL AS {spark_type(kind)}) AS `{key}`" for key, kind in schema.items()]
            frame = self.spark.sql(f"SELECT {', '.join(columns)} WHERE FALSE")
        frame.createOrReplaceTempView(name)
        return ibis.table(schema, name)


def _share(step: float, size: int) -> float:
    """The middle between the place of the value that is wanted and the one before it, as a share of all values.

    Spark multiplies in binary and rounds up: 0.28 of 25 values comes to a hair over 7, and it answers with the eighth.
    """
    place = max(1, math.ceil(Decimal(repr(step)) * size))
    return (place - 0.5) / max(place, size)


def _schema_of(frame: Any) -> ibis.Schema:
    return ibis.schema(
        {field.name: PySparkType.from_string(field.dataType.simpleString()) for field in frame.schema.fields}
    )
