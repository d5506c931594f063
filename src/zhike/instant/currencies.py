"""In which currency a file's amounts are, as its cells or headings give it away."""

import re
from collections import Counter
from collections.abc import Iterator

from zhike.core.text import Text
from zhike.instant.columns import Understanding
from zhike.instant.files import Source

_MONEY = {"amount", "unit_price", "profit"}
# In this order: 美元 holds 元 as well.
_SIGNS = (
    ("€", "EUR"), ("eur", "EUR"), ("欧元", "EUR"), ("£", "GBP"), ("gbp", "GBP"), ("英镑", "GBP"),
    ("$", "USD"), ("usd", "USD"), ("dollar", "USD"), ("美元", "USD"),
    ("¥", "CNY"), ("\uffe5", "CNY"), ("元", "CNY"), ("cny", "CNY"), ("rmb", "CNY"), ("人民币", "CNY"),
)  # fmt: skip
_NAMES = {sign for sign, _ in _SIGNS}


def told(source: Source, found: Understanding) -> str:
    """The currency that most amounts bear, else the one that a heading names; "" when nothing tells."""
    borne = Counter(filter(None, map(_code, _cells(source, found))))
    named = [_code(one.column.name) for one in found.columns if one.key in _MONEY]
    headings = "".join(re.sub(r"^列\d+$", "", one.column.name) for one in found.columns)
    chinese = "CNY" if re.search(r"[一-鿿]", headings) else ""
    return next(filter(None, [*(code for code, _ in borne.most_common(1)), *named, chinese]), "")


def mixed(source: Source, found: Understanding) -> Text | None:
    """That amounts are of several currencies, which nothing converts; None where they are not."""
    codes = sorted({*map(_code, _cells(source, found))} - {""})
    if len(codes) < 2:
        return None
    named = "、".join(codes)
    return Text(
        f"注意:金额中有多种货币({named}),本报告未作换算,直接相加。请先换算成一种货币,或按货币拆成几个文件再分析。",
        f"Mind: the amounts are in several currencies ({', '.join(codes)}) and are added up as they stand. "
        "Convert them to one, or analyse a file for each.",
    )


def _code(text: str) -> str:
    said = text.casefold()
    return next((code for sign, code in _SIGNS if sign in said), "")


def _cells(source: Source, found: Understanding) -> Iterator[str]:
    """What tells the currency in the sample: amounts as they are written, and columns that hold nothing but currencies."""
    rows = source.sample()
    for one in found.columns:
        cells = [row[one.column.index].strip() for row in rows if one.column.index < len(row)]
        if one.key in _MONEY or _names_currencies(cells):
            yield from cells


def _names_currencies(cells: list[str]) -> bool:
    said = {cell.casefold() for cell in cells} - {""}
    return bool(said) and said <= _NAMES
