"""Cells that are already written the standard way are converted by Arrow all at once, without asking each of them."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from zhike.core.fields import FieldSpec
from zhike.core.fields.values import EMPTY
from zhike.intake.facts import arrow_type

Convert = Callable[[pa.Array], pa.Array]

_NUMBERS = {
    "money": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$",
    "number": r"^-?[0-9]{1,11}(\.[0-9]{1,6})?$",
    "integer": r"^-?[0-9]{1,12}$",
    "date": r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$",
    "datetime": r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
}
# Texts that cleaning gives back as they are, and how long they may be.
_WORDS = {
    "text": (r"^[0-9A-Za-z\p{Han}][-_0-9A-Za-z\p{Han}]*$", 200),
    "name": (r"^\p{Han}+$", 120),
    "phone": (r"^1[3-9][0-9]{9}$", 11),
    "email": (r"^[0-9A-Za-z]+([._-][0-9A-Za-z]+)*@([0-9A-Za-z]+(-[0-9A-Za-z]+)*\.)+[A-Za-z]{2,}$", 60),
}
_LOST_DIGITS = r"^[0-9][eE][0-9]{2}$"


@dataclass(frozen=True, slots=True)
class Cast:
    """How the standard cells of one field are told and converted."""

    standard: Callable[[pa.Array], pa.BooleanArray]
    convert: Convert

    def __call__(self, cells: pa.Array) -> tuple[pa.Array, pa.BooleanArray] | None:
        """The values (null where a cell is written otherwise) and which were standard; None when one is impossible."""
        standard = self.standard(cells)
        if not pc.all(standard).as_py():
            cells = pc.if_else(standard, cells, None)
        try:
            return self.convert(cells), standard
        except pa.ArrowInvalid:
            return None


def for_field(field: FieldSpec) -> Cast | None:
    """The conversion of a field's column, or None when its cells must be cleaned one by one."""
    limited = field.minimum is not None or field.maximum is not None
    if field.past or limited or field.pattern:
        return None
    if field.type in _NUMBERS:
        pattern = _NUMBERS[field.type]
        return Cast(lambda cells: pc.match_substring_regex(cells, pattern), _converter(field.type))
    if field.type in _WORDS:
        return Cast(_plain_words(*_WORDS[field.type]), _converter(field.type))
    return None


def _plain_words(pattern: str, longest: int) -> Callable[[pa.Array], pa.BooleanArray]:
    empty = pa.array(sorted(EMPTY), pa.string())

    def standard(cells: pa.Array) -> pa.BooleanArray:
        odd = pc.or_(pc.is_in(cells, value_set=empty), pc.match_substring_regex(cells, _LOST_DIGITS))
        fitting = pc.less_equal(pc.utf8_length(cells), longest)
        return pc.and_not(pc.and_(pc.match_substring_regex(cells, pattern), fitting), odd)

    return standard


def _converter(field_type: str) -> Convert:
    kind = arrow_type(field_type)
    special: dict[str, Convert] = {
        "datetime": lambda cells: pc.assume_timezone(
            cells.cast(pa.timestamp("us")), "Asia/Shanghai", ambiguous="earliest"
        ).cast(kind),
        "phone": lambda cells: pc.binary_join_element_wise(pa.scalar("+86"), cells, ""),
        "email": pc.utf8_lower,
    }
    return special.get(field_type, lambda cells: cells.cast(kind))
