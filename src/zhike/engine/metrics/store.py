"""Every metric of every customer as the latest run found it, kept in the lake with a column each.

A page reads the columns it needs in milliseconds. A run replaces the whole, by a table or, on a large base, by a view of rows that
the lake keeps from one day to the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.lake.session import CATALOGUE as LAKE
from zhike.engine.metrics.catalogue import metric
from zhike.engine.metrics.declaration import Unit

TABLE = "customer_metrics"
NAME = f"{LAKE}.main.{TABLE}"
# Before the first run, or while the lake is built again, nothing is kept.
ABSENT = (duckdb.CatalogException, duckdb.BinderException)
ENOUGH = 50_000  # customers that tell how a metric is spread; beyond them an even part is asked
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a metric is spread over customers; `points` are the values at POINTS, dates are days up to the run's day."""

    known: int
    unknown: int
    mean: Decimal | None
    points: tuple[Decimal, ...]

    @property
    def share(self) -> Decimal:
        """The part of the customers that has a value."""
        whole = self.known + self.unknown
        return Decimal(self.known) / whole if whole else Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """One value and the share of customers with a value whose own is lower, or equal."""

    value: Any
    lower: Decimal | None


def keep(session: Session, metrics: ir.Table, as_of: date) -> None:
    """Replace what is kept by freshly computed metrics; `metrics` is what `compute` gave."""
    with session.turn(), session.transaction():
        if TABLE in session.views():
            session.cursor.execute(f"DROP VIEW {NAME}")  # a table cannot replace one, nor the other way about
        session.cursor.execute(
            f"CREATE OR REPLACE TABLE {NAME} AS SELECT *, DATE '{as_of}' AS as_of "
            f"FROM ({session.sql(metrics)}) ORDER BY customer_id"
        )


def show(session: Session, metrics: ir.Table, as_of: date) -> None:
    """Let pages read an expression over tables of the lake; within the transaction that changes these."""
    if TABLE in session.names():
        session.cursor.execute(f"DROP TABLE {NAME}")
    session.cursor.execute(
        f"CREATE OR REPLACE VIEW {NAME} AS SELECT *, DATE '{as_of}' AS as_of FROM ({session.sql(metrics)}) AS m"
    )


def kept(session: Session) -> tuple[str, ...]:
    """The metrics that are kept; none before the first run."""
    with suppress(*ABSENT):
        named = session.cursor.execute(f"DESCRIBE {NAME}").fetchall()
        return tuple(name for name, *_ in named if name not in {"customer_id", "as_of"})
    return ()


def values(session: Session, key: str, customer_ids: Iterable[int] | None = None) -> dict[int, Any]:
    """The values of one metric by customer, of some or of all; customers without a value are left out."""
    with suppress(*ABSENT):
        only = _among(session, None if customer_ids is None else session.ids(customer_ids))
        statement = f'SELECT customer_id, "{key}" FROM {NAME} AS m {only} WHERE "{key}" IS NOT NULL'
        return dict(session.cursor.execute(statement).fetchall())
    return {}


def between(session: Session, key: str, low: Decimal | None, high: Decimal | None) -> list[int]:
    """Customers whose value is at least `low` and below `high`; dates count as days up to the run's day."""
    tests = [f"{_number(key)} {mark} {end}" for mark, end in ((">=", low), ("<", high)) if end is not None]
    return _ids(session, " AND ".join([f'"{key}" IS NOT NULL', *tests]))


def without(session: Session, key: str) -> list[int]:
    """Customers without a value."""
    return _ids(session, f'"{key}" IS NULL')


def spreads(
    session: Session, keys: Sequence[str], only: ir.Table | None = None, *, exact: bool = False
) -> dict[str, Spread]:
    """How metrics are spread, over `only` (customer_id) or everybody; over an even part of many unless `exact`."""
    there = set(kept(session))
    asked = [key for key in keys if key in there]
    if not asked:
        return {}
    with suppress(*ABSENT):
        number = session.number(f"SELECT count(*) FROM {NAME}")
        part = 1 if exact or only is not None else max(1, number // ENOUGH)
        columns = ", ".join(_summary(key) for key in asked)
        row = session.cursor.execute(
            f"SELECT count(*), {columns} FROM {NAME} AS m {_among(session, only)} WHERE m.customer_id % {part} = 0"
        ).fetchone()
        assert row is not None
        return {key: _spread(row[0], *row[1 + 3 * at : 4 + 3 * at]) for at, key in enumerate(asked)}
    return {}


def bands(
    session: Session, key: str, edges: Sequence[Decimal], only: ir.Table | None = None
) -> dict[int, int]:
    """Customers per band: 1 from the first edge up to the second, and so on; 0 lies below all, the last above all."""
    with suppress(*ABSENT):
        place = " + ".join(f"({_number(key)} >= {edge})::INTEGER" for edge in edges)
        found = session.cursor.execute(
            f"SELECT {place} AS band, count(*) FROM {NAME} AS m {_among(session, only)} "
            f"WHERE {_quoted(key)} IS NOT NULL GROUP BY 1"
        ).fetchall()
        return dict(found)
    return {}


def by_tier(session: Session, key: str, only: ir.Table | None = None) -> dict[str, Spread]:
    """How a metric is spread within each tier that customers are in now."""
    placed = session.sql(session.table("placements"))
    with suppress(*ABSENT):
        found = session.cursor.execute(
            f"SELECT p.tier, count(*), {_summary(key)} FROM {NAME} AS m {_among(session, only)} "
            f"JOIN ({placed}) AS p ON p.customer_id = m.customer_id AND p.until IS NULL GROUP BY 1"
        ).fetchall()
        return {tier: _spread(*row) for tier, *row in found}
    return {}


def standing(session: Session, customer_id: int) -> dict[str, Standing]:
    """All metrics of one customer, each with how many of the others lie lower (ties count half)."""
    keys = kept(session)
    if not keys:
        return {}
    with suppress(*ABSENT):
        row = session.cursor.execute(
            f"SELECT {', '.join(map(_quoted, keys))} FROM {NAME} WHERE customer_id = {int(customer_id)}"
        ).fetchone()
        if row is None:
            return {}
        mine = dict(zip(keys, row, strict=True))
        return {key: Standing(mine[key], lower) for key, lower in _lower(session, mine, customer_id).items()}
    return {}


def _lower(session: Session, mine: Mapping[str, Any], customer_id: int) -> dict[str, Decimal | None]:
    """The share of the base below each value: of an even part of it when it is large."""
    part = max(1, session.number(f"SELECT count(*) FROM {NAME}") // ENOUGH)
    # Sums of comparisons: counts with a condition each would copy all columns for every one of them.
    columns = ", ".join(
        f"sum((m.{key} < one.{key})::TINYINT + (m.{key} <= one.{key})::TINYINT), 2 * count(m.{key})"
        for key in map(_quoted, mine)
    )
    row = session.cursor.execute(
        f"SELECT {columns} FROM (FROM {NAME} WHERE customer_id % {part} = 0) AS m, "
        f"(FROM {NAME} WHERE customer_id = {int(customer_id)}) AS one"
    ).fetchone()
    assert row is not None
    pairs = zip(mine, row[::2], row[1::2], strict=True)
    return {
        key: Decimal(lower) / whole if whole and mine[key] is not None else None
        for key, lower, whole in pairs
    }


def _ids(session: Session, condition: str) -> list[int]:
    with suppress(*ABSENT):
        found = session.cursor.execute(f"SELECT customer_id FROM {NAME} AS m WHERE {condition}").fetchall()
        return [customer_id for (customer_id,) in found]
    return []


def _among(session: Session, only: ir.Table | None) -> str:
    return "" if only is None else f"SEMI JOIN ({session.sql(only)}) AS chosen USING (customer_id)"


def _quoted(key: str) -> str:
    metric(key)  # KeyError for what is none: a name from outside never reaches SQL
    return f'"{key}"'


def _number(key: str) -> str:
    return f"(as_of - {_quoted(key)})" if metric(key).unit is Unit.DATE else _quoted(key)


def _summary(key: str) -> str:
    value = _number(key)
    return f"count({value}), avg({value}), quantile_disc({value}, {list(POINTS)})"


def _spread(whole: int, known: int, mean: float | None, points: Sequence[Any] | None) -> Spread:
    return Spread(
        known=known,
        unknown=whole - known,
        mean=None if mean is None else Decimal(repr(mean)),
        points=tuple(Decimal(point) for point in points or ()),
    )
