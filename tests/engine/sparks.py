"""Many random worlds at once: Spark pays for a question, not for rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import ibis.expr.types as ir
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.oracle import World
from zhike.engine.lake import SHAPES, Session
from zhike.engine.spark.files import TableFiles

APART = 1000  # between the customers of one world and those of the next
Drawn = TypeVar("Drawn")


def gathered(drawn: st.SearchStrategy[Drawn], number: int) -> list[Drawn]:
    """So many random examples."""
    found: list[Drawn] = []

    @settings(
        max_examples=number, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck)
    )
    @given(one=drawn)
    def gather(one: Drawn) -> None:
        found.append(one)

    gather()
    return found


def beside(worlds: Sequence[World]) -> World:
    """Worlds side by side in one, their customers and orders APART from each other."""
    together = World()
    for place, world in enumerate(worlds):
        for name, rows in vars(world).items():
            getattr(together, name).extend(shifted(row, place * APART) for row in rows)
    return together


def shifted(row: dict[str, Any], by: int) -> dict[str, Any]:
    """A row with its ids moved on."""
    return row | {key: row[key] + by for key in ("id", "customer_id", "order_id") if key in row}


def exported(session: Session, folder: Path) -> dict[str, TableFiles]:
    """The tables of a lake in memory as files, as DuckLake writes them."""
    return {name: in_file(session, session.table(name), folder / f"{name}.parquet") for name in SHAPES}


def in_file(session: Session, table: ir.Table, path: Path) -> TableFiles:
    """One table as a file."""
    session.cursor.execute(f"COPY ({session.sql(table)}) TO '{path}'")
    return TableFiles(table.schema(), (str(path),), path.stat().st_size)
