"""Dates that lie behind us by nature, such as a birth: a field says so, and what is yet to come is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from zhike.core.dates import SHANGHAI
from zhike.core.errors import BadValue
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.core.fields.specs import FieldSpec
    from zhike.core.fields.values import Value


def today() -> date:
    """The real day in Shanghai: what can have happened does not hang on the date a demonstration is pinned to."""
    return datetime.now(SHANGHAI).date()


def not_to_come(clean: Callable[[object], date]) -> Callable[[FieldSpec], Callable[[object], Value]]:
    """Make a builder that also refuses a day after today where the field is of the past."""

    def build(spec: FieldSpec) -> Callable[[object], Value]:
        if not spec.past:
            return clean

        def behind(raw: object) -> Value:
            value = clean(raw)
            day = value.date() if isinstance(value, datetime) else value
            if day > today():
                raise _to_come(day, spec)
            return value

        return behind

    return build


def _to_come(day: date, spec: FieldSpec) -> BadValue:
    return BadValue(
        Text(f"{day} 还没有到。", f"{day} is yet to come."),
        Text(
            f"{spec.label.zh}不能晚于今天,请核对年月日。",
            f"{spec.label.en} cannot be after today; check year, month and day.",
        ),
    )
