"""How rows lie in the database while they wait: compressed Arrow, sealed to their batch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import sealing

_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one column of a row ("" for the row as a whole)."""

    column: str
    reason: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row that was not accepted: its cells as in the file, what is wrong, and the key it would have had."""

    cells: list[str]
    wrong: list[Wrong]
    key: tuple[str, int] | None = None


def seal_table(table: pa.Table, batch: UUID, part: str) -> bytes:
    """A table as sealed bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_OPTIONS) as writer:
        writer.write_table(table)
    return sealing.seal_bytes(sink.getvalue().to_pybytes(), place=f"intake|{batch}|{part}")


def open_table(blob: bytes | memoryview, batch: UUID, part: str) -> pa.Table:
    """What `seal_table` sealed."""
    return pa.ipc.open_stream(sealing.unseal_bytes(bytes(blob), place=f"intake|{batch}|{part}")).read_all()


def raw_table(numbers: Sequence[int] | pa.Array, columns: Sequence[pa.Array]) -> pa.Table:
    """Rows as they stand in the file, by column."""
    rows = numbers if isinstance(numbers, pa.Array) else pa.array(numbers, pa.int64())
    return pa.table([rows, *columns], ["row", *(f"c{place}" for place in range(len(columns)))])


def raw_rows(table: pa.Table) -> dict[int, list[str]]:
    """Row number → cells."""
    numbers, *columns = (column.to_pylist() for column in table.columns)
    return {number: list(cells) for number, *cells in zip(numbers, *columns, strict=True)}


def seal_row(row: OpenRow, batch: UUID, number: int) -> bytes:
    """A row with its problems as sealed bytes."""
    told = {
        "cells": row.cells,
        "wrong": [[one.column, one.reason.as_json(), one.remedy.as_json()] for one in row.wrong],
        "key": row.key,
    }
    return sealing.seal_bytes(json.dumps(told, ensure_ascii=False).encode(), place=_place(batch, number))


def open_row(blob: bytes | memoryview, batch: UUID, number: int) -> OpenRow:
    """What `seal_row` sealed."""
    told: dict[str, Any] = json.loads(sealing.unseal_bytes(bytes(blob), place=_place(batch, number)))
    wrong = [
        Wrong(column, Text.from_json(reason), Text.from_json(remedy))
        for column, reason, remedy in told["wrong"]
    ]
    return OpenRow(told["cells"], wrong, tuple(told["key"]) if told["key"] else None)


def wrong_cells(found: Mapping[str, Refusal]) -> list[Wrong]:
    """The refusals of a row's cells."""
    return [Wrong(column, refusal.reason, refusal.remedy) for column, refusal in found.items()]


def _place(batch: UUID, number: int) -> str:
    return f"intake_problem|{batch}|{number}"
