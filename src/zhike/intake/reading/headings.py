"""Column names brought to one shape, so that “手机号码 (必填)”, “手 机 号码” and “手机号码*” are the same name."""

import re
import unicodedata
from functools import lru_cache

_BRACKETS = re.compile(r"[(（\[【{<《〈][^)）\]】}>》〉]*[)）\]】}>》〉]")
_NOISE = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def plain(heading: str) -> str:
    """Half width, lower case, letters and digits only."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading)).casefold()


@lru_cache(maxsize=8192)
def bare(heading: str) -> str:
    """The plain name without what stands in brackets (units, “必填”); the whole name if nothing else is left."""
    return plain(_BRACKETS.sub("", heading)) or plain(heading)
