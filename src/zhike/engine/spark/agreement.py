"""What Spark found carried over to DuckDB, and both engines asked the same: do they agree, and who was quicker."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import ibis.expr.types as ir

from zhike.engine.cohorts import cohorts
from zhike.engine.lake.session import Session, quoted
from zhike.engine.metrics import CATALOGUE, compute
from zhike.engine.rfm import v1
from zhike.engine.spark.session import SparkSession

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A folder where Spark writes and DuckDB reads: as this machine names it, and as the cluster does."""

    here: Path
    there: str = ""

    def bring(self, spark: SparkSession, table: ir.Table, session: Session) -> ir.Table:
        """Compute an expression on Spark and keep its rows in a session of the lake."""
        name = f"from-spark-{uuid4().hex[:8]}"
        folder = self.here / name
        try:
            spark.write(table, f"{self.there.rstrip('/')}/{name}" if self.there else folder)
            files = quoted(f"{folder}/*.parquet")
            return session.keep_sql(f"SELECT * FROM read_parquet({files})", "from_spark")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One question asked of both engines: rows compared, rows that differ by column, and seconds of each."""

    what: str
    rows: int
    differing: Mapping[str, int]
    duckdb: float
    spark: float

    @property
    def holds(self) -> bool:
        """Whether every value is the same."""
        return not any(self.differing.values())


def compare(
    session: Session,
    spark: SparkSession,
    as_of: date,
    *,
    method: v1.Method,
    exchange: Exchange,
    tell: Callable[[str], None] = lambda what: None,
) -> tuple[Agreement, ...]:
    """Metrics, RFM classes and cohorts of all customers on both engines, value by value; `tell` hears what comes next."""
    tell("metrics")
    ours, here = _timed(lambda: compute(session, as_of, _keys(method)))
    theirs, there = _timed(lambda: exchange.bring(spark, compute(spark, as_of, _keys(method)), session))
    metrics = _compared("metrics", session, (ours, here), (theirs, there))
    tell("rfm")
    classes, class_here = _timed(lambda: session.keep(_classified(session, ours, method)))
    on_spark, class_there = _timed(
        lambda: exchange.bring(
            spark, _classified(spark, compute(spark, as_of, v1.inputs(method)), method), session
        )
    )
    rfm = _compared("rfm", session, (classes, class_here), (on_spark, class_there))
    for kept in (ours, theirs, classes, on_spark):
        session.drop(kept)
    tell("cohorts")
    return metrics, rfm, _cohorts(session, spark, as_of)


def _keys(method: v1.Method) -> list[str]:
    return list(dict.fromkeys((*CATALOGUE, *v1.inputs(method))))


def _classified(session: Session, metrics: ir.Table, method: v1.Method) -> ir.Table:
    return v1.classify(metrics, method, v1.cuts(session, metrics, method))


def _compared(
    what: str, session: Session, ours: tuple[ir.Table, float], theirs: tuple[ir.Table, float]
) -> Agreement:
    (left, here), (right, there) = ours, theirs
    names = [name for name in left.columns if name != "customer_id"]
    asked = ", ".join(f'count(*) FILTER (l."{name}" IS DISTINCT FROM r."{name}")' for name in names)
    row = session.one(
        f"SELECT count(*), count(*) FILTER (l.customer_id IS NULL OR r.customer_id IS NULL), {asked} "
        f"FROM ({session.sql(left)}) l FULL JOIN ({session.sql(right)}) r USING (customer_id)"
    ) or (0,)
    differing = {
        name: int(number) for name, number in zip(("customer_id", *names), row[1:], strict=True) if number
    }
    return Agreement(what=what, rows=int(row[0]), differing=differing, duckdb=here, spark=there)


def _cohorts(session: Session, spark: SparkSession, as_of: date) -> Agreement:
    ours, here = _timed(lambda: cohorts(session, as_of))
    theirs, there = _timed(lambda: cohorts(spark, as_of))
    apart = abs(len(ours) - len(theirs)) + sum(a != b for a, b in zip(ours, theirs, strict=False))
    differing = {"cohort": apart} if apart else {}
    return Agreement(what="cohorts", rows=len(ours), differing=differing, duckdb=here, spark=there)


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started
