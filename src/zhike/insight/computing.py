"""Metrics of all customers in a session of the lake, computed by the engine that the settings name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import ibis.expr.types as ir

from zhike.engine import metrics, stored
from zhike.engine.lake import Session
from zhike.engine.metrics import store
from zhike.kernel import spark


def refreshed(
    session: Session, as_of: date, keys: Iterable[str] | None = None, *, on_spark: str | None = None
) -> ir.Table:
    """What `metrics.compute` gives, on a large base out of what the last refresh kept; kept for pages to read.

    With a Spark named (here or by the settings), Spark reads the facts.
    Spark answers with one row per customer, which the session keeps: classes, tiers and storing are the same either way.
    """
    master = spark.chosen() if on_spark is None else on_spark
    if not master:
        return stored.refreshed(session, as_of, keys)
    with spark.session(session, master) as (cluster, exchange):
        found = exchange.bring(cluster, metrics.compute(cluster, as_of, keys), session)
    store.keep(session, found, as_of)
    return found
