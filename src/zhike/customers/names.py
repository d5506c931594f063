"""Whether two names may belong to the same customer, when a phone, an e-mail or a credit code says they do."""

import re
import unicodedata

_NOISE = re.compile(r"[\s·•・.,，。、\-_()（）《》<>\"'“”‘’/&]+")
_TITLES = re.compile(r"(先生|女士|小姐|老师|经理|总监|总|太太)$")
_LEGAL = re.compile(r"(集团)?(股份有限公司|有限责任公司|有限公司|公司|集团|inc|ltd|llc|co|corp|gmbh)+$")


def folded(name: str) -> str:
    """A name without width, case, spaces, punctuation and the legal form of a company."""
    text = _NOISE.sub("", unicodedata.normalize("NFKC", name).lower())
    return _LEGAL.sub("", text) or text


def compatible(one: str, other: str) -> bool:
    """Equal once folded, one missing, a title for the given name (张先生 ~ 张三), or a company's short for its long name."""
    a, b = folded(one), folded(other)
    if not a or not b or a == b:
        return True
    if _titled(a, b) or _titled(b, a):
        return True
    short, long = sorted((a, b), key=len)
    return len(short) >= 4 and short in long


def _titled(titled: str, full: str) -> bool:
    bare = _TITLES.sub("", titled)
    return bool(bare) and bare != titled and full.startswith(bare)
