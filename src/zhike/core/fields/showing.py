"""How values of each type are written for people, and how they are masked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core import masks
from zhike.core.dates import SHANGHAI
from zhike.core.text import Language

if TYPE_CHECKING:
    from zhike.core.fields.specs import FieldSpec


def plain(value: object, spec: FieldSpec, lang: Language) -> str:
    """Write a value as it is."""
    return str(value)


def day(value: date | str, spec: FieldSpec, lang: Language) -> str:
    """Write a date as YYYY-MM-DD."""
    return value if isinstance(value, str) else f"{value:%Y-%m-%d}"


def moment(value: datetime | str, spec: FieldSpec, lang: Language) -> str:
    """Write a moment as YYYY-MM-DD HH:MM in local time."""
    if isinstance(value, str):
        return value
    return f"{value.astimezone(SHANGHAI) if value.tzinfo else value:%Y-%m-%d %H:%M}"


def number(value: Decimal | int | str, spec: FieldSpec, lang: Language) -> str:
    """Write a number with thousands commas and no needless zeros."""
    if isinstance(value, str):
        return value
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def choice(value: str, spec: FieldSpec, lang: Language) -> str:
    """Write a choice by its label."""
    return next((one.label.in_(lang) for one in spec.choices if one.value == value), str(value))


def multi_choice(value: list[str], spec: FieldSpec, lang: Language) -> str:
    """Write several choices by their labels."""
    return ("、" if lang == "zh" else ", ").join(choice(one, spec, lang) for one in value)


def boolean(value: bool, spec: FieldSpec, lang: Language) -> str:
    """Write yes or no."""
    return ("是" if value else "否") if lang == "zh" else ("Yes" if value else "No")


def mask_text(value: str, spec: FieldSpec) -> str:
    """Keep the first character of a text."""
    return masks.prose(value)


def mask_any(value: object, spec: FieldSpec) -> str:
    """Show nothing."""
    return masks.hidden(value)
