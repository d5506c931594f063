"""Whether Spark and DuckDB give the same answers about the customers of this installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from zhike.blueprint import queries as blueprints
from zhike.engine.spark import Agreement, compare
from zhike.insight import methods
from zhike.kernel import lake, spark


def agreements(
    as_of: date, *, master: str = "", tell: Callable[[str], None] = lambda what: None
) -> tuple[Agreement, ...]:
    """Metrics, RFM classes by the blueprint, and cohorts, computed on both engines over what the lake holds now."""
    method = methods.method_of(blueprints.current().rfm)
    with lake.session() as session, spark.session(session, master) as (on_spark, exchange):
        return compare(session, on_spark, as_of, method=method, exchange=exchange, tell=tell)
