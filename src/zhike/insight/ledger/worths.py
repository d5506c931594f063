"""What customers were worth on a day by the model in force on it, as the rows of a balance sheet want it.

Loads scipy: only `computing`, as a job, imports it when it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints import ForecastSpec
from zhike.engine.churn.features import Snapshot, snapshot
from zhike.engine.forecasts import learning
from zhike.engine.forecasts.foretelling import foretold, values
from zhike.engine.forecasts.learning import Learnt
from zhike.engine.lake import Session
from zhike.insight.models import Run

EMPTY = pa.schema(
    {
        "customer_id": pa.int64(),
        "value": pa.int64(),
        "off": pa.float64(),
        "level": pa.string(),
        "model": pa.int64(),
    }
)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt, and the terms of the blueprint by which it was told."""

    learnt: Learnt
    terms: ForecastSpec


def model(value: Run, churn: Run) -> Model:
    """The model that two runs of a day kept; its terms are those of the blueprint of the day."""
    spec = blueprints.spec_of(value.version) if value.version else blueprints.current()
    return Model(learning.remembered(value.params, churn.params), spec.forecast)


def worth(session: Session, day: date, of: Model, by: Model | None = None) -> pa.Table:
    """Per customer who had bought by a day: value, how far off, warning level, and what another model says (`by`)."""
    now = snapshot(session, day, horizon=of.learnt.horizon)
    if not len(now.customer_id):
        return EMPTY.empty_table()
    told = foretold(of.learnt, now, of.terms)
    value, low, high = (told.column(name).to_numpy() * 100 for name in ("value", "low", "high"))
    return pa.table(
        {
            "customer_id": now.customer_id,
            "value": _cents(value),
            "off": np.maximum(high - value, value - low),
            "level": told.column("level"),
            "model": _remodelled(now, by) if by else _cents(value),
        },
        schema=EMPTY,
    )


def _remodelled(now: Snapshot, by: Model) -> NDArray[np.int64]:
    return _cents(values(by.learnt, now, by.terms) * 100)


def _cents(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.round(amounts), dtype=np.int64)
