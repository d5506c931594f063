"""One column as numpy holds it, and what becomes of unknown values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Column:
    """Values, and where they are known (None: everywhere); one value stands for all when `values` has no length.

    Decimals are whole numbers of 10**-scale, dates days since 1970, moments microseconds since then, words places in `words`.
    """

    values: Array
    known: Mask | None = None
    scale: int = 0
    words: tuple[str, ...] | None = None

    def take(self, rows: Array | slice) -> "Column":
        """Some rows, by number, by mask or from one to another."""
        known = None if self.known is None else taken(self.known, rows)
        return Column(taken(self.values, rows), known, self.scale, self.words)

    def true(self) -> Mask:
        """Where a condition holds; an unknown one does not."""
        return self.values if self.known is None else self.values & self.known


def taken(values: Array, rows: Array | slice) -> Array:
    """Some of the values; rows given by number are there, and not to ask for each halves the time."""
    if isinstance(rows, slice) or rows.dtype == bool:
        return values[rows]
    found: Array = values.take(rows, mode="clip")
    return found


def constant(value: int | bool) -> Column:
    """One value for all rows."""
    return Column(np.asarray(value))


def both_known(one: Column, other: Column) -> Mask | None:
    """Where two columns are known at once."""
    if one.known is None or other.known is None:
        return other.known if one.known is None else one.known
    return one.known & other.known


def on_one_scale(one: Column, other: Column) -> tuple[Array, Array]:
    """The values of two columns in the smaller of their units."""
    scale = max(one.scale, other.scale)
    return _scaled(one, scale), _scaled(other, scale)


def _scaled(column: Column, scale: int) -> Array:
    return column.values if column.scale == scale else column.values * 10 ** (scale - column.scale)


def packed(*parts: tuple[Array, int]) -> Array | None:
    """Whole numbers from 0 below a bound each, put together into one that sorts like all of them; None beyond 63 bits."""
    widths = [max(1, int(bound - 1).bit_length()) for _, bound in parts]
    if sum(widths) > 63:
        return None
    found = parts[0][0].astype(np.int64)
    for (values, _), width in zip(parts[1:], widths[1:], strict=True):
        found <<= width
        found += values
    return found
