"""What the rows of a chunk say about customers: plain values, sealed values as digests, marks to recognise them by."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa

from zhike.core.blueprints import BlueprintSpec
from zhike.core.fields import FieldSpec
from zhike.customers.reconcile import JSON
from zhike.customers.stored import form_of
from zhike.kernel import sealing

# Kinds of value by which sources that do not share ids still mean the same customer.
RECOGNISED_BY = frozenset({"phone", "email", "credit_code"})
# External ids are digested alike for all sources: the identity's kind tells whose id it is, the digest finds it anywhere.
CODE = "code"
NOTHING: tuple[object, ...] = (None, "", [])


@dataclass(slots=True, eq=False)
class Incoming:
    """One customer as one source tells of it; several rows with the same external id are one."""

    row: int
    code: str = ""
    said: JSON = field(default_factory=dict)
    clear: dict[str, str] = field(default_factory=dict)
    marks: dict[str, bytes] = field(default_factory=dict)
    own: bytes = b""
    by_row: bool = False
    manager: str = ""
    rows: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name this source gives, or nothing."""
        return str(self.said.get("name") or "")

    def fold(self, other: "Incoming") -> None:
        """A later row about the same customer: what it says wins, what it leaves out stays."""
        self.said.update(other.said)
        self.clear.update(other.clear)
        self.marks.update(other.marks)
        self.rows += other.rows
        self.manager = other.manager or self.manager
        if not self.code:
            self.code, self.own, self.by_row = other.code, other.own, other.by_row


def own_kind(source: str) -> str:
    """The kind of identity that an external id of a source has."""
    return f"source:{source}"


def digest_kind(spec: FieldSpec) -> str:
    """Under which kind a value's digest is made: equal phones are equal in whatever field they stand."""
    return spec.type if spec.contact or spec.type in {"credit_code", "id_number"} else f"field:{spec.key}"


def tail_of(field_type: str, value: str) -> bytes | None:
    """The digest of a phone's last four digits, by which a customer on the line is found."""
    digits = value.split(";", 1)[0][-4:]
    return _tail(digits) if field_type == "phone" and len(digits) == 4 else None


@lru_cache(maxsize=10_000)
def _tail(digits: str) -> bytes:
    return sealing.blind("tail", digits)


def read(table: pa.Table, spec: BlueprintSpec, source: str) -> list[Incoming]:
    """Turn a chunk of staged rows into what they say, in row order."""
    rows = table.column("row").to_pylist()
    found = [Incoming(row=row, rows=[row]) for row in rows]
    for name in table.column_names:
        values = _as_kept(table.column(name)).to_pylist()
        if name == "code":
            _codes(found, values)
        elif name == "manager":
            for one, value in zip(found, values, strict=True):
                one.manager = str(value or "").lower()
        elif name in spec.fields:
            _values(found, spec.fields[name], values)
    _rows_without_marks(found, source)
    return found


def _as_kept(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days in the form they are kept in, written by Arrow for the whole column."""
    return column.cast(pa.string()) if pa.types.is_date32(column.type) else column


def _codes(found: list[Incoming], values: list[Any]) -> None:
    blind = sealing.blinder(CODE)
    for one, value in zip(found, values, strict=True):
        if value:
            one.code = str(value)
            one.own = blind(one.code)


def take(one: Incoming, spec: FieldSpec, value: Any) -> None:
    """Let one row say one cleaned value (None says nothing)."""
    _values([one], spec, [value])


def take_code(one: Incoming, code: str) -> None:
    """Let one row bear an external id."""
    _codes([one], [code])


def is_mark(spec: FieldSpec) -> bool:
    """Whether equal values of the field mean the same customer."""
    return spec.type in RECOGNISED_BY or (spec.unique and spec.type != "name" and spec.key != "code")


def _values(found: list[Incoming], spec: FieldSpec, values: list[Any]) -> None:
    key, form = spec.key, form_of(spec.type)
    sealed, marks = spec.sealed, is_mark(spec)
    if not (sealed or marks):
        for one, value in zip(found, values, strict=True):
            if value is not None and value != "" and value != []:
                one.said[key] = form(value)
        return
    pairs = ((one, form(value)) for one, value in zip(found, values, strict=True) if value not in NOTHING)
    blind = sealing.blinder(digest_kind(spec))
    for one, value in pairs:
        digest = blind(str(value))
        one.said[key] = digest.hex() if sealed else value
        if sealed:
            one.clear[key] = value
        if marks:
            one.marks[key] = digest


def _rows_without_marks(found: list[Incoming], source: str) -> None:
    """A row with neither id nor phone nor e-mail is recognised by all it says, so that re-sending it adds nobody."""
    blind: Callable[[str], bytes] = sealing.blinder(f"row:{source}")
    for one in found:
        if not one.own and not one.marks:
            one.own = blind(json.dumps(one.said, sort_keys=True))
            one.by_row = True
