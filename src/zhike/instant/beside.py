"""A file of customers beside the orders: who never bought, names, and attributes to tell customers apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.engine.lake.session import quoted
from zhike.instant import columns, files, forms, meanings, refusals
from zhike.instant.columns import Recognised
from zhike.instant.files import Source
from zhike.intake.reading.layout import Column

FEWEST = 0.05  # of a column's values that must be customers of the orders
LOOKED_AT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a file of customers adds; the table `beside` has `who`, a column per field and, if `named`, `name`."""

    file: str
    by: str
    fields: tuple[FieldSpec, ...]
    records: int
    matched: int
    without_orders: int
    named: bool


def taken_in(cursor: duckdb.DuckDBPyConnection, path: Path, folder: Path, identity: str) -> Beside:
    """Read the file into the table `beside`; raises a `Refusal` when no column holds the customers of the orders."""
    source = files.opened(path, folder, meanings.knows)
    known = {who for (who,) in cursor.execute("SELECT DISTINCT who FROM lines").fetchall()}
    key = _key(source, known, identity)
    name = _named(source, key)
    told = [
        one for one in _telling(source) if one.column.index not in {key.index, name.index if name else -1}
    ]
    fields = tuple(_field(place, one) for place, one in enumerate(told, 1))
    places = {"who": key, **({"name": name} if name else {})}
    places |= {field.key: one.column for field, one in zip(fields, told, strict=True)}
    target = folder / "beside.parquet"
    _written(source, places, identity, target)
    columns_ = ", ".join(f"max({one}) AS {one}" for one in places if one != "who")
    cursor.execute(
        f"CREATE TEMP TABLE beside AS SELECT who{', ' + columns_ if columns_ else ''} "
        f"FROM read_parquet({quoted(str(target))}) WHERE who <> '' GROUP BY who"
    )
    counted = cursor.execute(
        "SELECT count(*), count(*) FILTER (who IN (SELECT who FROM lines)) FROM beside"
    ).fetchone()
    records, matched = counted or (0, 0)
    return Beside(
        file=source.name,
        by=key.name,
        fields=fields,
        records=records,
        matched=matched,
        without_orders=records - matched,
        named=name is not None,
    )


def _key(source: Source, known: set[str], identity: str) -> Column:
    """The column most of whose values are customers of the orders."""
    shares = {}
    for column in source.header.columns:
        filled = [cell for row in source.sample()[:LOOKED_AT] if (cell := _cell(row, column))]
        told = forms.contacts(identity, pa.array(filled, pa.string())).to_pylist()
        shares[column.index] = sum(cell in known for cell in told) / len(told) if told else 0.0
    best = max(source.header.columns, key=lambda column: shares[column.index])
    if shares[best.index] < FEWEST:
        raise refusals.strangers(source.name, [column.name for column in source.header.columns])
    return best


def _named(source: Source, key: Column) -> Column | None:
    names = set(meanings.FIELDS["customer_name"].names())
    return next(
        (one for one in source.header.columns if one != key and one.name.strip().lower() in names), None
    )


def _telling(source: Source) -> Sequence[Recognised]:
    return columns.attributes(source.header, source.sample())


def _field(place: int, one: Recognised) -> FieldSpec:
    return FieldSpec(
        key=f"beside_{place}",
        type="choice",
        label=Text.same(one.column.name),
        sensitivity=Sensitivity.INTERNAL,
    )


def _written(source: Source, places: dict[str, Column], identity: str, target: Path) -> None:
    schema = pa.schema([(name, pa.string()) for name in places])
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        for piece, _ in source.pieces():
            arrays = {
                name: pc.utf8_trim_whitespace(piece.column(column.index)) for name, column in places.items()
            }
            arrays["who"] = forms.contacts(identity, arrays["who"])
            writer.write_table(pa.table(arrays, schema=schema))


def _cell(row: Sequence[str], column: Column) -> str:
    return row[column.index].strip() if column.index < len(row) else ""
