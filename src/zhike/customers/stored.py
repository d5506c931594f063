"""How a cleaned value is kept in JSON, so that equal values are equal whichever way they came."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any


def _money(value: Any) -> str:
    return format(Decimal(value).quantize(Decimal("0.01")), "f")


def _number(value: Any) -> str:
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


_FORMS: dict[str, Callable[[Any], Any]] = {
    "money": _money,
    "number": _number,
    "date": _moment,
    "datetime": _moment,
    "integer": int,
    "boolean": bool,
    "multi_choice": list,
}


def form_of(field_type: str) -> Callable[[Any], Any]:
    """The function that gives a cleaned value of this type its one JSON form."""
    return _FORMS.get(field_type, str)
