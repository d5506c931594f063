"""Rows of a table column by column, some thousand at a time, so that whole columns can be looked at at once."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

NumberedRow = tuple[int, list[str]]
ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows with their numbers in the file, as columns of text; a row that ends early has empty cells."""

    numbers: pa.Array
    columns: list[pa.Array]

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, index: int) -> pa.Array:
        """One column; empty cells where the piece has none."""
        return self.columns[index] if index < len(self.columns) else pa.repeat("", len(self))

    def slice(self, start: int, length: int | None = None) -> "Piece":
        """Some of the rows that follow each other."""
        return Piece(
            self.numbers.slice(start, length), [column.slice(start, length) for column in self.columns]
        )

    def filter(self, mask: pa.BooleanArray) -> "Piece":
        """The rows that are marked."""
        return Piece(self.numbers.filter(mask), [column.filter(mask) for column in self.columns])

    def rows(self) -> list[NumberedRow]:
        """The same rows one by one."""
        numbers: list[int] = self.numbers.to_pylist()
        if not self.columns:
            return [(number, []) for number in numbers]
        cells = zip(*(column.to_pylist() for column in self.columns), strict=True)
        return [(number, list(row)) for number, row in zip(numbers, cells, strict=True)]


def of_rows(rows: Iterator[NumberedRow]) -> Iterator[Piece]:
    """Rows that come one by one."""
    while some := list(itertools.islice(rows, ROWS)):
        yield of_some(some)


def of_some(rows: Sequence[NumberedRow]) -> Piece:
    """These rows as one piece."""
    return Piece(
        pa.array([number for number, _ in rows], pa.int64()), columns_of([cells for _, cells in rows])
    )


def joined(pieces: Sequence[Piece]) -> Piece:
    """Pieces that follow each other as one; the narrower ones get empty columns."""
    if len(pieces) == 1:
        return pieces[0]
    width = max((len(one.columns) for one in pieces), default=0)
    columns = [pa.concat_arrays([one.column(index) for one in pieces]) for index in range(width)]
    return Piece(pa.concat_arrays([one.numbers for one in pieces] or [pa.array([], pa.int64())]), columns)


def columns_of(rows: Sequence[Sequence[str]]) -> list[pa.Array]:
    """Rows as columns of text; a row that ends early has empty cells."""
    widths = set(map(len, rows))
    by_column = zip(*rows, strict=True) if len(widths) == 1 else itertools.zip_longest(*rows, fillvalue="")
    return [pa.array(column, pa.string()) for column in by_column]
