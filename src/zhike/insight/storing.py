"""From the lake to PostgreSQL: scores and forecasts of all customers in bulk, writing only what differs.

Days since something happened grow by one every day for everybody. They are kept as the day they count from, so that a
daily run touches only customers about whom something changed; `queries` turns them back into days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.rules import metrics_used
from zhike.engine.lake import Session
from zhike.engine.metrics import CATALOGUE
from zhike.kernel import bulk

# Metrics that have a column of their own.
OWN_COLUMN = ("spend", "orders", "last_purchase_on")
# Metrics that count days up to the run's date; the first follows from a column.
FROM_COLUMN = {"recency_days": "last_purchase_on"}
AGEING = frozenset(key for key, found in CATALOGUE.items() if found.ageing and key not in FROM_COLUMN)
# Metrics that a score keeps for lists, splits and other programs, beside those that the blueprint names. All others are read from
# the lake: a hundred figures per customer and day would cost more to write than all the rest of the daily run.
KEPT = (
    "first_purchase_on", "average_order", "spend_90d", "spend_180d", "spend_12m", "orders_90d", "orders_180d", "orders_12m",
    "gap_days", "trend", "repeat", "categories", "online_share", "discount_share", "returns", "return_rate", "interactions_90d",
    "last_interaction_days", "average_rating", "referrals", "tenure_days",
)  # fmt: skip

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
FORECAST = {
    "customer_id": "bigint",
    "purchases": "numeric(9,1)",
    "value": "numeric(14,0)",
    "low": "numeric(14,0)",
    "high": "numeric(14,0)",
    "alive": "numeric(3,2)",
    "churn": "numeric(3,2)",
    "level": "text",
    "reasons": "jsonb",
}
LARGE = {"customer_id": "bigint", "points": "smallint", "signs": "jsonb"}
RECOMMENDED = {"customer_id": "bigint", "again": "integer[]", "fresh": "integer[]", "because": "jsonb"}


def kept(spec: BlueprintSpec) -> tuple[str, ...]:
    """The metrics that a score keeps: the usual ones, and what the blueprint's rules and KPIs name."""
    rules = (
        *(one.rule for one in spec.tiers),
        *(one.rule for one in spec.tags),
        *(one.rule for one in spec.kpis),
    )
    named = sorted({key for rule in rules if rule is not None for key in metrics_used(rule)})
    figures = [one.metric for one in spec.kpis if one.metric]
    return tuple(dict.fromkeys((*KEPT, *named, *figures)))


def scores(metrics: ir.Table, classified: ir.Table, as_of: date, keys: Iterable[str]) -> ir.Table:
    """One row per customer in the order of COLUMNS; `metrics` is a struct of `keys` and of what RFM looked at."""
    marks = classified.select(of="customer_id", r="r", f="f", m="m", rfm_class="rfm_class")
    both = metrics.join(marks, metrics.customer_id == marks.of)
    others = [key for key in dict.fromkeys(keys) if key not in {*OWN_COLUMN, *FROM_COLUMN}]
    told = {key: _kept(both[key], key, as_of) for key in others}
    return both.select("customer_id", *OWN_COLUMN, "r", "f", "m", "rfm_class", metrics=ibis.struct(told))


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
    """Write the scores that differ and delete those of customers gone; returns (written, removed). Needs a transaction."""
    return _write("insight_score", COLUMNS, found, as_of)


def write_forecasts(found: pa.Table, as_of: date, *, drift: bool) -> tuple[int, int]:
    """The same for forecasts, whose columns are those of FORECAST; with `drift`, only those that moved noticeably.

    Noticeably: another level, a probability by more than three points, a figure by more than a tenth.
    """
    return _write("insight_forecast", FORECAST, found, as_of, _MOVED if drift else "")


def write_recommendations(found: pa.RecordBatchReader, as_of: date) -> tuple[int, int]:
    """The same for recommendations, whose columns are those of RECOMMENDED."""
    return _write("insight_recommendation", RECOMMENDED, found, as_of)


def write_large_orders(found: pa.Table, as_of: date) -> tuple[int, int]:
    """The same for large orders in sight, whose columns are those of LARGE."""
    return _write("insight_largeorder", LARGE, found, as_of)


def keep_items(grain: str, rows: list[tuple[str, str, float]]) -> dict[str, int]:
    """Items by their mark, with label and share of the customers; answers their ids. Needs a transaction."""
    columns = {"mark": "text", "label": "text", "share": "float8"}
    with bulk.staged(columns, rows) as staged:
        bulk.run(
            f"""
            INSERT INTO insight_item AS i (grain, mark, label, share)
            SELECT %s, mark, label, share FROM "{staged}"
            ON CONFLICT (grain, mark) DO UPDATE SET label = EXCLUDED.label, share = EXCLUDED.share
            WHERE (i.label, i.share) IS DISTINCT FROM (EXCLUDED.label, EXCLUDED.share)
            """,
            [grain],
        )
        found = bulk.rows(
            f'SELECT i.mark, i.id FROM insight_item i JOIN "{staged}" s ON s.mark = i.mark WHERE i.grain = %s',
            [grain],
        )
    return dict(found)


_MOVED = " OR ".join(
    [
        "s.level <> t.level",
        *(f"abs(s.{name} - t.{name}) > 0.03" for name in ("alive", "churn")),
        *(
            f"abs(s.{name} - t.{name}) > 0.1 * greatest(s.{name}, t.{name}, 10)"
            for name in ("value", "low", "high")
        ),
        "abs(s.purchases - t.purchases) > 0.1 * greatest(s.purchases, t.purchases, 1)",
    ]
)


def _write(
    table: str,
    columns: Mapping[str, str],
    found: pa.Table | pa.RecordBatchReader,
    as_of: date,
    moved: str = "",
) -> tuple[int, int]:
    """The join finds what differs before anything is locked; ON CONFLICT covers a row written meanwhile."""
    values = [name for name in columns if name != "customer_id"]
    held, new, offered = (", ".join(f"{of}.{name}" for name in values) for of in ("s", "t", "EXCLUDED"))
    with bulk.staged_table(columns, found) as staged:
        written = bulk.run(
            f"""
            INSERT INTO {table} AS s ({", ".join(columns)}, as_of)
            SELECT {", ".join("t." + name for name in columns)}, %s
            FROM "{staged}" t
            JOIN customers_customer c ON c.id = t.customer_id
            LEFT JOIN {table} s ON s.customer_id = t.customer_id
            WHERE s.customer_id IS NULL OR {moved or f"({held}) IS DISTINCT FROM ({new})"}
            ON CONFLICT (customer_id) DO UPDATE
            SET {", ".join(f"{name} = EXCLUDED.{name}" for name in values)}, as_of = EXCLUDED.as_of
            WHERE ({held}) IS DISTINCT FROM ({offered})
            """,
            [as_of],
        )
        removed = bulk.run(
            f"""
            DELETE FROM {table} s
            WHERE NOT EXISTS (SELECT FROM "{staged}" t WHERE t.customer_id = s.customer_id)
            """
        )
    return written, removed
