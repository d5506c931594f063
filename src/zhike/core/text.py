"""Words in both languages, shown in the language of whoever is asking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]

_language: ContextVar[Language] = ContextVar("language", default="zh")


def language() -> Language:
    """Tell the language of the current request, job or command."""
    return _language.get()


def speak(code: str) -> Token[Language]:
    """Switch the current context to the language of a code such as "zh-hans" or "en"; the token undoes it."""
    return _language.set("zh" if code.lower().startswith("zh") else "en")


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use a language inside a `with` block."""
    token = speak(code)
    try:
        yield
    finally:
        _language.reset(token)


def listed(names: Iterable[object]) -> str:
    """Names in one line, set apart as the language of the asker does it."""
    return ("、" if language() == "zh" else ", ").join(str(one) for one in names)


def inside(label: str) -> str:
    """An English label as it stands inside a sentence; one that begins with an abbreviation stays as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


@dataclass(frozen=True, slots=True)
class Text:
    """One phrase in Chinese and in English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if _language.get() == "zh" else self.en

    def in_(self, lang: Language) -> str:
        """Give the phrase in a named language."""
        return self.zh if lang == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        """Give the form that JSON columns and the API keep."""
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def from_json(cls, raw: object) -> Text:
        """Read what `as_json` wrote; a plain string stands for both languages."""
        if isinstance(raw, Mapping):
            zh, en = str(raw.get("zh") or ""), str(raw.get("en") or "")
            return cls(zh or en, en or zh)
        return cls.same("" if raw is None else str(raw))

    @classmethod
    def same(cls, phrase: str) -> Text:
        """Make a phrase that reads the same in both languages (a name, a code)."""
        return cls(phrase, phrase)

    def __add__(self, other: Text | str) -> Text:
        zh, en = (other.zh, other.en) if isinstance(other, Text) else (other, other)
        return Text(self.zh + zh, self.en + en)
