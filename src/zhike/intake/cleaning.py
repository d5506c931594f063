"""Cleans thousands of rows at once: column by column, each distinct cell text only once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zhike.core.errors import BadValue
from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake.facts import Kind, arrow_type

MEMORY = 200_000
MILLIONTH = Decimal("0.000001")

_LOST_DIGITS = re.compile(r"-?\d(?:\.\d+)?[eE]\+?(?:1[1-9]|[2-9]\d)")

LOST_DIGITS = BadValue(
    Text(
        zh="表格把它存成了数字,末几位已丢失。",
        en="The spreadsheet stored it as a number and lost its last digits.",
    ),
    Text(
        zh="请把该列设为文本,重新导出后再导入。",
        en="Format the column as text, export again and import that.",
    ),
)
BROKEN_TEXT = BadValue(
    Text(zh="单元格里有无法辨认的字符。", en="The cell holds characters that cannot be read."),
    Text(zh="请在原系统中核对后重新填写。", en="Look it up in the original system and enter it again."),
)
SHIFTED = BadValue(
    Text(zh="这一行的单元格比列名多。", en="This row has more cells than there are columns."),
    Text(
        zh="可能有单元格含有分隔符而没有加引号,请改正后重新导入。",
        en="Mend it: a cell may hold a delimiter without quotation marks.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A column of the file and the field it fills."""

    index: int
    name: str
    field: FieldSpec


@dataclass(slots=True)
class Cleaned:
    """A cleaned block: the good rows as a table, and what was wrong with the others (row → column → refusal)."""

    table: pa.Table
    bad: dict[int, dict[str, BadValue]] = field(default_factory=dict)


class Cleaner:
    """Cleans blocks of one batch; remembers what each distinct text became."""

    def __init__(self, kind: Kind, places: Sequence[Place], width: int) -> None:
        self.kind, self.places, self.width = kind, places, width
        self._columns = [_ColumnCleaner(place) for place in places]

    def clean(self, numbers: list[int], rows: list[list[str]]) -> Cleaned:
        """Clean rows with the given row numbers."""
        bad: dict[int, dict[str, BadValue]] = {}
        columns = _by_column(rows, [place.index for place in self.places])
        arrays = []
        for cleaner, cells in zip(self._columns, columns, strict=True):
            values, wrong = cleaner.clean(cells)
            arrays.append(values)
            for index, refusal in wrong:
                bad.setdefault(numbers[index], {})[cleaner.place.name] = refusal
        for index in self._too_long(rows):
            bad.setdefault(numbers[index], {})[""] = SHIFTED
        names = [place.field.key for place in self.places]
        table = pa.table([pa.array(numbers, pa.int64()), *arrays], ["row", *names])
        return self._rules(Cleaned(_without(table, bad), bad))

    @cached_property
    def _named(self) -> dict[str, str]:
        """Field key → column name, for problems of whole rows."""
        return {place.field.key: place.name for place in self.places}

    def _too_long(self, rows: list[list[str]]) -> list[int]:
        """Rows with text beyond the last column of the header."""
        width = self.width
        return [
            i for i, row in enumerate(rows) if len(row) > width and any(cell.strip() for cell in row[width:])
        ]

    def _rules(self, cleaned: Cleaned) -> Cleaned:
        if self.kind.finish:
            cleaned.table = self.kind.finish(cleaned.table)
        for rule in self.kind.rules:
            broken = pc.filter(cleaned.table["row"], rule.broken(cleaned.table)).to_pylist()
            refusal = BadValue(rule.reason, rule.remedy)
            for number in broken:
                cleaned.bad.setdefault(number, {})[self._named.get(rule.column, "")] = refusal
            cleaned.table = _without(cleaned.table, dict.fromkeys(broken))
        return cleaned


class _ColumnCleaner:
    """Cleans one column."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._type = arrow_type(place.field.type)
        self._known: dict[str, Any] = {}
        self._refused: set[str] = set()

    def clean(self, cells: Sequence[str]) -> tuple[pa.Array, list[tuple[int, BadValue]]]:
        """The cleaned values (null where refused) and the refusals by their index."""
        known, refused = self._known, self._refused
        if len(known) > MEMORY:
            known.clear()
            refused.clear()
        for text in set(cells) - known.keys():
            known[text] = self._one(text)
            if isinstance(known[text], BadValue):
                refused.add(text)
        wrong: list[tuple[int, BadValue]] = []
        values = [known[text] for text in cells]
        if refused:
            wrong = [(index, value) for index, value in enumerate(values) if isinstance(value, BadValue)]
            for index, _ in wrong:
                values[index] = None
        return pa.array(values, self._type), wrong

    def _one(self, text: str) -> Any:
        if "\ufffd" in text:
            return BROKEN_TEXT
        if self._type == pa.string() and _LOST_DIGITS.fullmatch(text):
            return LOST_DIGITS
        try:
            value = self.place.field.clean(text)
        except BadValue as refusal:
            return refusal
        if isinstance(value, Decimal) and self.place.field.type == "number":
            return value.quantize(MILLIONTH)
        return value


def _by_column(rows: list[list[str]], indexes: list[int]) -> list[Sequence[str]]:
    """The cells of the wanted columns; a row that ends early has empty cells."""
    widest = max(indexes, default=0) + 1
    if all(len(row) >= widest for row in rows):
        return [[row[index] for row in rows] for index in indexes]
    return [[row[index] if index < len(row) else "" for row in rows] for index in indexes]


def _without(table: pa.Table, rows: dict[int, Any]) -> pa.Table:
    if not rows:
        return table
    gone = pc.is_in(table["row"], value_set=pa.array(list(rows), pa.int64()))
    return table.filter(pc.invert(gone))
