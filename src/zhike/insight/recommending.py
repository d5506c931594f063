"""From the lake's order lines to the recommendations of every customer, as rows to be written and parameters to be kept.

Loads scipy: only `actions.recommend` imports it, when it runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.activity import queries as activity
from zhike.customers import queries as customers
from zhike.engine.lake import Session
from zhike.engine.recommend import v1
from zhike.engine.recommend.v1 import Chosen, Goods, Model, Ranked, Recipe, Trial
from zhike.insight import storing
from zhike.insight.models import Run
from zhike.insight.storing import RECOMMENDED

LEARNS_EVERY = 7
CHOOSES_EVERY = 28
GROWN = 1.1
_SHAPE = pa.schema(
    [("customer_id", pa.int64()), *((name, pa.string()) for name in RECOMMENDED if name != "customer_id")]
)


def holds(session: Session, latest: Run, as_of: date) -> bool:
    """Whether what was told still serves on a day: younger than a week, and the base has not grown."""
    young = (as_of - latest.as_of).days < LEARNS_EVERY
    return young and v1.buyers(session) <= max(10, latest.params["buyers"]) * GROWN


@dataclass(kw_only=True)
class Teller:
    """What was learnt on a day, and the rows that follow from it; `told` counts them once they were read."""

    session: Session
    model: Model
    ids: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    left_out: str
    params: dict[str, Any]
    told: int = field(default=0)

    @property
    def method(self) -> str:
        """Name and version."""
        return f"{v1.METHOD}/v{v1.VERSION}"

    @classmethod
    def learnt(cls, session: Session, as_of: date, horizon: int, kept: dict[str, Any]) -> Self:
        """Learn from what everybody bought up to a day; recipes chosen lately for the same items are used again."""
        products = activity.goods()
        ids = session.ids(customers.objectors())
        left_out = f"l.customer_id IN ({session.sql(ids)})"
        held = v1.buyers(session)
        recipes = _kept(kept, as_of, horizon, held)
        model = v1.learn(session, products, as_of=as_of, horizon=horizon, left_out=left_out, chosen=recipes)
        params = {
            "grain": model.goods.grain,
            "items": len(model.goods.names),
            "buyers": held,
            "learnt_on": as_of.isoformat(),
            "customers": model.customers,
            "horizon_days": horizon,
        }
        about = _about(model.chosen, as_of) if recipes is None else {key: kept[key] for key in _ABOUT}
        return cls(
            session=session,
            model=model,
            ids=_ids(model, products),
            allowed=_allowed(model.goods, products),
            left_out=left_out,
            params=params | about,
        )

    def rows(self) -> pa.RecordBatchReader:
        """One row per customer in the columns of storing.RECOMMENDED."""
        return pa.RecordBatchReader.from_batches(_SHAPE, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for again, new in v1.tell(self.session, self.model, self.allowed, left_out=self.left_out):
            batch = _batch(again, new, self.ids)
            self.told += batch.num_rows
            yield batch


_ABOUT = ("chosen_on", "again", "new", "trial", "why")


def _about(chosen: Chosen, as_of: date) -> dict[str, Any]:
    return {
        "chosen_on": as_of.isoformat(),
        "again": asdict(chosen.again),
        "new": asdict(chosen.new),
        "trial": _trial(chosen.trial) if chosen.trial else None,
        "why": chosen.why.as_json() if chosen.why else None,
    }


def _trial(trial: Trial) -> dict[str, Any]:
    marks = [
        {
            "method": one.method,
            **{mode: None if mark is None else round(mark, 4) for mode, mark in one.recall.items()},
        }
        for one in trial.marks
    ]
    return {"customers": dict(trial.customers), "marks": marks}


def _kept(kept: dict[str, Any], as_of: date, horizon: int, buyers: int) -> Chosen | None:
    """The recipes of the latest run, if they came from a trial that is still young."""
    if not kept or kept["trial"] is None or kept["horizon_days"] != horizon:
        return None
    young = (as_of - date.fromisoformat(kept["chosen_on"])).days < CHOOSES_EVERY
    if not young or buyers > kept["buyers"] * GROWN:
        return None
    return Chosen(again=Recipe(**kept["again"]), new=Recipe(**kept["new"]), trial=None, why=None)


def _ids(model: Model, products: pa.Table) -> NDArray[np.int64]:
    """The id of each item, as PostgreSQL keeps it; shape (m,)."""
    goods = model.goods
    column = {"product": "code"}.get(goods.grain, goods.grain)
    labels: dict[str, str] = {}
    if goods.grain != "category":
        labels = dict(zip(products[column].to_pylist(), products["label"].to_pylist(), strict=True))
    share = np.round(model.new.popularity.astype(float), 3).tolist()
    rows = [(mark, labels.get(mark, mark)[:200], part) for mark, part in zip(goods.names, share, strict=True)]
    known = storing.keep_items(goods.grain, rows)
    return np.array([known[mark] for mark in goods.names], dtype=np.int64)


def _allowed(goods: Goods, products: pa.Table) -> NDArray[np.bool_]:
    """Items of which at least one product is not withheld; shape (m,)."""
    allowed = np.zeros(len(goods.names), dtype=bool)
    offered = goods.item[~products["withheld"].to_numpy()]
    allowed[offered[offered >= 0]] = True
    return allowed


def _batch(again: Ranked, new: Ranked, ids: NDArray[np.int64]) -> pa.RecordBatch:
    """Customers for whom there is anything to tell."""
    rows = [_row(again, new, ids, place) for place in range(len(again.customer_id))]
    told = [(int(customer), *row) for customer, row in zip(again.customer_id, rows, strict=True) if row]
    columns = list(zip(*told, strict=True)) if told else [()] * len(_SHAPE)
    return pa.record_batch(
        [pa.array(one, kind) for one, kind in zip(columns, _SHAPE.types, strict=True)], schema=_SHAPE
    )


def _row(again: Ranked, new: Ranked, ids: NDArray[np.int64], place: int) -> tuple[str, str, str] | None:
    held = [at for at, item in enumerate(again.item[place].tolist()) if item >= 0]
    fresh = [at for at, item in enumerate(new.item[place].tolist()) if item >= 0]
    if not held and not fresh:
        return None
    own = [
        [int(again.times[place, at]), int(again.gap[place, at]), int(again.last[place, at])] for at in held
    ]
    leads = [int(new.because[place, at]) for at in fresh]
    because = own + [int(ids[lead]) if lead >= 0 else None for lead in leads]
    return _array(ids[again.item[place, held]]), _array(ids[new.item[place, fresh]]), json.dumps(because)


def _array(ids: NDArray[np.int64]) -> str:
    """In PostgreSQL's spelling."""
    return "{" + ",".join(map(str, ids.tolist())) + "}"
