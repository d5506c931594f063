"""One formula for every method: items bought together + own history + popularity, each with a weight that the trial chose.

The score of item i for a customer who bought the set S: Σ_{j∈S} W[j, i] + own · h(i) + popular · p(i), where h is how often
they bought it (or that times how due it is), p the share of customers who bought it, relative to the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhike.engine.recommend.v1 import items
from zhike.engine.recommend.v1.items import Weights
from zhike.engine.recommend.v1.purchases import Floats, History

Together = Literal["", "bm25", "ease"]
Habit = Literal["times", "due"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is mixed: `together` (none, BM25, EASE with its penalty), and the weights of own history and popularity."""

    together: Together = ""
    penalty: float = 0.0
    own: float = 0.0
    habit: Habit = "times"
    popular: float = 0.0

    @property
    def method(self) -> str:
        """Its key in words.METHODS."""
        if not self.together:
            return "own" if self.own else "popular"
        return f"{self.together}+own" if self.own or self.popular else self.together


POPULAR = Recipe(popular=1.0)
FLOOR = Recipe(own=1.0, popular=1.0)


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """A recipe with what was learnt for it: weights (m, m) or None, and the popularity of each item (m,)."""

    recipe: Recipe
    weights: Weights | None
    popularity: Floats

    @property
    def relative(self) -> Floats:
        """Popularity relative to the most popular item."""
        return self.popularity / max(float(self.popularity.max(initial=0)), 1e-9)


def learn(recipe: Recipe, past: History) -> Learnt:
    """What a recipe needs, from histories as of a day."""
    return Learnt(recipe=recipe, weights=weights(recipe, past), popularity=items.popularity(past.bought))


def weights(recipe: Recipe, past: History) -> Weights | None:
    """Which items go together, by the recipe's method."""
    if recipe.together == "ease":
        return items.ease(past.bought, recipe.penalty)
    return items.bm25(past.bought) if recipe.together == "bm25" else None


def affinity(learnt: Weights | None, some: History) -> Floats:
    """Σ_{j∈S} W[j, i] for a block of customers; dense, shape (n, m)."""
    if learnt is None:
        return np.zeros(some.times.shape, dtype=np.float32)
    found = some.bought @ learnt
    return np.asarray(found if isinstance(found, np.ndarray) else found.toarray(), dtype=np.float32)


def habit(kind: Habit, some: History) -> Floats:
    """How much the own history speaks for each item bought: one value per stored value of `some.times`.

    Due: a purchase counts less, the longer an item stays away beyond twice its own interval (or the usual one, for an item
    bought once).
    """
    times = some.times.data
    if kind == "times":
        return times
    usual = float(np.median(some.gap[some.gap > 0])) if (some.gap > 0).any() else 30.0
    gap = np.where(some.gap > 0, some.gap, usual)
    elapsed = some.as_of - some.last
    return np.asarray(times * np.minimum(1.0, 2 * gap / np.maximum(elapsed, 1)), dtype=np.float32)


def again(learnt: Learnt, some: History, near: Floats) -> Floats:
    """Scores of the items bought before: one value per stored value; `near` is their affinity."""
    recipe = learnt.recipe
    held = near[some.row, some.times.indices]
    return np.asarray(
        held + recipe.own * habit(recipe.habit, some) + recipe.popular * learnt.relative[some.times.indices],
        dtype=np.float32,
    )


def new(learnt: Learnt, some: History, near: Floats) -> Floats:
    """Scores of the items never bought, shape (n, m); −inf at those bought."""
    found = near + np.float32(learnt.recipe.popular) * learnt.relative
    found[some.row, some.times.indices] = -np.inf
    return np.asarray(found, dtype=np.float32)
