"""Recommendation v1: own history, popularity and items bought together, mixed as a trial on the past chose. Frozen once released.

`learn` reads a sample of the customers; `tell` goes through all of them block by block, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.engine.lake import Session
from zhike.engine.recommend.v1 import ranking, scores
from zhike.engine.recommend.v1.purchases import (
    Goods,
    History,
    Lines,
    blocks,
    buyers,
    finest,
    grouped,
    history,
    lines,
    number,
    ordered,
)  # fmt: skip
from zhike.engine.recommend.v1.ranking import Ranked
from zhike.engine.recommend.v1.scores import FLOOR, POPULAR, Learnt, Recipe
from zhike.engine.recommend.v1.trial import Chosen, Marks, Trial, choose

__all__ = [
    "FLOOR",
    "METHOD",
    "POPULAR",
    "VERSION",
    "Chosen",
    "Goods",
    "History",
    "Lines",
    "Marks",
    "Model",
    "Ranked",
    "Recipe",
    "Trial",
    "buyers",
    "choose",
    "finest",
    "grouped",
    "history",
    "learn",
    "lines",
    "number",
    "ordered",
    "tell",
]  # fmt: skip

METHOD = "recommend"
VERSION = 1
SAMPLE = 50_000  # customers whose purchases are learnt from


@dataclass(frozen=True, kw_only=True)
class Model:
    """What was learnt for the items of `goods`, as of a day, from `customers` of them."""

    goods: Goods
    as_of: date
    customers: int
    chosen: Chosen
    again: Learnt
    new: Learnt


def learn(
    session: Session,
    products: pa.Table,
    *,
    as_of: date,
    horizon: int,
    left_out: str = "FALSE",
    chosen: Chosen | None = None,
) -> Model:
    """Learn from everything up to a day; `chosen` recipes are used as they are, otherwise a trial chooses them.

    `products`: columns code, name, category. `left_out`: a condition on customer_id, of our own making.
    """
    goods = finest(session, products, as_of)
    each = -(-buyers(session) // SAMPLE) or 1
    told = lines(session, goods, as_of=as_of, within=f"l.customer_id % {each} = 0 AND NOT ({left_out})")
    found = chosen or choose(told, len(goods.names), as_of=number(as_of), horizon=horizon)
    past = history(told, len(goods.names), number(as_of))
    new = scores.learn(found.new, past)
    again = _like(found.again, new, past)
    return Model(
        goods=goods, as_of=as_of, customers=len(past.customer_id), chosen=found, again=again, new=new
    )


def tell(
    session: Session, model: Model, allowed: NDArray[np.bool_], *, left_out: str = "FALSE"
) -> Iterator[tuple[Ranked, Ranked]]:
    """Again and new of every customer who has bought, block by block; only items that are `allowed` (m,)."""
    size = len(model.goods.names)
    step = ranking.rows_at_once(size)
    for told in blocks(session, model.goods, as_of=model.as_of, left_out=left_out):
        every = history(told, size, number(model.as_of))
        for start in range(0, len(every.customer_id), step):
            some = every.block(start, min(start + step, len(every.customer_id)))
            yield rank(model, some, allowed)


def rank(model: Model, some: History, allowed: NDArray[np.bool_]) -> tuple[Ranked, Ranked]:
    """Again and new of a block of customers."""
    near = scores.affinity(model.new.weights, some)
    same = model.again.weights is model.new.weights
    other = near if same else scores.affinity(model.again.weights, some)
    return ranking.again(model.again, some, other, allowed), ranking.new(model.new, some, near, allowed)


def _like(recipe: Recipe, other: Learnt, past: History) -> Learnt:
    """Learn a recipe; one that needs the same weights as another shares them."""
    same = (recipe.together, recipe.penalty) == (other.recipe.together, other.recipe.penalty)
    weights = other.weights if same else scores.weights(recipe, past)
    return Learnt(recipe=recipe, weights=weights, popularity=other.popularity)
