"""The trial on the past: what each method would have recommended, against what was bought then; it chooses the recipes.

Two stretches of one horizon each, by time: recipes are chosen on the earlier, the marks that are shown come from the later,
which had no say. Recall@10: which part of the items that a customer bought in the stretch stands among ten recommended;
the mean over customers who bought any. "Again" are items bought before, "new" those that were not; "both" is one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zhike.core.text import Text
from zhike.engine.recommend.v1 import items, scores
from zhike.engine.recommend.v1.items import Weights
from zhike.engine.recommend.v1.purchases import Floats, History, Lines, history
from zhike.engine.recommend.v1.scores import FLOOR, POPULAR, Habit, Learnt, Recipe

Mode = Literal["again", "new", "both"]
MODES: tuple[Mode, ...] = ("again", "new", "both")
TOP = 10
ENOUGH = 30  # customers with a purchase to foretell
CELLS = 4_000_000  # customers × items that one comparison looks at
PENALTIES = (100.0, 500.0, 2_500.0)
OWN = (0.1, 0.3, 1.0)
POPULARITY = (0.0, 0.1, 0.3, 1.0)
HABITS: tuple[Habit, ...] = ("times", "due")
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Recall@10 per mode, None where too few customers bought any; the recipe that was used for each."""

    method: str
    recall: dict[Mode, float | None]
    recipe: dict[Mode, Recipe]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Days as lines count them: learnt up to `learnt_on`, tried on what was bought up to `until`; `customers` per mode."""

    learnt_on: int
    until: int
    customers: dict[Mode, int]
    marks: tuple[Marks, ...]

    def of(self, method: str) -> Marks:
        """The marks of one method."""
        return next(one for one in self.marks if one.method == method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The recipes for "again" and "new", the trial they stood, and why they are the floor where there was none."""

    again: Recipe
    new: Recipe
    trial: Trial | None
    why: Text | None


@dataclass(frozen=True)
class _Stretch:
    """One comparison: what was known, and for some customers what they knew and what they bought then."""

    past: History
    some: History
    truth: Truth

    def recall(self, found: Floats, mode: Mode) -> float | None:
        """The mean recall@10 of dense scores (n, m)."""
        wanted = self.wanted(mode)
        rows = wanted.any(axis=1)
        if rows.sum() < ENOUGH:
            return None
        return recall(found[rows], wanted[rows])

    def wanted(self, mode: Mode) -> Truth:
        """What counts as a hit."""
        if mode == "both":
            return self.truth
        held = self.some.bought.toarray() > 0
        return self.truth & (held if mode == "again" else ~held)


def choose(told: Lines, size: int, *, as_of: int, horizon: int) -> Chosen:
    """The recipes for `size` items that did best on the past; the floor, with the reason, where the past is too short."""
    earlier, later = (_stretch(told, size, as_of - n * horizon, horizon) for n in (2, 1))
    if earlier is None or later is None:
        return Chosen(again=FLOOR, new=POPULAR, trial=None, why=_too_little(horizon))
    families = _families(earlier)
    marks = tuple(_marks(one, later) for one in families)
    trial = Trial(
        learnt_on=as_of - horizon,
        until=as_of,
        customers={mode: int(later.wanted(mode).any(axis=1).sum()) for mode in MODES},
        marks=marks,
    )
    return Chosen(
        again=_best(families, marks, "again", FLOOR),
        new=_best(families, marks, "new", POPULAR),
        trial=trial,
        why=None,
    )


def recall(found: Floats, wanted: Truth, top: int = TOP) -> float:
    """Mean over rows of the part of `wanted` that is among the `top` highest scores; each row wants something."""
    top = min(top, found.shape[1])
    highest = np.argpartition(-found, top - 1, axis=1)[:, :top]
    hits = (
        np.take_along_axis(wanted, highest, axis=1) & np.isfinite(np.take_along_axis(found, highest, axis=1))
    ).sum(axis=1)
    return float((hits / wanted.sum(axis=1)).mean())


def dense(learnt: Learnt, some: History, near: Floats, mode: Mode) -> Floats:
    """The scores of a mode for every item, −inf where an item is out of the question."""
    if mode == "new":
        return scores.new(learnt, some, near.copy())
    own = scores.again(learnt, some, near)
    if mode == "both":
        found = near + np.float32(learnt.recipe.popular) * learnt.relative
    else:
        found = np.full(near.shape, -np.inf, dtype=np.float32)
    found[some.row, some.times.indices] = own
    return np.asarray(found, dtype=np.float32)


def _stretch(told: Lines, size: int, day: int, horizon: int) -> _Stretch | None:
    """What was known on a day and bought within the horizon; None where that says too little."""
    past = history(told, size, day)
    then = history(told.within(day, day + horizon), size, day + horizon)
    both = np.isin(past.customer_id, then.customer_id)
    most = max(300, CELLS // max(1, size))
    places = np.flatnonzero(both)
    if len(places) < ENOUGH:
        return None
    places = places[np.linspace(0, len(places) - 1, min(most, len(places))).astype(int)]
    truth = then.bought[np.searchsorted(then.customer_id, past.customer_id[places])].toarray() > 0
    return _Stretch(past=past, some=_rows(past, places), truth=truth)


def _rows(past: History, places: NDArray[np.int64]) -> History:
    kept = np.zeros(past.times.shape[0], dtype=bool)
    kept[places] = True
    values = kept[past.row]
    return replace(
        past,
        customer_id=past.customer_id[places],
        times=past.times[places],
        first=past.first[values],
        last=past.last[values],
    )


@dataclass(frozen=True)
class _Family:
    """One method: the recipe per mode that did best on the earlier stretch, and how well."""

    method: str
    recipe: dict[Mode, Recipe]
    recall: dict[Mode, float]


def _families(earlier: _Stretch) -> list[_Family]:
    """Every method with its best weights on the earlier stretch."""
    found: dict[str, _Family] = {}
    popularity = items.popularity(earlier.past.bought)
    for base in _bases(earlier.past.times.shape[1]):
        weights = scores.weights(base, earlier.past)
        near = scores.affinity(weights, earlier.some)
        for mode, recipe in _mixed(base):
            learnt = Learnt(recipe=recipe, weights=weights, popularity=popularity)
            value = earlier.recall(dense(learnt, earlier.some, near, mode), mode) or 0.0
            kept = found.setdefault(recipe.method, _Family(recipe.method, {}, {}))
            if value > kept.recall.get(mode, -1.0):
                kept.recipe[mode], kept.recall[mode] = recipe, value
    return list(found.values())


def _bases(size: int) -> Iterator[Recipe]:
    yield Recipe()
    yield Recipe(together="bm25")
    if size <= items.LARGEST:
        for penalty in PENALTIES:
            yield Recipe(together="ease", penalty=penalty)


def _mixed(base: Recipe) -> Iterator[tuple[Mode, Recipe]]:
    """The weights worth trying: without a method of items together there are the two plain ones."""
    if not base.together:
        for mode in MODES:
            yield mode, POPULAR
            yield mode, FLOOR
        yield "again", replace(FLOOR, habit="due")
        return
    for mode in MODES:
        yield mode, base
    for popular in POPULARITY[1:]:
        yield "new", replace(base, popular=popular)
    for own, popular in product(OWN, POPULARITY):
        yield "both", replace(base, own=own, popular=popular)
        for habit in HABITS:
            yield "again", replace(base, own=own, popular=popular, habit=habit)


def _marks(family: _Family, later: _Stretch) -> Marks:
    """How a method with its chosen weights did on the later stretch."""
    marks: dict[Mode, float | None] = {}
    kept: dict[tuple[str, float], tuple[Weights | None, Floats]] = {}
    popularity = items.popularity(later.past.bought)
    for mode, recipe in family.recipe.items():
        made = (recipe.together, recipe.penalty)
        if made not in kept:
            weights = scores.weights(recipe, later.past)
            kept[made] = (weights, scores.affinity(weights, later.some))
        weights, near = kept[made]
        learnt = Learnt(recipe=recipe, weights=weights, popularity=popularity)
        marks[mode] = later.recall(dense(learnt, later.some, near, mode), mode)
    return Marks(method=family.method, recall=marks, recipe=dict(family.recipe))


def _best(families: Iterable[_Family], marks: Iterable[Marks], mode: Mode, floor: Recipe) -> Recipe:
    """The best on the earlier stretch, unless the later one shows that the floor is better after all."""
    best = max(families, key=lambda one: one.recall.get(mode, -1.0))
    shown = {one.method: one.recall.get(mode) or 0.0 for one in marks}
    return best.recipe[mode] if shown[best.method] >= shown.get(floor.method, 0.0) else floor


def _too_little(horizon: int) -> Text:
    return Text(
        f"历史太短或客户太少,无法用两个 {horizon} 天的时段检验;暂按自身购买史和热门商品推荐。",
        f"The past is too short or the customers too few for a trial on two stretches of {horizon} days; for now own history "
        "and popularity are used.",
    )
