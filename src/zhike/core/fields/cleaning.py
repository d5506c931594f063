"""Reading raw cells: each builder takes a field and gives the function that cleans one non-empty cell for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from zhike.core import spreadsheets, widths
from zhike.core.errors import BadValue
from zhike.core.fields.values import is_empty
from zhike.core.money import clean_number
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.core.fields.specs import FieldSpec
    from zhike.core.fields.values import Value

_SHORT, _LONG = 200, 10_000
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_WECHAT = re.compile(r"[A-Za-z0-9][-_A-Za-z0-9]{4,19}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_YES = frozenset(
    {"是", "有", "对", "真", "同意", "接受", "愿意", "y", "yes", "true", "t", "1", "✓", "√", "on", "v"}
)
_NO = frozenset(
    {
        "否",
        "无",
        "没有",
        "不",
        "错",
        "假",
        "不同意",
        "不接受",
        "拒绝",
        "不愿意",
        "n",
        "no",
        "false",
        "f",
        "0",
        "×",
        "✗",
        "off",
        "x",
    }
)


def bad(reason_zh: str, reason_en: str, remedy_zh: str, remedy_en: str) -> BadValue:
    """Make the refusal of one value."""
    return BadValue(Text(reason_zh, reason_en), Text(remedy_zh, remedy_en))


def _words(raw: object) -> str:
    """Give a cell as trimmed text with full-width letters halved; refuses what a spreadsheet computed."""
    if isinstance(raw, str):
        words = widths.half_words(raw).strip()
    elif isinstance(raw, float) and raw.is_integer():
        words = str(int(raw))
    elif isinstance(raw, (datetime, date)):
        words = raw.isoformat(" ") if isinstance(raw, datetime) else raw.isoformat()
    else:
        words = str(raw).strip()
    if words[:1] in _SUSPECT:
        words = _checked(words)
    return words


_SUSPECT = frozenset("=+-@#'")


def _checked(words: str) -> str:
    words = spreadsheets.restored(words)
    if spreadsheets.is_formula(words):
        raise bad(
            f"单元格里是公式“{words[:40]}”,不是内容。",
            f"The cell holds a formula, “{words[:40]}”, not a value.",
            "请粘贴为数值后重新导入。",
            "Paste it as a value and send it again.",
        )
    if spreadsheets.is_error(words):
        raise bad(
            f"单元格里是表格错误 {words}。",
            f"The cell holds the spreadsheet error {words}.",
            "请在表格里改正公式后重新导入。",
            "Mend the formula in the sheet and send it again.",
        )
    return words


def text(spec: FieldSpec) -> Callable[[object], Value]:
    """Clean a line of text."""
    return _texts(spec, _SHORT, one_line=True)


def long_text(spec: FieldSpec) -> Callable[[object], Value]:
    """Clean prose of several lines."""
    return _texts(spec, _LONG, one_line=False)


def _texts(spec: FieldSpec, longest: int, *, one_line: bool) -> Callable[[object], Value]:
    shortest = int(spec.minimum) if spec.minimum is not None else 0
    longest = min(int(spec.maximum), longest) if spec.maximum is not None else longest
    pattern = re.compile(spec.pattern) if spec.pattern else None

    def clean(raw: object) -> str | None:
        words = _words(raw)
        if not words.isprintable():
            words = _SPACES.sub(" ", words) if one_line else words.replace("\r\n", "\n").replace("\r", "\n")
            words = _CONTROL.sub("", words).strip()
            if is_empty(words):
                return None
        if not shortest <= len(words) <= longest:
            raise _wrong_length(len(words), shortest, longest)
        if pattern is not None and pattern.fullmatch(words) is None:
            raise _wrong_shape(words, spec)
        return words

    return clean


def _wrong_length(length: int, shortest: int, longest: int) -> BadValue:
    return bad(
        f"长度为 {length} 个字。",
        f"It is {length} characters long.",
        f"请写 {shortest} 到 {longest} 个字。",
        f"Write {shortest} to {longest} characters.",
    )


def _wrong_shape(words: str, spec: FieldSpec) -> BadValue:
    return bad(
        f"“{words[:40]}”不符合{spec.label.zh}的格式。",
        f"“{words[:40]}” does not have the shape of {spec.label.en}.",
        spec.help.zh or f"格式要求:{spec.pattern}。",
        spec.help.en or f"It must match {spec.pattern}.",
    )


def name(spec: FieldSpec) -> Callable[[object], Value]:
    """Clean the name of a person or company."""
    longest = int(spec.maximum) if spec.maximum is not None else 120

    def clean(raw: object) -> str | None:
        words = _words(raw)
        if not words.isprintable() or "  " in words:
            words = _SPACES.sub(" ", _CONTROL.sub("", words)).strip()
            if is_empty(words):
                return None
        if len(words) > longest:
            raise _wrong_length(len(words), 1, longest)
        if words.isascii() and not any(map(str.isalpha, words)):
            raise bad(
                f"“{words}”不像名称。",
                f"“{words}” does not look like a name.",
                "请填写姓名或公司名称。",
                "Enter the name of a person or company.",
            )
        return words

    return clean


def address(spec: FieldSpec) -> Callable[[object], Value]:
    """Clean a postal address."""
    return _texts(spec, 300, one_line=True)


def email(raw: object) -> str:
    """Clean an e-mail address, lower case."""
    words = widths.half(str(raw)).strip().removeprefix("mailto:")
    if len(words) > 254 or _EMAIL.fullmatch(words) is None or ".." in words:
        raise bad(
            f"“{words[:60]}”不是邮箱地址。",
            f"“{words[:60]}” is not an e-mail address.",
            "请写成 name@example.com 的样子。",
            "Write it like name@example.com.",
        )
    return words.lower()


def wechat(raw: object) -> str:
    """Clean a WeChat id."""
    words = widths.half(_words(raw))
    if _WECHAT.fullmatch(words) is None:
        raise bad(
            f"“{words[:40]}”不是微信号。",
            f"“{words[:40]}” is not a WeChat id.",
            "微信号是 5 到 20 位字母、数字、下划线或减号。",
            "It is 5 to 20 letters, digits, _ or -.",
        )
    return words


def _code(raw: object) -> str:
    words = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)
    return re.sub(r"[\s\-]", "", widths.half(words)).lstrip("'").upper()


def id_number(raw: object) -> str:
    """Clean a resident ID number; its birth date and check digit must hold."""
    words = _code(raw)
    try:
        return str(ric.validate(words))
    except ValidationError:
        raise bad(
            "身份证号不正确。",
            "The ID number is not correct.",
            "请核对 18 位号码,最后一位是校验码。",
            "Check the 18 characters; the last one is a check digit.",
        ) from None


def credit_code(raw: object) -> str:
    """Clean a unified social credit code; its check digit must hold."""
    words = _code(raw)
    try:
        return str(uscc.validate(words))
    except ValidationError:
        raise bad(
            f"“{words[:40]}”不是统一社会信用代码。",
            f"“{words[:40]}” is not a unified social credit code.",
            "请核对 18 位代码,不含 I、O、S、V、Z,最后一位是校验码。",
            "Check the 18 characters: no I, O, S, V, Z, and the last is a check digit.",
        ) from None


def integer(raw: object) -> int:
    """Clean a whole number."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    number = clean_number(raw)
    if number != number.to_integral_value():
        raise bad(
            f"“{raw}”不是整数。",
            f"“{raw}” is not a whole number.",
            "请去掉小数部分。",
            "Leave out the decimals.",
        )
    return int(number)


def limited(clean: Callable[[object], Value]) -> Callable[[FieldSpec], Callable[[object], Value]]:
    """Make a builder that also keeps a value between the field's minimum and maximum."""

    def build(spec: FieldSpec) -> Callable[[object], Value]:
        low, high = spec.minimum, spec.maximum
        if low is None and high is None:
            return clean

        def within(raw: object) -> Value:
            value = clean(raw)
            if isinstance(value, (int, Decimal)) and (
                (low is not None and value < low) or (high is not None and value > high)
            ):
                raise _outside(value, low, high)
            return value

        return within

    return build


def _outside(value: object, low: Decimal | None, high: Decimal | None) -> BadValue:
    zh = " 且 ".join(
        part
        for part in (f"≥ {low}" if low is not None else "", f"≤ {high}" if high is not None else "")
        if part
    )
    return bad(
        f"{value} 超出范围。",
        f"{value} is out of range.",
        f"应 {zh}。",
        f"It must be {zh.replace('且', 'and')}.",
    )


_DASHES = str.maketrans(dict.fromkeys("–—~～－−", "-"))


def _alike(word: str) -> str:
    """What is left of a word when width, case, spaces and the kind of dash do not count: “45–54 岁” is “45-54岁”."""
    return "".join(widths.half(word).lower().translate(_DASHES).split())


def _spellings(spec: FieldSpec) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in spec.choices:
        for word in (one.value, one.label.zh, one.label.en, *one.aliases):
            found.setdefault(_alike(word), one.value)
    return found


def choice(spec: FieldSpec) -> Callable[[object], Value]:
    """Clean one answer, found by value, label or alias."""
    spellings = _spellings(spec)

    def clean(raw: object) -> str:
        found = spellings.get(raw) if isinstance(raw, str) else None
        if found is not None:
            return found
        words = _words(raw)
        found = spellings.get(_alike(words))
        if found is None:
            raise _not_offered(words, spec)
        return found

    return clean


def multi_choice(spec: FieldSpec) -> Callable[[object], Value]:
    """Clean several answers, from a list or from text with separators."""
    one = choice(spec)

    def clean(raw: object) -> list[str]:
        parts = raw if isinstance(raw, (list, tuple)) else re.split(r"[,\uff0c、;\uff1b|/\n]+", _words(raw))
        wanted = {one(part) for part in parts if str(part).strip()}
        return [offered.value for offered in spec.choices if offered.value in wanted]

    return clean


def _not_offered(words: str, spec: FieldSpec) -> BadValue:
    zh = "、".join(one.label.zh for one in spec.choices[:12])
    en = ", ".join(one.label.en for one in spec.choices[:12])
    return bad(
        f"{spec.label.zh}没有“{words[:40]}”这个选项。",
        f"{spec.label.en} has no choice “{words[:40]}”.",
        f"可选:{zh}。",
        f"Choose one of: {en}.",
    )


def boolean(raw: object) -> bool:
    """Clean yes or no."""
    if isinstance(raw, bool):
        return raw
    words = _words(raw).lower().removesuffix(".0")
    if words in _YES:
        return True
    if words in _NO:
        return False
    raise bad(
        f"“{words[:40]}”不是“是”或“否”。",
        f"“{words[:40]}” is neither yes nor no.",
        "请写“是”或“否”。",
        "Write yes or no.",
    )


def url(raw: object) -> str:
    """Clean a web address; https is added when the scheme is missing."""
    words = _words(raw)
    full = words if "://" in words else f"https://{words}"
    try:
        parts = urlsplit(full)
        fine = (
            parts.scheme in {"http", "https"}
            and "." in (parts.hostname or "")
            and len(full) <= 500
            and not re.search(r"[\s<>\"]", full)
        )
    except ValueError:
        fine = False
    if not fine:
        raise bad(
            f"“{words[:60]}”不是网址。",
            f"“{words[:60]}” is not a web address.",
            "请写成 https://example.com 的样子。",
            "Write it like https://example.com.",
        )
    return full
