"""In which currency a file's amounts are, as its cells or headings give it away."""

import re
from collections.abc import Iterator

from zhike.core.text import Text
from zhike.instant.columns import Understanding
from zhike.instant.files import Source

_MONEY = {"amount", "unit_price", "profit"}
_FOREIGN = (("€", "EUR"), ("eur", "EUR"), ("£", "GBP"), ("$", "USD"), ("usd", "USD"), ("dollar", "USD"))
_YUAN = ("¥", "\uffe5", "元", "cny", "rmb")


def currency_of(source: Source, found: Understanding) -> str:
    """The currency as the cells or the headings give it away; "" when nothing does."""
    money = [one for one in found.columns if one.key in _MONEY]
    seen = " ".join([one.column.name for one in money] + list(_cells(source, found))).casefold()
    for sign, code in _FOREIGN:
        if sign in seen:
            return code
    headings = "".join(re.sub(r"^列\d+$", "", one.column.name) for one in found.columns)
    chinese = re.search(r"[一-鿿]", headings) is not None
    return "CNY" if chinese or any(sign in seen for sign in _YUAN[:3]) else ""


def mixed(source: Source, found: Understanding) -> Text | None:
    """That amounts are of several currencies, which nothing converts; None where they are not."""
    codes = sorted({code for cell in _cells(source, found) if (code := _code(cell.casefold()))})
    if len(codes) < 2:
        return None
    named = "、".join(codes)
    return Text(
        f"注意:金额中有多种货币({named}),本报告未作换算,直接相加。请先换算成一种货币,或按货币拆成几个文件再分析。",
        f"Mind: the amounts are in several currencies ({', '.join(codes)}) and are added up as they stand. "
        "Convert them to one, or analyse a file for each.",
    )


def _code(cell: str) -> str:
    for sign, code in _FOREIGN:
        if sign in cell:
            return code
    return "CNY" if any(sign in cell for sign in _YUAN) else ""


def _cells(source: Source, found: Understanding) -> Iterator[str]:
    """The amounts of the sample as they are written."""
    places = [one.column.index for one in found.columns if one.key in _MONEY]
    for row in source.sample():
        yield from (row[place] for place in places if place < len(row))
