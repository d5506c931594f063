"""From what was learnt to the forecast of every customer, rounded to what a forecast can promise.

Two significant digits of money and two decimals of a probability are more than the intervals allow, and few enough that
a day without news changes few customers. Loads scipy: web processes do without it.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.core.blueprints import ForecastSpec
from zhike.engine.churn import v1 as churn
from zhike.engine.churn.features import Snapshot
from zhike.engine.churn.words import ALL, LEVELS, Cuts
from zhike.engine.clv import empirical
from zhike.engine.clv import v1 as clv
from zhike.engine.forecasts import INTERVAL, SINCE_PURCHASE
from zhike.engine.forecasts.learning import YEAR, Learnt, mean_spend

Floats = NDArray[np.float64]
MONTHS = 12
LARGEST = 1e13
_KEYS = list(ALL)
_LEVELS = np.array(list(LEVELS))


def foretold(learnt: Learnt, now: Snapshot, terms: ForecastSpec) -> pa.Table:
    """One row per customer who has bought, with purchases, value and its interval, alive, churn, level and reasons."""
    cuts = Cuts(watch=float(terms.watch), warning=float(terms.warning), critical=float(terms.critical))
    worth = _worth(learnt, now, _year(terms))
    probability, scores = _leaving(learnt, now, cuts)
    level = np.searchsorted([cuts.watch, cuts.warning, cuts.critical], probability, side="right")
    columns = {name: rounded(values) for name, values in worth.items() if name in {"value", "low", "high"}}
    return pa.table(
        {
            "customer_id": now.customer_id,
            "purchases": rounded(worth["purchases"], decimals=1),
            **columns,
            "alive": np.round(worth["alive"], 2),
            "churn": probability,
            "level": pa.array(_LEVELS[level]),
            "reasons": pa.array(_reasons(scores, level), pa.string()),
        }
    )


def values(learnt: Learnt, now: Snapshot, terms: ForecastSpec) -> Floats:
    """The value of every customer of a snapshot as `foretold` tells it, and nothing else; shape (n,)."""
    return rounded(_worth(learnt, now, _year(terms))["value"])


def rounded(values: Floats, *, decimals: int = 0) -> Floats:
    """To two significant digits, and to no more decimals than given; shape (n,)."""
    positive = np.clip(values, 10.0**-9, LARGEST)
    unit = 10.0 ** np.maximum(np.floor(np.log10(positive)) - 1, -decimals)
    return np.asarray(np.round(np.round(positive / unit) * unit, decimals))


def _year(terms: ForecastSpec) -> clv.Horizon:
    """The year to come: at once when money keeps its worth, else month by month."""
    margin, discount = float(terms.margin), float(terms.discount)
    if not discount:
        return clv.Horizon(periods=1, period=YEAR, margin=margin)
    rate = (1 + discount) ** (1 / MONTHS) - 1
    return clv.Horizon(periods=MONTHS, period=YEAR / MONTHS, rate=rate, margin=margin)


def _worth(learnt: Learnt, now: Snapshot, horizon: clv.Horizon) -> dict[str, Floats]:
    """Purchases, value and interval of a year; where purchases are counted, the interval keeps its proportion to the value."""
    history = (now.frequency, now.recency, now.age)
    told = clv.value(
        learnt.fit,
        learnt.spend,
        *history,
        mean_spend(now),
        horizon=horizon,
        level=INTERVAL,
    )
    found = {"purchases": told.purchases, "value": told.value, "low": told.low, "high": told.high}
    if learnt.counted is not None:
        purchases, _ = empirical.forecast(learnt.counted, *history, horizon=YEAR)
        times = purchases / np.maximum(told.purchases, 1e-12)
        found = {name: one * times for name, one in found.items()}
    return found | {"alive": told.alive}


def _leaving(learnt: Learnt, now: Snapshot, cuts: Cuts) -> tuple[Floats, churn.Scores | None]:
    """The probability of no purchase within the horizon, to two decimals; reasons only where a regression gives them."""
    if learnt.model is not None:
        scores = churn.score(learnt.model, now, cuts=cuts)
        return np.round(scores.probability, 2), scores
    history = (now.frequency, now.recency, now.age)
    if learnt.leaving is not None:
        _, some = empirical.forecast(learnt.leaving, *history, horizon=learnt.horizon)
    else:
        some = clv.p_purchase(learnt.fit, *history, horizon=learnt.horizon)
    return np.round(1 - some, 2), None


def _reasons(scores: churn.Scores | None, level: NDArray[np.int64]) -> list[str]:
    """Key and value of each reason as JSON, where there is a warning."""
    found = ["[]"] * len(level)
    if scores is not None:
        for place in np.flatnonzero(level):
            found[place] = json.dumps(_of(scores, int(place)))
    return found


def _of(scores: churn.Scores, place: int) -> list[list[Any]]:
    return [
        [_KEYS[index], _kept(_KEYS[index], float(scores.values[place, index]))]
        for index in scores.reason[place].tolist()
        if index >= 0
    ]


def _kept(key: str, value: float) -> float | None:
    """As precise as it is shown; days of silence grow daily and follow from the last purchase."""
    if key == SINCE_PURCHASE:
        return None
    if ALL[key].form == "percent":
        return round(value, 2)
    return round(value) if abs(value) >= 20 else round(value, 1)
