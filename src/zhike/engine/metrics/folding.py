"""The parts of every customer by folding histories: each table is read and sorted once, whatever is asked of it.

The work goes by stretches of customers, so that memory is bounded. What comes out is one row per customer of the lake with every
part, as Parquet files that DuckDB reads on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from zhike.engine.histories import Array, Column, Facts, Fold, History, Stretch, reader
from zhike.engine.lake import Session
from zhike.engine.lake.session import quoted
from zhike.engine.metrics.declaration import Part
from zhike.engine.metrics.grains import GRAINS, table_of
from zhike.engine.metrics.windows import When

# Larger ones gain nothing and cost the kernel fresh pages for every array.
ROWS = 2_000_000  # facts folded at once
MOST = 100  # stretches read together
FACT = 42  # bytes that a fact takes while it waits to be folded
NAME = "folded_parts"
DAY_OF_EVENTS = '"at"::DATE'  # events have a moment, no day


@dataclass(frozen=True, slots=True)
class _Table:
    """What is asked of one table: the columns to read, and the parts under each source."""

    name: str
    columns: ibis.Schema
    asked: Mapping[str, Mapping[str, ir.Value]]


@contextmanager
def folded(
    session: Session,
    tables: Mapping[str, ir.Table],
    dated: Mapping[str, str],
    parts: Sequence[Part],
    as_of: date,
    among: ir.Table | None = None,
) -> Iterator[ir.Table]:
    """Customers with every part as a column, to be read within the block; `dated` names the day column of each table.

    All customers of the lake, or those `among` them (customer_id, each once).
    """
    schemas = tuple((name, table.schema()) for name, table in tables.items())
    asked, when = _asked(tuple(parts), schemas, tuple(dated.items()))
    only = "" if among is None else session.sql(among)
    facts = [_facts(session, one, tables[one.name], dated[one.name], as_of, only) for one in asked]
    people = _people(session, tables["customers"], only)
    share = 1.0 if among is None else _share(session, among, tables["customers"])
    with TemporaryDirectory(dir=_spill(session)) as folder:
        work = _Work(
            asked, {part.key: part.empty for part in parts}, dict(when.days(as_of)), as_of, Path(folder)
        )
        for number, (known, told) in enumerate(_read(session, facts, people, share)):
            work.fold(number, known, told)
        files = quoted(f"{folder}/*.parquet")
        session.cursor.execute(f"CREATE OR REPLACE TEMP VIEW {NAME} AS FROM read_parquet({files})")
        try:
            yield session.temporary(NAME)
        finally:
            session.cursor.execute(f"DROP VIEW temp.main.{NAME}")


def _read(
    session: Session, facts: Sequence[Facts], people: str, share: float
) -> Iterator[tuple[pa.Table, Sequence[History]]]:
    """The customers of one stretch after another, and their history in each table."""
    with ExitStack() as stack:
        readers = [stack.enter_context(reader(session, one)) for one in facts]
        for stretches in _stretches(session, facts, people, share):
            histories = zip(*(one.read(stretches) for one in readers), strict=True)
            for stretch, told in zip(stretches, histories, strict=True):
                yield _customers(session, people, stretch), told


@dataclass(frozen=True, slots=True)
class _Work:
    """What is done with each stretch: every part of its customers, in their order, into a file."""

    asked: Sequence[_Table]
    empty: Mapping[str, int | None]
    named: Mapping[str, date]
    as_of: date
    folder: Path

    def fold(self, number: int, known: pa.Table, histories: Sequence[History]) -> None:
        """One stretch: `known` are its customers, `histories` what they did, by table."""
        ids = known["customer_id"].to_numpy()
        found: dict[str, Any] = {name: known[name] for name in known.column_names}
        for one, history in zip(self.asked, histories, strict=True):
            for source, taken in one.asked.items():
                grain = GRAINS[source].fold(history, self.as_of) if source in GRAINS else history
                fold, place = Fold(grain, self.named), _places(ids, grain)
                for key, expression in taken.items():
                    column = _aligned(fold.of(expression), place, len(ids), self.empty[key])
                    found[key] = _arrow(column, expression)
        _write(found, self.folder / f"{number}.parquet")


@lru_cache(maxsize=64)
def _asked(
    parts: tuple[Part, ...],
    schemas: tuple[tuple[str, ibis.Schema], ...],
    dated: tuple[tuple[str, str], ...],
) -> tuple[tuple[_Table, ...], When]:
    """The expressions of parts by table, and the days they name; the same for every session and day."""
    when, days = When(), dict(dated)
    asked: dict[str, dict[str, dict[str, ir.Value]]] = {}
    bases = {
        name: ibis.table({**schema, days[name]: "date"}, name) for name, schema in schemas if name in days
    }
    used: dict[str, list[ir.Expr]] = {name: [] for name in bases}
    for part in parts:
        name = table_of(part.source)
        facts = bases[name]
        if part.source in GRAINS:
            built = GRAINS[part.source].build(facts, when)
            used[name].append(built)
            facts = ibis.table(built.schema(), name)
        taken = part.take(facts, when)
        used[name].append(taken)
        asked.setdefault(name, {}).setdefault(part.source, {})[part.key] = taken
    return tuple(_table(name, bases[name], used[name], days[name], asked[name]) for name in asked), when


def _table(
    name: str,
    base: ir.Table,
    used: Iterable[ir.Expr],
    day: str,
    asked: Mapping[str, Mapping[str, ir.Value]],
) -> _Table:
    fields = {field.name for expression in used for field in expression.op().find(ops.Field)}
    schema = {key: kind for key, kind in base.schema().items() if key in fields - {day, "customer_id"}}
    return _Table(name, ibis.schema(schema), asked)


def _facts(session: Session, asked: _Table, table: ir.Table, day: str, as_of: date, among: str) -> Facts:
    said = f'"{day}"' if day in table.columns else DAY_OF_EVENTS
    return Facts(session.sql(table), day, said, asked.columns, as_of, among)


def _people(session: Session, customers: ir.Table, among: str) -> str:
    statement = f"SELECT id AS customer_id, created_on AS known_on FROM ({session.sql(customers)}) AS c"
    return f"{statement} JOIN ({among}) AS a ON a.customer_id = c.id" if among else statement


def _share(session: Session, among: ir.Table, customers: ir.Table) -> float:
    """Which part of all customers some are."""
    some, whole = (
        session.number(f"SELECT count(*) FROM ({session.sql(one)}) AS c") for one in (among, customers)
    )
    return some / max(1, whole)


def _stretches(session: Session, facts: Sequence[Facts], people: str, share: float) -> list[list[Stretch]]:
    """Customer ids cut where ROWS facts are reached, in groups that memory has room for; all at once when there are fewer.

    For customers `among` all, the most of whose facts are passed over, these are not counted: their part of all, four times
    over because who is looked at again has done more than others, tells whether to cut at all.
    """
    counted = " UNION ALL ".join(f"SELECT count(*) AS n FROM ({one.relation}) AS t" for one in facts)
    number = session.number(f"SELECT sum(n)::BIGINT FROM ({counted})")
    room = _room(session)
    if number <= ROWS or (share < 1 and 4 * share * number <= room):
        return [[(None, None)]]
    ids = " UNION ALL ".join(f"SELECT customer_id FROM ({one.relation}) AS t" for one in facts)
    ends = f"SELECT coalesce(min(customer_id), 0), coalesce(max(customer_id), 0) FROM ({people}) AS p"
    first, last = session.one(ends) or (0, 0)
    step = max(1, (last - first) // 1000)
    found = session.cursor.execute(
        f"SELECT (customer_id - {first}) // {step} AS b, count(*) FROM ({ids}) WHERE customer_id IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return list(_cut([(first + bucket * step, number) for bucket, number in found], room))


def _room(session: Session) -> int:
    """How many facts are held at once: as much again as DuckDB itself may use."""
    return session.number("SELECT parse_formatted_bytes(current_setting('memory_limit'))") // FACT


def _cut(counted: Iterable[tuple[int, int]], room: int) -> Iterator[list[Stretch]]:
    """Stretches of about ROWS facts out of many smaller ones, each told by its first customer and its facts."""
    edges, held = list[int | None]([None]), 0
    for customer, number in counted:
        if held and held + number > ROWS:
            edges.append(customer)
            held = 0
        held += number
    stretches = list(pairwise([*edges, None]))
    together = min(MOST, max(1, room // ROWS))
    yield from (stretches[at : at + together] for at in range(0, len(stretches), together))


def _customers(session: Session, people: str, stretch: Stretch) -> pa.Table:
    first, last = stretch
    some = [f"customer_id >= {first}"] if first is not None else []
    some += [f"customer_id < {last}"] if last is not None else []
    where = f"WHERE {' AND '.join(some)}" if some else ""
    return session.cursor.execute(f"FROM ({people}) AS p {where} ORDER BY customer_id").to_arrow_table()


@dataclass(frozen=True, slots=True)
class _Places:
    """Which customers of a history are among those asked about, and where."""

    some: Array
    at: Array


def _places(ids: Array, history: History) -> _Places:
    if not len(ids):
        return _Places(np.zeros(0, np.int64), np.zeros(0, np.int64))
    at = np.searchsorted(ids, history.owners)
    some = ids[np.minimum(at, len(ids) - 1)] == history.owners
    return _Places(np.flatnonzero(some), at[some])


def _aligned(column: Column, place: _Places, size: int, empty: int | None) -> Column:
    """The values at the customers' places; `empty`, or unknown, where there are none."""
    values = np.full(size, empty or 0, dtype=column.values.dtype)
    given = column.take(place.some)
    known = np.zeros(size, bool)
    known[place.at] = True if given.known is None else given.known
    values[place.at] = (
        given.values if given.known is None else np.where(given.known, given.values, empty or 0)
    )
    return Column(values, None if empty is not None else known, column.scale)


def _arrow(column: Column, expression: ir.Value) -> pa.Array:
    kind = expression.type()
    mask = None if column.known is None else ~column.known
    if kind.is_date():
        return pa.array(column.values.astype(np.int32, copy=False), mask=mask).view(pa.date32())
    whole = pa.array(column.values.astype(np.int64, copy=False), mask=mask)
    return whole.view(pa.decimal64(18, column.scale)) if kind.is_decimal() else whole


def _write(columns: Mapping[str, Any], file: Path) -> None:
    """Columns into a file; those that are known throughout say so, which saves to write and to read where they are."""
    fields = [pa.field(name, held.type, nullable=held.null_count > 0) for name, held in columns.items()]
    parquet.write_table(
        pa.table(dict(columns), pa.schema(fields)),
        file,
        compression="none",
        use_dictionary=False,
        write_statistics=False,
        store_decimal_as_integer=True,
    )


def _spill(session: Session) -> Path | None:
    """The lake's own folder for what does not fit in memory; the system's when it has none."""
    (setting,) = session.one("SELECT current_setting('temp_directory')") or ("",)
    folder = Path(setting or "")
    if not folder.is_absolute():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder
