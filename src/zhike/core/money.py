"""Money and other numbers read from what people write: ¥1,234.50, 1.2万, (300.00), 85%."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from zhike.core.errors import BadValue
from zhike.core.text import Text
from zhike.core.widths import half

CENT = Decimal("0.01")
LIMIT = Decimal("1000000000000")  # amounts are kept as numeric(14, 2)
_PLAIN = re.compile(r"-?\d{1,12}(?:\.\d{1,2})?", re.ASCII)
_CENTS = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
_FREE = re.compile(
    r"(?P<sign>[+-]?)\s*(?:(?:¥|RMB|CNY|人民币|\$|US\$|USD)\s*)?(?P<inner>[+-]?)\s*"
    r"(?P<digits>\d{1,4}(?:,\d{3,4})+|\d+|(?=\.\d))(?P<part>\.\d*)?(?:[eE](?P<exponent>[+-]?\d{1,2}))?"
    r"\s*(?P<scale>[千万亿]|百万|千万|[kKmM])?\s*(?:元|圆|块|RMB|CNY|USD)?(?:整|正)?",
    re.ASCII,
)
_COMMA = re.compile(r"[^\d,]*\d[\d.]*,\d{1,2}\D*")  # 1.234,5 as much of Europe writes it
_PLAINLY = Text(
    "请写成 1234.50 这样的数字,可带 ¥、千分位逗号或“万”。",
    "Write a number such as 1234.50; ¥, thousands commas and 万 are fine.",
)
_WITH_A_POINT = Text(
    "小数点请写成“.”,不要写逗号,例如 1234.50。",
    "Write a point before decimals, not a comma, such as 1234.50.",
)
_SCALES = {
    "千": Decimal(1000),
    "万": Decimal(10**4),
    "百万": Decimal(10**6),
    "千万": Decimal(10**7),
    "亿": Decimal(10**8),
    "k": Decimal(1000),
    "m": Decimal(10**6),
}


def _unreadable(raw: object) -> BadValue:
    remedy = _WITH_A_POINT if _COMMA.fullmatch(str(raw).strip()) else _PLAINLY
    return BadValue(Text(f"“{str(raw)[:40]}”不是数字。", f"“{str(raw)[:40]}” is not a number."), remedy)


def _too_large(raw: object) -> BadValue:
    return BadValue(
        Text(f"“{str(raw)[:40]}”太大。", f"“{str(raw)[:40]}” is too large."),
        Text("绝对值须小于一万亿。", "Its absolute value must be below 1,000,000,000,000."),
    )


def clean_number(raw: object) -> Decimal:
    """Read a decimal number from text or a number; raises `BadValue`."""
    if isinstance(raw, str):
        text = raw.strip()
        number = Decimal(text) if _PLAIN.fullmatch(text) and text.isascii() else _free(text)
    elif isinstance(raw, bool):
        raise _unreadable(raw)
    elif isinstance(raw, (int, Decimal)):
        number = Decimal(raw)
    elif isinstance(raw, float):
        number = Decimal(repr(raw))
    else:
        raise _unreadable(raw)
    if not number.is_finite():
        raise _unreadable(raw)
    if not -LIMIT < number < LIMIT:
        raise _too_large(raw)
    return number


def clean_money(raw: object) -> Decimal:
    """Read an amount of money as a Decimal with two places; raises `BadValue`."""
    if isinstance(raw, str):
        if _CENTS.fullmatch(raw):
            return Decimal(raw)
        if raw.endswith("%"):
            raise _unreadable(raw)
    amount = clean_number(raw)
    if amount.as_tuple().exponent != -2:
        amount = amount.quantize(CENT, rounding=ROUND_HALF_UP)
        if not -LIMIT < amount < LIMIT:
            raise _too_large(raw)
    return amount


def _free(text: str) -> Decimal:
    if len(text) > 64:
        raise _unreadable(text)
    plain = half(text).strip()
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1].strip()
    percent = plain.endswith("%")
    match = _FREE.fullmatch(plain[:-1].rstrip() if percent else plain)
    if match is None or (match["sign"] and match["inner"]) or not _grouped(match["digits"]):
        raise _unreadable(text)
    return _value(match, negative=negative, percent=percent, raw=text)


def _grouped(digits: str) -> bool:
    first, *groups = digits.split(",")
    sizes = {len(group) for group in groups}
    return not groups or (sizes == {3} and len(first) <= 3) or sizes == {4}


def _value(match: re.Match[str], *, negative: bool, percent: bool, raw: str) -> Decimal:
    part = match["part"] or ""
    try:
        number = Decimal((match["digits"] or "0").replace(",", "") + (part if part != "." else ""))
    except InvalidOperation:
        raise _unreadable(raw) from None
    if match["exponent"]:
        number = number.scaleb(int(match["exponent"]))
    number *= _SCALES.get((match["scale"] or "").lower(), Decimal(1))
    if percent:
        number /= 100
    return -number if negative or match["sign"] == "-" or match["inner"] == "-" else number
