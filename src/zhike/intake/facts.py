"""What intake hands to others: kinds of data, receipts, and chunks of cleaned rows waiting to be absorbed.

The table of a staged chunk (see `StagedChunk`) has these columns:

- `row` int64: the row's number in its file (Excel's row number, line of a CSV).
- one column per mapped field, named by the field's key, with cleaned values (`arrow_type` gives the type per field type):
  text, name, phone, email, choice, region … → string; date → date32; datetime → timestamp with the Asia/Shanghai zone;
  money → decimal(14, 2); number → decimal(18, 6); integer → int64; boolean → bool; multi_choice → list of string.
- for every kind but customers and products also `row_key` string (at most 40 characters) and `occurrence` int64: the row's
  own number if the file gives one (line number of an order line, number of a return), else a digest of its cleaned values
  with the occurrence among identical rows of the whole file. The same file sent again gives the same keys; two equal lines
  of one basket have different ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import pyarrow as pa

from zhike.core.errors import Refusal
from zhike.core.fields import FieldSpec
from zhike.core.text import Text


class IntakeRefusal(Refusal):
    """Something about an import was asked that cannot be done."""


class UnknownColumns(StrEnum):
    """What becomes of columns that match no field; chosen per source."""

    ADD = "add"
    DROP = "drop"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """A rule over several cells of a row: `broken` marks the rows of a cleaned table that do not hold it."""

    column: str
    broken: Callable[[pa.Table], pa.BooleanArray]
    reason: Text
    remedy: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of data that can be imported, with the fields its columns may fill."""

    key: str
    label: Text
    hint: Text
    icon: str
    order: int
    fields: Callable[[], tuple[FieldSpec, ...]]
    finish: Callable[[pa.Table], pa.Table] | None = None
    rules: tuple[RowRule, ...] = ()
    numbered_by: str = ""
    keyed_by: tuple[str, ...] = ()
    # By which fields a row is known when it comes again corrected; the first way of which all are filled counts.
    known_by: tuple[tuple[str, ...], ...] = ()
    records: str = ""
    examples: tuple[dict[str, str], ...] = ()

    def field(self, key: str) -> FieldSpec | None:
        """The field with this key, if the kind has it."""
        return next((one for one in self.fields() if one.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemNote:
    """One cell that was refused, or one row that waits: where, why, what to do."""

    row: int
    column: str
    value: str
    reason: Text
    remedy: Text
    state: str

    def as_json(self) -> dict[str, object]:
        """The form of the API and of `--json`."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason.as_json(),
            "remedy": self.remedy.as_json(),
            "state": self.state,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of every row of a file: read = accepted + held + refused once it is finished."""

    batch: UUID
    kind: str
    file: str
    state: str
    read: int
    accepted: int
    held: int
    refused: int
    waiting: int = 0
    not_data: int = 0
    added: int | None = None
    changed: int | None = None
    problems: tuple[ProblemNote, ...] = field(default=())

    def balances(self) -> bool:
        """Whether every row read is accounted for."""
        return self.read == self.accepted + self.held + self.refused + self.waiting

    @property
    def changes_nothing(self) -> bool:
        """Whether everything that was accepted was known already, word for word."""
        return bool(self.accepted) and self.added == 0 and self.changed == 0

    def as_json(self) -> dict[str, object]:
        """The form of the command line and the API; `added` and `changed` count records, not rows."""
        return {
            "batch": str(self.batch),
            "kind": self.kind,
            "file": self.file,
            "state": self.state,
            "read": self.read,
            "accepted": self.accepted,
            "held": self.held,
            "refused": self.refused,
            "added": self.added,
            "changed": self.changed,
            "not_data": self.not_data,
            "problems": [one.as_json() for one in self.problems],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedChunk:
    """Rows cleaned and waiting to be absorbed, with what was made of them ahead of their turn."""

    batch: int
    number: int
    rows: int
    table: pa.Table
    prepared: Any = None


class HeldRow(Protocol):
    """What an absorber says of a row it could not place: any tuple or object with these names will do."""

    @property
    def row(self) -> int: ...
    @property
    def reason(self) -> Text: ...
    @property
    def remedy(self) -> Text: ...
    @property
    def field(self) -> str:
        """The field whose value is in the way; empty when it is the row as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unabsorbed:
    """What an absorber could not place: rows that wait (`held`) and rows that can never be right (`refused`)."""

    held: Sequence[HeldRow] = ()
    refused: Sequence[HeldRow] = ()


def arrow_type(field_type: str) -> pa.DataType:
    """The column type of a field type's cleaned values."""
    return _ARROW.get(field_type, pa.string())


_ARROW: dict[str, pa.DataType] = {
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="Asia/Shanghai"),
    "money": pa.decimal128(14, 2),
    "number": pa.decimal128(18, 6),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "multi_choice": pa.list_(pa.string()),
}
