"""How values look to those who may not see them: 张*, 138****8000, z***@huasheng.cn, 9132****8X, an address down to its city."""

from __future__ import annotations

import re

from zhike.core.regions import city_in
from zhike.core.surnames import surname_of

HIDDEN = "****"
_COMPANY = re.compile(
    r"(有限责任公司|股份有限公司|有限公司|分公司|公司|集团|事务所|研究院|研究所|合作社|商行|工厂|厂|店|中心|医院|学校|大学|银行)$"
)
_HAN = re.compile(r"[一-鿿㐀-䶿·]+")


# Digits as people group them; what stands before or after must not be part of a longer number.
_IN_PROSE = re.compile(
    r"(?P<email>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?<![0-9A-Za-z])(?P<id>[1-9]\d{5}[ -]?(?:19|20)\d{2}[ -]?(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[\dXx])"
    r"(?![0-9A-Za-z])"
    r"|(?<![0-9])(?P<mobile>(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?![0-9])"
    r"|(?<![0-9])(?P<card>[1-9]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?:[ -]?\d{1,3})?)(?![0-9])"
    r"|(?<![0-9])(?P<fixed>0\d{2,3}[ -]?\d{7,8})(?![0-9])",
    re.ASCII,
)


def hidden(value: object) -> str:
    """Show nothing of a value."""
    return HIDDEN if value not in (None, "") else ""


def name(value: str) -> str:
    """Keep the surname: 张三 → 张*, 张三丰 → 张**, 欧阳娜娜 → 欧阳**, John Smith → J***; companies go through `company`."""
    text = str(value or "").strip()
    if not text:
        return ""
    if _COMPANY.search(text) and len(text) > 3:
        return company(text)
    if not _HAN.fullmatch(text):
        return text[0] + "***"
    surname = surname_of(text)
    return surname + "*" * min(max(len(text) - len(surname), 1), 3)


def company(value: str) -> str:
    """Keep the first character and the kind of company: 华晟精密制造集团 → 华***集团."""
    text = str(value or "").strip()
    if not text:
        return ""
    match = _COMPANY.search(text)
    return f"{text[0]}***{match[0] if match else ''}"


def phone(value: str) -> str:
    """Keep the first three and last four digits: +8613800138000 → 138****8000; of others the last four."""
    text = str(value or "").split(";", 1)[0]
    if not text:
        return ""
    if text.startswith("+86"):
        digits = text[3:]
        if len(digits) == 11 and digits[0] == "1":
            return f"{digits[:3]}****{digits[-4:]}"
        area = 2 if digits.startswith(("10", "2")) else 3
        return f"0{digits[:area]}****{digits[-4:]}"
    return f"{text[:2]}****{text[-4:]}" if len(text) > 8 else HIDDEN


def email(value: str) -> str:
    """Keep the first letter and the domain: zhou@huasheng.cn → z***@huasheng.cn."""
    local, at, domain = str(value or "").rpartition("@")
    return f"{local[:1]}***@{domain}" if at else hidden(value)


def code(value: str) -> str:
    """Keep the first four and last two characters: 91320508MA1N12348X → 9132****8X."""
    text = str(value or "")
    return f"{text[:4]}****{text[-2:]}" if len(text) > 8 else hidden(text)


def id_number(value: str) -> str:
    """Keep the province and the last character of an ID number, never the birth date: 32****************X."""
    text = str(value or "")
    return f"{text[:2]}{'*' * 15}{text[-1:]}" if len(text) >= 15 else hidden(text)


def address(value: str) -> str:
    """Keep province and city: 江苏省苏州市****."""
    text = str(value or "")
    return (city_in(text) or "") + HIDDEN if text else ""


def wechat(value: str) -> str:
    """Keep the first two letters: hs***."""
    text = str(value or "")
    return f"{text[:2]}***" if text else ""


def prose(value: str) -> str:
    """Keep the first character of a personal text."""
    text = str(value or "")
    return f"{text[0]}***" if text else ""


def numbers(text: str) -> str:
    """Mask the phone, ID and bank card numbers and e-mail addresses within a text: 回电 138****8000."""
    return _IN_PROSE.sub(_masked, text) if text else ""


def _masked(found: re.Match[str]) -> str:
    written = found[0]
    if found.lastgroup == "email":
        return email(written)
    bare = re.sub(r"[ -]", "", written)
    if found.lastgroup == "id":
        return id_number(bare)
    if found.lastgroup == "mobile":
        return phone(f"+86{bare[-11:]}")
    return f"{bare[:4]}****{bare[-4:]}"


def birthday(value: object) -> str:
    """Keep the year of a personal date: 1986-**-**."""
    text = str(value or "")
    return f"{text[:4]}-**-**" if text else ""
