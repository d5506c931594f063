"""Cleans thousands of rows at once: column by column, standard cells by Arrow, of the others each distinct text once."""

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
from zhike.intake import casting
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

    def clean(self, numbers: Sequence[int], columns: Sequence[pa.Array]) -> Cleaned:
        """Clean rows with the given row numbers; `columns` are the cells of the file, one array per column."""
        bad: dict[int, dict[str, BadValue]] = {}
        arrays = []
        for cleaner in self._columns:
            index = cleaner.place.index
            cells = columns[index] if index < len(columns) else pa.repeat("", len(numbers))
            values, wrong = cleaner.clean(cells)
            arrays.append(values)
            for place, refusal in wrong:
                bad.setdefault(numbers[place], {})[cleaner.place.name] = refusal
        for place in self._too_long(columns):
            bad.setdefault(numbers[place], {})[""] = SHIFTED
        names = [place.field.key for place in self.places]
        table = pa.table([pa.array(numbers, pa.int64()), *arrays], ["row", *names])
        return self._rules(Cleaned(_without(table, bad), bad))

    @cached_property
    def _named(self) -> dict[str, str]:
        """Field key → column name, for problems of whole rows."""
        return {place.field.key: place.name for place in self.places}

    def _too_long(self, columns: Sequence[pa.Array]) -> set[int]:
        """Rows with text beyond the last column of the header."""
        beyond = (pc.utf8_trim_whitespace(column) for column in columns[self.width :])
        return {row for column in beyond for row in pc.indices_nonzero(pc.not_equal(column, "")).to_pylist()}

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
        self._cast = casting.for_field(place.field)
        self._known: dict[str, Any] = {}

    def clean(self, cells: pa.Array) -> tuple[pa.Array, list[tuple[int, BadValue]]]:
        """The cleaned values (null where refused) and the refusals by their index."""
        quick = self._cast(cells) if self._cast else None
        if quick is None:
            return self._each(cells)
        values, standard = quick
        odd = pc.invert(standard)
        places = pc.indices_nonzero(odd)
        if not len(places):
            return values, []
        cleaned, wrong = self._each(cells.filter(odd))
        values = pc.replace_with_mask(values, odd, cleaned)
        return values, [(places[index].as_py(), refusal) for index, refusal in wrong]

    def _each(self, cells: pa.Array) -> tuple[pa.Array, list[tuple[int, BadValue]]]:
        """The same, text by text."""
        encoded = cells.dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        if len(self._known) > MEMORY:
            self._known.clear()
        known = self._known
        for text in texts:
            if text not in known:
                known[text] = self._one(text)
        values = [known[text] for text in texts]
        refused = {index: value for index, value in enumerate(values) if isinstance(value, BadValue)}
        for index in refused:
            values[index] = None
        return pa.array(values, self._type).take(encoded.indices), _refusals(refused, encoded.indices)

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


def _refusals(refused: dict[int, BadValue], indices: pa.Array) -> list[tuple[int, BadValue]]:
    if not refused:
        return []
    rows = pc.indices_nonzero(pc.is_in(indices, value_set=pa.array(list(refused), indices.type))).to_pylist()
    return [(row, refused[indices[row].as_py()]) for row in rows]


def _without(table: pa.Table, rows: dict[int, Any]) -> pa.Table:
    if not rows:
        return table
    gone = pc.is_in(table["row"], value_set=pa.array(list(rows), pa.int64()))
    return table.filter(pc.invert(gone))
