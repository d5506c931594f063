"""Opinions in words: the four sentiments and the declared topics; loads no computing library."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from zhike.core.errors import Refusal
from zhike.core.text import Text

SENTIMENTS: Mapping[str, Text] = MappingProxyType(
    {
        "positive": Text("正面", "Positive"),
        "unclear": Text("不明显", "Unclear"),
        "negative": Text("负面", "Negative"),
        "unjudged": Text("未判断(非中文或太短)", "Not judged (not Chinese, or too short)"),
    }
)
_SHIPPED = Path(__file__).with_name("topics.toml")


class BadTopics(Refusal):
    """The company's own file of topics cannot be used."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the terms that speak of it; a text is about it when it holds one of them."""

    key: str
    label: Text
    terms: tuple[str, ...]


def topics(own: Path | None = None) -> dict[str, Topic]:
    """The shipped topics, extended and overruled by a file of the company's own where there is one."""
    found = dict(_shipped())
    if own is not None and own.is_file():
        for key, raw in _read(own).items():
            before = found.get(key)
            terms = (*(before.terms if before else ()), *raw.get("terms", ()))
            label = (
                Text(raw["zh"], raw.get("en", raw["zh"]))
                if "zh" in raw
                else before.label
                if before
                else Text(key, key)
            )
            found[key] = Topic(key, label, tuple(dict.fromkeys(terms)))
    return found


def about(text: str, known: Mapping[str, Topic]) -> list[str]:
    """The keys of the topics a text speaks of, in the order they are declared."""
    said = text.lower()
    return [key for key, topic in known.items() if any(term in said for term in topic.terms)]


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Topic]:
    raw = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    return {key: Topic(key, Text(one["zh"], one["en"]), tuple(one["terms"])) for key, one in raw.items()}


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, str(error)) from error
    for key, one in raw.items():
        terms = one.get("terms", []) if isinstance(one, dict) else None
        if not isinstance(terms, list) or not all(isinstance(term, str) and term for term in terms):
            raise _bad(path, f"[{key}] terms")
    return raw


def _bad(path: Path, what: str) -> BadTopics:
    return BadTopics(
        Text(f"无法读取:{what}", f"It cannot be read: {what}"),
        Text(
            '请写成 [话题] zh = "名称"、terms = ["词", …],并以 UTF-8 保存。',
            'Write [topic] with zh = "name" and terms = ["term", …], saved as UTF-8.',
        ),
        place=Text(f"话题文件 {path.name}", f"File of topics {path.name}"),
    )
