"""Reads all records of a file once, cleans them column by column and keeps them as Parquet beside a count of what was refused."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhike.core.text import Text
from zhike.instant import forms, meanings, refusals
from zhike.instant.columns import Recognised, Understanding
from zhike.instant.files import Source
from zhike.instant.forms import Order
from zhike.intake.cleaning import Cleaner, Place
from zhike.intake.reading.pieces import Piece, joined

BLOCK = 40_000
EXAMPLES = 8
_QUOTED_ZH = re.compile(r"(?:日期)?“[^”]*”")
_QUOTED_EN = re.compile(r"(?:The date )?“[^”]*”")
Tell = Callable[[int, int, Text | None], None]


@dataclass(slots=True)
class Refused:
    """Rows that were refused for one reason in one column."""

    column: str
    reason: Text
    remedy: Text
    rows: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Receipt:
    """What reading found; read = kept + refused."""

    read: int = 0
    kept: int = 0
    not_data: int = 0
    refused: dict[tuple[str, str], Refused] = field(default_factory=dict)
    empty: Counter[str] = field(default_factory=Counter)
    order: Order = Order.YMD
    order_sure: bool = True

    @property
    def refused_rows(self) -> int:
        """Rows that were refused for any reason; a row counts under its first."""
        return sum(one.rows for one in self.refused.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that is read: its meaning (attributes are numbered) and where it stands."""

    key: str
    found: Recognised


def columns_of(found: Understanding) -> list[Column]:
    """The columns that are read, attributes as attribute_1, attribute_2 …"""
    listed, number = [], 0
    for one in found.columns:
        if one.key == "attribute":
            number += 1
            listed.append(Column(key=f"attribute_{number}", found=one))
        elif one.key:
            listed.append(Column(key=one.key, found=one))
    return listed


def read(
    source: Source, found: Understanding, target: Path, tell: Tell, *, today: date, order: Order | None
) -> Receipt:
    """Write the clean records of a file to a Parquet file; what was refused stays with its reason."""
    columns = columns_of(found)
    receipt = Receipt()
    receipt.order, receipt.order_sure = (order, True) if order else _order(source, found, today)
    cleaner = Cleaner(meanings.ORDERS, [_place(one, found.identity) for one in columns], _width(source))
    writer: pq.ParquetWriter | None = None
    total = max(source.table.rows_estimate, 1)
    try:
        for block, others in _blocks(source):
            receipt.read += len(block)
            receipt.not_data += others
            table = _cleaned(block, cleaner, columns, receipt, source.shift)
            table = _past(table, receipt, today, found, source.shift)
            receipt.kept += table.num_rows
            writer = writer or pq.ParquetWriter(target, table.schema, compression="lz4")
            writer.write_table(table)
            tell(min(receipt.read, total), total, None)
    finally:
        if writer:
            writer.close()
    if not receipt.kept:
        first = next(iter(receipt.refused.values()), None)
        told = first.reason + _example(first) if first else Text("没有数据行。", "No rows.")
        raise refusals.nothing_left(receipt.read, told, first.remedy if first else Text("", ""))
    return receipt


def _example(refused: Refused) -> Text:
    row, value = refused.examples[0]
    return (
        Text(f" 例如第 {row} 行:{value[:40]}。", f" Row {row}, for example: {value[:40]}.")
        if value.strip()
        else Text.same("")
    )


def _place(one: Column, needed: str) -> Place:
    spec = meanings.cleaned_as("attribute" if one.key.startswith("attribute_") else one.key)
    required = spec.required or one.key == needed
    return Place(one.found.column.index, one.key, replace(spec, key=one.key, required=required))


def _width(source: Source) -> int:
    """Where a row of a text file must end; beside a table in a workbook people keep notes."""
    return source.header.columns[-1].index + 1 if source.table.text else 1 << 20


def _blocks(source: Source) -> Iterator[tuple[Piece, int]]:
    held: list[Piece] = []
    others = size = 0
    for piece, not_data in source.pieces():
        others += not_data
        if len(piece):
            held.append(piece)
            size += len(piece)
        if size >= BLOCK:
            yield joined(held), others
            held, others, size = [], 0, 0
    if size or others:
        yield joined(held), others


def _order(source: Source, found: Understanding, today: date) -> tuple[Order, bool]:
    """Year, month and day as the file writes them; the second value says whether the file leaves no doubt."""
    column = found.of("placed_at")
    assert column is not None
    index = column.column.index
    head = [row[index].strip() for row in source.sample() if index < len(row)]
    if not any(forms.is_turned(cell) for cell in head):
        return Order.YMD, True
    first = second = 0
    for piece, _ in source.pieces():
        one, two = forms.first_and_second(piece.column(index))
        first, second = max(first, one), max(second, two)
        if first > 12 or second > 12:
            break
    if first > 12:
        return Order.DMY, True
    return Order.MDY, second > 12


def _cleaned(block: Piece, cleaner: Cleaner, columns: list[Column], receipt: Receipt, shift: int) -> pa.Table:
    cells = list(block.columns)
    for one in columns:
        index, kind = one.found.column.index, meanings.kind_of(one.key)
        if index >= len(cells):
            continue
        if kind == "datetime":
            cells[index] = forms.days(cells[index], receipt.order)
        elif kind == "number":
            cells[index] = forms.numbers(cells[index])
        else:
            cells[index] = forms.contacts(one.key, cells[index])
    cleaned = cleaner.clean(block.numbers.to_pylist(), cells)
    if cleaned.bad:
        wanted = pa.array(list(cleaned.bad), pa.int64())
        raw = dict(block.filter(pc.is_in(block.numbers, value_set=wanted)).rows())
        names = {one.key: one.found.column for one in columns}
        for number, wrong in cleaned.bad.items():
            key, refusal = next(iter(wrong.items()))
            column = names.get(key)
            value = raw[number][column.index] if column and column.index < len(raw[number]) else ""
            _refuse(
                receipt, column.name if column else "", refusal.reason, refusal.remedy, number - shift, value
            )
    table = cleaned.table
    place = table.column_names.index("placed_at")
    table = table.set_column(place, "placed_at", pc.local_timestamp(table["placed_at"]))
    for name in table.column_names:
        receipt.empty[name] += table[name].null_count
    return table.combine_chunks()


def _refuse(receipt: Receipt, column: str, reason: Text, remedy: Text, row: int, value: str) -> None:
    said = _general(reason)
    one = receipt.refused.setdefault((column, said.zh), Refused(column, said, remedy))
    one.rows += 1
    if len(one.examples) < EXAMPLES:
        one.examples.append((row, value))


def _general(reason: Text) -> Text:
    """The reason without the very value, so that equal reasons are counted together; it is told as the file writes it, beside."""
    zh = _QUOTED_ZH.sub(lambda said: "" if said.start() else "这个值", reason.zh, count=1)
    return Text(
        zh, _QUOTED_EN.sub(lambda said: f"{'t' if said.start() else 'T'}his value", reason.en, count=1)
    )


_AHEAD = (
    Text("日期在今天之后。", "The day lies after today."),
    Text("请改成实际发生的日期。", "Give the day it happened."),
)


def _past(table: pa.Table, receipt: Receipt, today: date, found: Understanding, shift: int) -> pa.Table:
    """Only what has happened."""
    ahead = pc.greater(pc.cast(table["placed_at"], pa.date32(), safe=False), pa.scalar(today))
    if not pc.any(ahead).as_py():
        return table
    column = found.of("placed_at")
    late = table.filter(ahead)
    for row, moment in zip(late["row"].to_pylist(), late["placed_at"].to_pylist(), strict=True):
        _refuse(receipt, column.column.name if column else "", *_AHEAD, row - shift, f"{moment:%Y-%m-%d}")
    return table.filter(pc.invert(ahead))
