"""Dates and moments read from whatever people and spreadsheets write, refused when they cannot exist."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from zhike.core.errors import BadValue
from zhike.core.text import Text
from zhike.core.widths import half

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST, LATEST = 1900, 2100
_EXCEL_DAY_ZERO = datetime.fromisoformat("1899-12-30")
_SERIALS = (3654, 73051)  # 1910-01-01 to 2100-01-01: outside it a bare number is more likely not a date

_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[\sT]*(.+))?", re.DOTALL | re.ASCII
)
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2})(\d{2})(\d{2})?)?", re.ASCII)
_CLOCK = re.compile(
    r"(上午|下午|am|pm)?\s*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,]\d+)?)?[分秒]?\s*(am|pm)?\s*(z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE | re.ASCII,
)

_REMEDY = Text("请写成 2024-03-05 这样的日期。", "Write it as 2024-03-05.")


def _unreadable(raw: object) -> BadValue:
    return BadValue(Text(f"“{raw}”不是可识别的日期。", f"“{raw}” is not a date that can be read."), _REMEDY)


def _impossible(raw: object) -> BadValue:
    return BadValue(Text(f"日期“{raw}”不存在。", f"The date “{raw}” does not exist."), _REMEDY)


def _within(day: date, raw: object) -> date:
    if EARLIEST <= day.year < LATEST:
        return day
    raise BadValue(
        Text(f"日期“{raw}”的年份不合理。", f"The year of “{raw}” makes no sense."),
        Text(
            f"年份应在 {EARLIEST} 到 {LATEST - 1} 之间。", f"Use a year between {EARLIEST} and {LATEST - 1}."
        ),
    )


def clean_date(raw: object) -> date:
    """Read a date from text, an Excel serial, a date or a datetime; raises `BadValue`."""
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
            try:
                return _within(date.fromisoformat(text), raw)
            except ValueError:
                pass
        return _moment_of_text(text, raw).date()
    return clean_moment(raw).date()


def clean_moment(raw: object) -> datetime:
    """Read a moment as local time of Asia/Shanghai; a date alone is its midnight; raises `BadValue`."""
    moment = _naive_or_aware(raw)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(SHANGHAI)


def _naive_or_aware(raw: object) -> datetime:
    if isinstance(raw, datetime):
        _within(raw.date(), raw)
        return raw
    if isinstance(raw, date):
        return datetime.combine(_within(raw, raw), datetime.min.time())
    if isinstance(raw, str):
        return _moment_of_text(raw.strip(), raw)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _moment_of_number(raw)
    raise _unreadable(raw)


def _moment_of_number(raw: int | float) -> datetime:
    if raw == raw and _SERIALS[0] <= raw < _SERIALS[1]:
        moment = _EXCEL_DAY_ZERO + timedelta(days=float(raw))
        return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    if raw == raw and 19000101 <= raw < 21000101 and raw == int(raw):
        return _moment_of_text(str(int(raw)), raw)
    raise _unreadable(raw)


def _moment_of_text(text: str, raw: object) -> datetime:
    if len(text) > 64:
        raise _unreadable(text[:32] + "…")
    text = half(text).strip()
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day, rest = match.groups()
        return _at(_day(int(year), int(month), int(day), raw), rest, raw)
    if match := _EIGHT.fullmatch(text):
        year, month, day, hour, minute, second = match.groups()
        clock = f"{hour}:{minute}:{second or '00'}" if hour else None
        return _at(_day(int(year), int(month), int(day), raw), clock, raw)
    if re.fullmatch(r"[0-9]{4,5}(\.[0-9]+)?", text):
        return _moment_of_number(float(text))
    raise _unreadable(raw)


def _day(year: int, month: int, day: int, raw: object) -> date:
    try:
        return _within(date(year, month, day), raw)
    except ValueError:
        raise _impossible(raw) from None


def _at(day: date, clock: str | None, raw: object) -> datetime:
    midnight = datetime.combine(day, datetime.min.time())
    if not clock or not clock.strip():
        return midnight
    match = _CLOCK.fullmatch(clock.strip())
    if match is None:
        raise _unreadable(raw)
    before, hour, minute, second, after, zone = match.groups()
    half_day = (before or after or "").lower()
    hours = int(hour) % 12 + (12 if half_day in {"下午", "pm"} else 0) if half_day else int(hour)
    try:
        moment = midnight.replace(hour=hours, minute=int(minute), second=int(second or 0))
        return datetime.fromisoformat(f"{moment.isoformat()}{zone.upper()}") if zone else moment
    except ValueError:
        raise _impossible(raw) from None
