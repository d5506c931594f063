"""Phone numbers as E.164: mainland mobiles by a fast path, everything else by the phonenumbers library."""

from __future__ import annotations

import re

import phonenumbers

from zhike.core.errors import BadValue
from zhike.core.text import Text
from zhike.core.widths import half

_MOBILE = re.compile(r"(?:\+?86|0086)?[ \-]?(1[3-9]\d)[ \-]?(\d{4})[ \-]?(\d{4})", re.ASCII)
_SEVERAL = re.compile(r"\d{7,}\s*[/;,、|或\uff0c\uff1b]\s*\+?\d{7,}")
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")


def clean_phone(raw: object) -> str:
    """Read a phone number as E.164 (+8613800138000; an extension follows as ;ext=801); raises `BadValue`."""
    if isinstance(raw, str):
        text = raw.strip()
    elif (
        isinstance(raw, (int, float))
        and not isinstance(raw, bool)
        and raw == raw
        and raw not in {float("inf"), float("-inf")}
    ):
        text = str(int(raw))
    else:
        text = str(raw)
    match = _MOBILE.fullmatch(text)
    if match is None and not text.isascii():
        text = half(text).strip()
        match = _MOBILE.fullmatch(text)
    if match is not None and text.isascii():
        return "+86" + match[1] + match[2] + match[3]
    return _by_library(text)


def _by_library(text: str) -> str:
    text = text.removesuffix(".0")
    if len(text) > 40 or _SEVERAL.search(text):
        raise _several(text) if _SEVERAL.search(text) else _invalid(text)
    if _LOST_DIGITS.fullmatch(text):
        raise _lost(text)
    try:
        number = phonenumbers.parse(re.sub(r"\s*(?:转|分机)\s*", " ext. ", text), "CN")
    except phonenumbers.NumberParseException:
        raise _invalid(text) from None
    if not phonenumbers.is_valid_number(number):
        raise _invalid(text)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written


def _invalid(text: str) -> BadValue:
    return BadValue(
        Text(f"“{text[:40]}”不是有效的电话号码。", f"“{text[:40]}” is not a valid phone number."),
        Text(
            "手机写 11 位;座机加区号,如 0512-65551234;境外号码以 + 和国家代码开头。",
            "Write 11 digits for a mainland mobile, an area code for a landline, + and the country code for others.",
        ),
    )


def _several(text: str) -> BadValue:
    return BadValue(
        Text(f"“{text[:40]}”里有不止一个号码。", f"“{text[:40]}” holds more than one number."),
        Text(
            "每个单元格只留一个号码,其余放到另一列。",
            "Keep one number in a cell and put the others in another column.",
        ),
    )


def _lost(text: str) -> BadValue:
    return BadValue(
        Text(
            f"“{text}”是科学计数法,号码的末几位已丢失。",
            f"“{text}” is in scientific notation; its last digits are lost.",
        ),
        Text(
            "请在表格里把该列设为文本后重新填写号码。",
            "Format the column as text and enter the number again.",
        ),
    )


def show_phone(value: str) -> str:
    """Write an E.164 number as people in China read it: 138 0013 8000, 0512 6555 1234, +1 415-555-2671."""
    if value.startswith("+861") and len(value) == 14:
        return f"{value[3:6]} {value[6:10]} {value[10:]}"
    try:
        number = phonenumbers.parse(value.replace(";ext=", " ext. "), "CN")
    except phonenumbers.NumberParseException:
        return value
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code == 86
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style)
