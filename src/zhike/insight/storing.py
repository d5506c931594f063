"""From the lake to PostgreSQL: the scores of all customers in bulk, writing only what differs.

Days since something happened grow by one every day for everybody. They are kept as the day they count from, so that a
daily run touches only customers about whom something changed; `queries` turns them back into days.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from zhike.engine.lake import Session
from zhike.kernel import bulk

# Metrics that have a column of their own.
OWN_COLUMN = ("spend", "orders", "last_purchase_on")
# Metrics that count days up to the run's date; the first follows from a column.
FROM_COLUMN = {"recency_days": "last_purchase_on"}
AGEING = ("last_interaction_days", "tenure_days")

COLUMNS = {
    "customer_id": "bigint",
    "spend": "numeric(14,2)",
    "orders": "integer",
    "last_purchase_on": "date",
    "r": "smallint",
    "f": "smallint",
    "m": "smallint",
    "rfm_class": "text",
    "metrics": "jsonb",
}
_VALUES = [name for name in COLUMNS if name != "customer_id"]
_LISTED = ", ".join(COLUMNS)
_HELD = ", ".join(f"s.{name}" for name in _VALUES)
_FOUND = ", ".join(f"t.{name}" for name in _VALUES)
_OFFERED = ", ".join(f"EXCLUDED.{name}" for name in _VALUES)


def scores(metrics: ir.Table, classified: ir.Table, as_of: date) -> ir.Table:
    """One row per customer in the order of COLUMNS; `metrics` is a struct of all others."""
    marks = classified.select(of="customer_id", r="r", f="f", m="m", rfm_class="rfm_class")
    both = metrics.join(marks, metrics.customer_id == marks.of)
    others = [key for key in metrics.columns if key not in {"customer_id", *OWN_COLUMN, *FROM_COLUMN}]
    kept = {key: _kept(both[key], key, as_of) for key in others}
    return both.select("customer_id", *OWN_COLUMN, "r", "f", "m", "rfm_class", metrics=ibis.struct(kept))


def _kept(value: ir.Value, key: str, as_of: date) -> ir.Value:
    if key not in AGEING:
        return value
    return (ibis.literal(as_of) - value * ibis.interval(days=1)).cast("timestamp").date()


def rows(session: Session, found: ir.Table) -> pa.RecordBatchReader:
    """The rows of `scores`, streamed by customer id (so that they lie together); the struct as JSON text."""
    columns = ", ".join(
        name if name != "metrics" else "to_json(metrics)::VARCHAR AS metrics" for name in COLUMNS
    )
    return session.reader(f"SELECT {columns} FROM ({session.sql(found)}) ORDER BY customer_id")


def write_back(found: pa.RecordBatchReader, as_of: date) -> tuple[int, int]:
    """Write what differs and delete scores of customers gone; returns (written, removed). Needs a transaction.

    The join finds what differs before anything is locked; ON CONFLICT covers a score written meanwhile.
    """
    with bulk.staged_table(COLUMNS, found) as staged:
        written = bulk.run(
            f"""
            INSERT INTO insight_score AS s ({_LISTED}, as_of)
            SELECT {", ".join("t." + name for name in COLUMNS)}, %s
            FROM "{staged}" t
            JOIN customers_customer c ON c.id = t.customer_id
            LEFT JOIN insight_score s ON s.customer_id = t.customer_id
            WHERE s.customer_id IS NULL OR ({_HELD}) IS DISTINCT FROM ({_FOUND})
            ON CONFLICT (customer_id) DO UPDATE
            SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _VALUES)}, as_of = EXCLUDED.as_of
            WHERE ({_HELD}) IS DISTINCT FROM ({_OFFERED})
            """,
            [as_of],
        )
        removed = bulk.run(
            f"""
            DELETE FROM insight_score s
            WHERE NOT EXISTS (SELECT FROM "{staged}" t WHERE t.customer_id = s.customer_id)
            """
        )
    return written, removed
