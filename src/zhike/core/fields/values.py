"""What a cleaned value may be, and how it travels as JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = str | int | Decimal | date | datetime | list[str] | None
Json: TypeAlias = str | int | bool | list[str] | None

EMPTY = frozenset({"", "-", "--", "—", "——", "/", "\\", "N/A", "n/a", "NULL", "null", "NaN", "nan"})


def is_empty(raw: object) -> bool:
    """Tell whether a raw cell says nothing: None, blank, a dash, N/A, NULL, not-a-number."""
    if raw is None:
        return True
    if isinstance(raw, str):
        return raw in EMPTY or raw.strip() in EMPTY
    if isinstance(raw, float):
        return raw != raw
    if isinstance(raw, Decimal):
        return raw.is_nan()
    return isinstance(raw, (list, tuple)) and not raw


def to_json(value: Value) -> Json:
    """Give the form a JSON column keeps: decimals and dates as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def from_json(raw: Json, type_name: str) -> Value:
    """Read what `to_json` wrote for a field of the named type."""
    if raw is None or not isinstance(raw, str):
        return raw
    if type_name in {"money", "number"}:
        return Decimal(raw)
    if type_name == "date":
        return date.fromisoformat(raw)
    if type_name == "datetime":
        return datetime.fromisoformat(raw)
    return raw
