"""Industries by GB/T 4754-2017, found by code (C35, 3511) or by name (专用设备制造业)."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from zhike.core.errors import BadValue
from zhike.core.text import Text
from zhike.core.widths import half

_CODE = re.compile(r"[A-T]?\d{0,4}")
_TAIL = re.compile(r"(?:业|行业)$")


@dataclass(frozen=True, slots=True)
class Industry:
    """One class of the standard: code with its section letter (C3511), name, level 1 门类 to 4 小类, code above it."""

    code: str
    name: str
    level: int
    parent: str | None


def _load() -> dict[str, Industry]:
    found: dict[str, Industry] = {}
    full: dict[str, str] = {}
    lines = resources.files("zhike.core.data").joinpath("gbt4754-2017.csv").read_text("utf-8").splitlines()
    for row in csv.DictReader(lines):
        parent = full.get(row["parent"])
        code = row["code"] if parent is None else parent[0] + row["code"]
        full[row["code"]] = code
        found[code] = Industry(code=code, name=row["name"], level=int(row["level"]), parent=parent)
    return found


INDUSTRIES: dict[str, Industry] = _load()
_BY_DIGITS = {code[1:]: code for code in INDUSTRIES if len(code) > 1}


def _index() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for industry in sorted(INDUSTRIES.values(), key=lambda one: one.level):
        codes = found.setdefault(industry.name, [])
        # a 中类 with a single 小类 repeats its name: the wider class stands for both
        if not any(industry.code.startswith(code) for code in codes):
            codes.append(industry.code)
    return found


_BY_NAME = _index()


def clean_industry(raw: object) -> str:
    """Find the code of an industry written as code or name; raises `BadValue`."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return _clean(str(raw).strip())


@lru_cache(maxsize=16384)
def _clean(text: str) -> str:
    plain = half(text).replace(" ", "").upper()
    if plain and _CODE.fullmatch(plain):
        return _by_code(plain, text)
    for word in half(text).split():
        if len(word) > 1 and word in INDUSTRIES:
            return word
    name = text.replace(" ", "")
    lead = re.match(r"([A-T]\d{0,4}|\d{2,4})[\s::.、\-]*(.+)", half(name))
    if lead and (lead[1] in INDUSTRIES or lead[1] in _BY_DIGITS) and not _BY_NAME.get(name):
        return _by_code(lead[1], text)
    return _by_name(name, text)


def _by_code(plain: str, text: str) -> str:
    code = plain if plain in INDUSTRIES else _BY_DIGITS.get(plain)
    if code is None:
        raise _unknown(text)
    return code


def _by_name(name: str, text: str) -> str:
    stem = _TAIL.sub("", name)
    for wanted in (name, stem + "业", stem, stem + "制造业", stem + "服务业"):
        codes = _BY_NAME.get(wanted)
        if codes and len(codes) == 1:
            return codes[0]
        if codes:
            raise _several(text, codes)
    if len(stem) >= 2:
        for level in (1, 2):
            begins = [
                one.code for one in INDUSTRIES.values() if one.level == level and one.name.startswith(stem)
            ]
            if len(begins) == 1:
                return begins[0]
    raise _unknown(text)


def show_industry(code: str) -> str:
    """Write a code with its section and name, as the customer page does: 制造业 C35 专用设备制造业."""
    industry = INDUSTRIES.get(code)
    if industry is None:
        return code
    section = INDUSTRIES[code[0]]
    return f"{code} {industry.name}" if industry.level == 1 else f"{section.name} {code} {industry.name}"


def section_of(code: str) -> str:
    """Give the letter of the 门类 an industry belongs to."""
    return code[:1]


def _unknown(text: str) -> BadValue:
    return BadValue(
        Text(f"“{text[:40]}”不是 GB/T 4754 里的行业。", f"“{text[:40]}” is not an industry of GB/T 4754."),
        Text(
            "请写行业代码或全称,如 C35 或“专用设备制造业”。",
            "Write its code or full name, such as C35 or 专用设备制造业.",
        ),
    )


def _several(text: str, codes: list[str]) -> BadValue:
    names = "、".join(show_industry(code) for code in codes[:4])
    return BadValue(
        Text(f"“{text[:40]}”可能是 {names}。", f"“{text[:40]}” may be {names}."),
        Text("请改写为行业代码。", "Write the code instead."),
    )
