"""Suggests which column fills which field: by what was confirmed before, by name, and by what the cells look like."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds import registry
from zhike.intake.origin import OURS
from zhike.intake.reading.headings import bare, plain

SURE = 0.75
LIKELY = 0.6

_PHONE = re.compile(r"(?:\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID_NUMBER = re.compile(r"[1-9]\d{16}[\dXx]")
_CREDIT_CODE = re.compile(r"(?=.*[A-Z])[0-9A-HJ-NPQRTUWXY]{18}")
_DATE = re.compile(r"(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*", re.DOTALL)
_MONEY = re.compile(r"[¥¥$]\s*-?\d[\d,]*(?:\.\d+)?|-?\d[\d,]*\.\d{2}")
_SHAPES: dict[str, re.Pattern[str]] = {
    "phone": _PHONE,
    "email": _EMAIL,
    "id_number": _ID_NUMBER,
    "credit_code": _CREDIT_CODE,
    "date": _DATE,
    "datetime": _DATE,
    "money": _MONEY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A column with the field it probably fills ("" when none is likely), how sure that is, and why."""

    index: int
    name: str
    field: str
    confidence: float
    why: Text


_REMEMBERED = Text(zh="上次这样对应", en="as confirmed last time")
_BY_NAME = Text(zh="列名相同", en="by its name")
_BY_LIKENESS = Text(zh="列名相近", en="a similar name")
BY_CONTENT = Text(zh="内容像", en="by its content")
_LEFT_OUT = Text(zh="上次没有导入", en="left out last time")
_OURS = Text(zh="由问题文件添加", en="added by the problem file")
_NOTHING = Text(zh="没有相近的字段", en="no field is like it")


def suggest(
    kind: Kind,
    columns: Sequence[tuple[int, str, str]],
    samples: Mapping[int, Sequence[str]],
    remembered: Mapping[str, str],
) -> list[Suggestion]:
    """The best field for each column (index, name, group); no field is given twice."""
    fields = {one.key: one for one in kind.fields()}
    found: dict[int, Suggestion] = {}
    taken: set[str] = set()
    for index, name, _ in columns:
        if name in OURS:
            found[index] = Suggestion(index=index, name=name, field="", confidence=1.0, why=_OURS)
            continue
        known = remembered.get(plain(name))
        if known == "" or (known in fields and known not in taken):
            found[index] = Suggestion(
                index=index,
                name=name,
                field=known or "",
                confidence=1.0,
                why=_REMEMBERED if known else _LEFT_OUT,
            )
            taken.add(known or "")
    offers = [
        offer
        for index, name, group in columns
        if index not in found
        for offer in _offers(index, name, group, samples.get(index, ()), fields)
    ]
    for offer in sorted(offers, key=lambda one: -one.confidence):
        if offer.index not in found and offer.field not in taken:
            found[offer.index] = offer
            taken.add(offer.field)
    return [
        found.get(index) or Suggestion(index=index, name=name, field="", confidence=0.0, why=_NOTHING)
        for index, name, _ in columns
    ]


def knower() -> Callable[[str], bool]:
    """Tells whether a bare heading is the name of a field of any kind; helps to find the header row."""
    names = {bare(name) for kind in registry.every() for one in kind.fields() for name in one.names()}
    return names.__contains__


def likelier_kind(names: Sequence[str], said: str) -> str:
    """The kind to whose fields more of the column names belong than to those of `said`; "" when there is none."""
    bares = {bare(name) for name in names}

    def hits(kind: Kind) -> tuple[int, float]:
        fields = kind.fields()
        hit = {one.key for one in fields if bares & _names(one)}
        complete = kind.key == "customers" or all(one.key in hit for one in fields if one.required)
        return (len(hit), len(hit) / len(fields)) if complete else (0, 0.0)

    scores = {kind.key: hits(kind) for kind in registry.every()}
    best = max(scores, key=lambda key: scores[key])
    return best if scores[best][0] > scores[said][0] + 1 else ""


@lru_cache(maxsize=2048)
def _names(field: FieldSpec) -> frozenset[str]:
    return frozenset(bare(name) for name in field.names())


def _offers(
    index: int, name: str, group: str, cells: Sequence[str], fields: Mapping[str, FieldSpec]
) -> list[Suggestion]:
    filled = [cell.strip() for cell in cells if cell.strip()][:200]
    offers = []
    for field in fields.values():
        likeness, why = _likeness(name, group, field)
        content = _content(field, filled)
        confidence = likeness
        if likeness >= LIKELY and content is False:
            confidence = likeness * 0.7
        elif content and likeness < LIKELY:
            confidence, why = max(likeness, LIKELY if field.sealed else 0.5), BY_CONTENT
        elif content:
            confidence = min(likeness + 0.03, 1.0)
        if confidence >= LIKELY:
            offers.append(
                Suggestion(index=index, name=name, field=field.key, confidence=round(confidence, 2), why=why)
            )
    return offers


def _likeness(name: str, group: str, field: FieldSpec) -> tuple[float, Text]:
    """How much a column's name is one of the field's names."""
    names = _names(field)
    if plain(name) in (plain(field.label.zh), plain(field.label.en), plain(field.key)):
        return 1.0, _BY_NAME
    if plain(name) in names:
        return 0.95, _BY_NAME
    if bare(name) in names or (group and bare(group + name) in names):
        return 0.9, _BY_NAME
    wanted = bare(name)
    if len(wanted) < 2:
        return 0.0, _NOTHING
    closest = max((SequenceMatcher(None, wanted, one).ratio() for one in names if len(one) > 1), default=0.0)
    inside = max((len(one) / len(wanted) for one in names if len(one) > 1 and one in wanted), default=0.0)
    return max(closest * 0.85, 0.55 + 0.3 * inside if inside >= 0.4 else 0.0), _BY_LIKENESS


def _content(field: FieldSpec, cells: Sequence[str]) -> bool | None:
    """Whether the cells look like the field; None when its type has no look of its own."""
    shape = _SHAPES.get(field.type)
    if shape is None or not cells:
        return None
    share = sum(1 for cell in cells if shape.fullmatch(cell)) / len(cells)
    if field.type in {"date", "datetime", "money"}:
        return True if share > 0.8 else None
    return True if share > 0.7 else (False if share < 0.1 else None)
