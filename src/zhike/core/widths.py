"""Full-width characters, as Chinese input methods type them, turned into their half-width twins."""

from __future__ import annotations

import re

_CODES = {0x3000: " ", 0x2007: " ", 0x00A0: " ", 0x202F: " ", 0xFEFF: "", 0x200B: "", 0x200E: "", 0x200F: ""}
_ALL = (
    _CODES
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {0x3002: ".", 0xFFE5: "¥", 0x2212: "-"}
)
_ALNUM = _CODES | {
    code: chr(code - 0xFEE0)
    for code in range(0xFF01, 0xFF5F)
    if chr(code - 0xFEE0).isalnum() or chr(code - 0xFEE0) in "@&"
}
_WIDE = re.compile(r"[\u3000\u2007\u00a0\u202f\ufeff\u200b\u200e\u200f\u3002\u2212\uff01-\uff5e\uffe5]")


def half(text: str) -> str:
    """Turn every full-width letter, digit, sign and space into half width: for codes, numbers, dates, phones."""
    if text.isascii() or not _WIDE.search(text):
        return text
    return text.translate(_ALL)


def half_words(text: str) -> str:
    """Turn full-width letters, digits and spaces into half width, leaving Chinese punctuation alone: for names and prose."""
    if text.isascii() or not _WIDE.search(text):
        return text
    return text.translate(_ALNUM)
