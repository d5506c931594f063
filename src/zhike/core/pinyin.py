"""Search words of a name: the name from each character on, its pinyin and its initials, with surnames read as surnames."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin import pinyin as _pinyin
from pypinyin.constants import PHRASES_DICT

from zhike.core.surnames import READINGS, surname_of
from zhike.core.widths import half

_HAN = re.compile(r"[一-鿿㐀-䶿]+")
_WORD = re.compile(r"[a-z0-9]+|[一-鿿㐀-䶿]+")
_LONGEST = 24
_PUNCTUATION = re.compile(r"[^a-z0-9一-鿿㐀-䶿]+")


@lru_cache(maxsize=32768)
def _readings(char: str) -> tuple[str, ...]:
    found = _pinyin(
        char, style=Style.NORMAL, heteronym=True, errors="ignore"
    )  # empty for a few rare characters
    return tuple(dict.fromkeys(found[0])) if found and found[0] else (char,)


def _read(word: str) -> list[str]:
    """Read a Chinese word, one syllable per character; only words with a character of several readings ask the phrase table."""
    readings = [_readings(char) for char in word]
    if all(len(reading) == 1 for reading in readings) or not _holds_a_phrase(word):
        return [reading[0] for reading in readings]
    syllables = lazy_pinyin(word, style=Style.NORMAL)
    return syllables if len(syllables) == len(word) else [reading[0] for reading in readings]


def _holds_a_phrase(word: str) -> bool:
    """Tell whether the phrase table could change how a short word is read; long ones are simply looked up."""
    if len(word) > 4:
        return True
    return any(
        word[start:end] in PHRASES_DICT
        for start in range(len(word))
        for end in range(start + 2, len(word) + 1)
    )


def _variants(word: str) -> list[list[str]]:
    syllables = _read(word)
    surname = surname_of(word)
    variants = [syllables]
    for reading in READINGS.get(surname, ()) if len(word) <= 4 else ():
        parts = [reading, *([""] * (len(surname) - 1)), *syllables[len(surname) :]]
        if parts != syllables:
            variants.append(parts)
    return variants


def terms(name: str) -> list[str]:
    """List the lexemes under which a name is found by prefix: suffixes of the name, of its pinyin and of its initials."""
    found: dict[str, None] = {}
    for word in _WORD.findall(half(name).lower()):
        if not _HAN.match(word):
            found[word] = None
            continue
        word = word[:_LONGEST]
        for start in range(len(word)):
            found[word[start:]] = None
        for syllables in _variants(word):
            spelled = initials_ = ""
            for syllable in reversed(syllables):
                spelled, initials_ = syllable + spelled, syllable[:1] + initials_
                if not syllable:
                    continue
                found[spelled] = None
                if len(initials_) > 1:  # a single initial begins its own spelling, so that finds it
                    found[initials_] = None
    return list(found)


def query_terms(text: str) -> list[str]:
    """Split what a user typed into the words to look up by prefix; pinyin may be typed with spaces or apostrophes."""
    return [word for word in _PUNCTUATION.split(half(text).lower().replace("'", "")) if word]


def initials(name: str) -> str:
    """Give the initials of a name, for sorting and avatars: 张三丰 → zsf."""
    word = half(name).lower()
    return "".join(syllable[:1] for syllable in (_variants(word)[-1] if _HAN.fullmatch(word) else [word]))
