"""Large orders in sight: who, by which signs, and what the rule was worth a month ago; plain DuckDB, no computing library."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa

from zhike.engine import large_orders
from zhike.engine.lake import Session


def seen(session: Session, as_of: date) -> tuple[pa.Table, dict[str, Any]]:
    """Rows in the columns of storing.LARGE, and what the run keeps."""
    told = large_orders.signals(session, as_of)
    customers, points, signs = zip(*told, strict=True) if told else ((), (), ())
    rows = pa.table(
        {
            "customer_id": pa.array(customers, pa.int64()),
            "points": pa.array(points, pa.int16()),
            "signs": pa.array([json.dumps(one) for one in signs], pa.string()),
        }
    )
    tried = large_orders.trial(session, as_of)
    kept = asdict(tried) | {"on": tried.on.isoformat(), "says": tried.says_something}
    return rows, {"large_from": large_orders.cut(session, as_of), "days": large_orders.AHEAD, "trial": kept}
