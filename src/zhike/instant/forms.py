"""Days and amounts as files write them, brought to the one way that is read at once: whole columns by Arrow, no cell alone."""

import re
from collections.abc import Sequence
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from zhike.core.errors import BadValue
from zhike.core.phones import clean_phone

_STANDARD_MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"
_STANDARD_MOBILE = r"^1[3-9]\d{9}$"
_STANDARD_NUMBER = r"^-?\d{1,11}(\.\d{1,6})?$"
_TURNED = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?:[ T].*)?")
_DAY = re.compile(
    r"(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*|(?:19|20)\d{2}[01]\d[0-3]\d(?:\d{4}|\d{6})?|"
    r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*(?:(?:19|20)\d{2}|\d{2})(?:[ T].*)?",
    re.DOTALL,
)
_SIGNS = r"(?:RMB|CNY|USD|US\$|HK\$|[¥¥$€£])"
_TIDY = (
    (r"^\s+|\s+$", ""),
    (r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*[日号])?", r"\1-\2-\3"),
    (r"^((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$", r"\1-\2-\3 \4:\5:\6"),
    (r"^((?:19|20)\d{2})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})-(\d)-", r"\1-0\2-"),
    (r"^(\d{4}-\d{2})-(\d)(\D|$)", r"\1-0\2\3"),
    (r"^(\d{4}-\d{2}-\d{2})[T ]+(\d)(\D)", r"\1 0\2\3"),
    (r"^(\d{4}-\d{2}-\d{2})[T ]+(\d{2}):(\d{2})$", r"\1 \2:\3:00"),
    (r"^(\d{4}-\d{2}-\d{2})[T ]+(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?$", r"\1 \2:\3:\4"),
    (r"^(\d{4}-\d{2}-\d{2})$", r"\1 00:00:00"),
)


class Order(StrEnum):
    """In which order a file writes the parts of a day."""

    YMD = "ymd"
    MDY = "mdy"
    DMY = "dmy"


def is_day(cell: str) -> bool:
    """Whether a cell looks like a day or a moment."""
    return _DAY.fullmatch(cell) is not None


def is_turned(cell: str) -> bool:
    """Whether the year stands behind, so that day and month may be mistaken for each other."""
    return _TURNED.fullmatch(cell) is not None


def first_and_second(cells: pa.Array) -> tuple[int, int]:
    """The largest first and second part of days whose year stands behind: above 12 it is the day."""
    pattern = r"^\s*(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?:\d{4}|\d{2})(?:[ T].*)?$"
    parts = pc.extract_regex(cells, pattern)
    found = [pc.max(pc.cast(pc.struct_field(parts, name), pa.int32())).as_py() for name in ("a", "b")]
    return found[0] or 0, found[1] or 0


def days(cells: pa.Array, order: Order) -> pa.Array:
    """Moments brought to YYYY-MM-DD hh:mm:ss where they are written otherwise; what is no moment stays as it is."""
    odd = pc.invert(pc.match_substring_regex(cells, _STANDARD_MOMENT))
    if not pc.any(odd).as_py():
        return cells
    encoded = cells.filter(odd).dictionary_encode()
    texts = encoded.dictionary
    if order is not Order.YMD:
        texts = _year_first(texts, order)
    texts = _from_seconds(texts)
    for pattern, by in _TIDY:
        texts = pc.replace_substring_regex(texts, pattern, by)
    return pc.replace_with_mask(cells, odd, texts.take(encoded.indices))


def _from_seconds(texts: pa.Array) -> pa.Array:
    """Seconds since 1970, as programs keep moments, in local time."""
    texts = pc.replace_substring_regex(texts, r"^(\d{9,10})\.0+$", r"\1")
    seconds = pc.match_substring_regex(texts, r"^[12]?\d{9}$")
    if not pc.any(seconds).as_py():
        return texts
    moments = pc.cast(pc.cast(pc.if_else(seconds, texts, None), pa.int64()), pa.timestamp("s", "UTC"))
    local = pc.local_timestamp(pc.cast(moments, pa.timestamp("s", "Asia/Shanghai")))
    return pc.if_else(seconds, pc.strftime(local, "%Y-%m-%d %H:%M:%S"), texts)


def _year_first(texts: pa.Array, order: Order) -> pa.Array:
    day, month = ("1", "2") if order is Order.DMY else ("2", "1")
    full = r"^\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(\D|$)"
    short = r"^\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{2})(\D|$)"
    texts = pc.replace_substring_regex(texts, full, rf"\3-\{month}-\{day}\4")
    return pc.replace_substring_regex(texts, short, rf"20\3-\{month}-\{day}\4")


def numbers(cells: pa.Array) -> pa.Array:
    """Amounts without currency signs and thousands separators; 万 and the like are left to careful cleaning."""
    odd = pc.invert(pc.match_substring_regex(cells, _STANDARD_NUMBER))
    if not pc.any(odd).as_py():
        return cells
    texts = pc.utf8_trim_whitespace(cells.filter(odd))
    texts = pc.replace_substring_regex(texts, rf"^([-+(]?)\s*{_SIGNS}\s*([-+]?)", r"\1\2")
    texts = pc.replace_substring_regex(texts, rf"\s*(?:元|圆|{_SIGNS})(\)?)$", r"\1")
    texts = pc.replace_substring_regex(texts, r"^\(([^()]*)\)$", r"-\1")
    grouped = pc.match_substring_regex(texts, r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$")
    texts = pc.if_else(grouped, pc.replace_substring(texts, ",", ""), texts)
    long = pc.match_substring_regex(texts, r"^-?\d{1,11}\.\d{7,}$")
    if pc.any(long).as_py():
        texts = pc.if_else(long, _rounded(texts), texts)
    return pc.replace_with_mask(cells, odd, texts)


def contacts(key: str, cells: pa.Array) -> pa.Array:
    """Phones and addresses of mail in one way each, so that a customer told by them is one customer however they are written."""
    if key == "email":
        return pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    if key != "phone":
        return cells
    odd = pc.invert(pc.match_substring_regex(cells, _STANDARD_MOBILE))
    if not pc.any(odd).as_py():
        return cells
    encoded = cells.filter(odd).dictionary_encode()
    texts = pa.array([_phone(one) for one in encoded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(cells, odd, texts.take(encoded.indices))


def _phone(cell: str) -> str:
    """A mainland mobile as its eleven digits, another number as E.164; what is no number stays, it may still tell people apart."""
    try:
        return re.sub(rf"^\+86({_STANDARD_MOBILE[1:-1]})$", r"\1", clean_phone(cell))
    except BadValue:
        return cell.strip()


def _rounded(texts: pa.Array) -> pa.Array:
    """Numbers with a long tail of digits, as programs write them, to six."""
    return pa.array(
        [f"{float(one):.6f}" if re.fullmatch(r"-?\d+\.\d+", one) else one for one in texts.to_pylist()]
    )


def standard_texts(kind: str, cells: Sequence[str]) -> list[str]:
    """Some cells of a field type, brought to the standard way; days with the year behind in whichever order exists."""
    texts = pa.array(cells, pa.string())
    if kind in {"number", "money", "integer"}:
        return list(numbers(texts).to_pylist())
    if kind != "datetime":
        return list(cells)
    first, _ = first_and_second(texts)
    return list(days(texts, Order.DMY if first > 12 else Order.MDY).to_pylist())
