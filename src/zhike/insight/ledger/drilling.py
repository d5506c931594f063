"""The customers behind a figure of a statement, with their amounts, within the asker's scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import ibis.expr.types as ir

from zhike.customers import queries as customers
from zhike.engine import ledger
from zhike.engine.ledger import DIMENSIONS, Movement
from zhike.engine.ledger.statement import columns_of, endangered, money
from zhike.insight.models import Statement
from zhike.insight.queries import counted
from zhike.kernel import bulk, lake
from zhike.kernel.models import User

if TYPE_CHECKING:
    from zhike.customers.models import Customer

PAGE: Final = 50
CHUNK: Final = 5_000
SORTS: Final = ("change", "opening", "closing", "model", "revenue", "last1")
ANY: Final = "any"  # a slice that is not asked about; "" asks for customers without one


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which customers: of a movement, who stood in `was` and stand in `now` of a dimension, or are at risk."""

    movement: str = ""
    dimension: str = ""
    was: str = ANY
    now: str = ANY
    at_risk: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        """Out of an address; raises `LookupError` when it names what there is not, which must not mean everybody."""
        movement, dimension = given.get("movement", ""), given.get("dimension", "")
        if (movement and movement not in set(Movement)) or (dimension and dimension not in DIMENSIONS):
            raise LookupError
        return cls(
            movement=movement,
            dimension=dimension,
            was=given.get("was", ANY) if dimension else ANY,
            now=given.get("now", ANY) if dimension else ANY,
            at_risk=given.get("at_risk", ""),
        )

    def narrow(self, rows: ir.Table) -> ir.Table:
        """The rows of these customers."""
        if self.movement:
            rows = rows.filter(rows.movement == self.movement)
        if self.at_risk:
            rows = rows.filter(endangered(rows))
        if self.dimension:
            for column, key in zip(columns_of(self.dimension), (self.was, self.now), strict=True):
                if key != ANY:
                    rows = rows.filter(rows[column].cast("string").fill_null("") == key)
        return rows

    @property
    def query(self) -> dict[str, str]:
        """As an address spells it."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One customer in a statement; amounts to the cent."""

    customer: Customer
    movement: Movement
    opening: Decimal
    model: Decimal
    change: Decimal
    closing: Decimal
    revenue: Decimal
    last: date | None
    tiers: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of customers, and how many there are with what sums."""

    lines: list[Line]
    customers: int
    opening: Decimal
    model: Decimal
    change: Decimal
    closing: Decimal
    revenue: Decimal


def page(user: User, statement: Statement, asked: Asked, *, sort: str, falling: bool, number: int) -> Found:
    """The customers of page `number` (from 1), sorted by an amount, ties by id."""
    with lake.session() as session:
        rows = asked.narrow(_rows(ledger.kept(session, str(statement.key), counted(session, user))))
        amounts = ("opening", "model", "change", "closing", "revenue")
        (sums,) = session.rows(
            rows.aggregate(customers=rows.count(), **{one: rows[one].sum() for one in amounts})
        )
        column = rows[sort]
        ordered = rows.order_by(column.desc(nulls_first=False) if falling else column.asc(), rows.customer_id)
        found = session.rows(ordered.limit(PAGE, offset=(number - 1) * PAGE))
    return Found(
        lines=_lines(user, found),
        customers=int(sums["customers"]),
        **{one: money(int(sums[one] or 0)) for one in amounts},
    )


def every(user: User, statement: Statement, asked: Asked) -> Iterator[Line]:
    """All of them by id, for an export; some thousand at a time."""
    with lake.session() as session:
        rows = asked.narrow(_rows(ledger.kept(session, str(statement.key), counted(session, user))))
        found = session.rows(rows.order_by("customer_id"))
    for start in range(0, len(found), CHUNK):
        yield from _lines(user, found[start : start + CHUNK])


def _rows(rows: ir.Table) -> ir.Table:
    return rows.mutate(revenue=rows.ordered - rows.returned)


def _lines(user: User, found: list[dict[str, Any]]) -> list[Line]:
    """Those whom PostgreSQL still knows and lets the user see."""
    ids = [row["customer_id"] for row in found]
    seen = {one.pk: one for one in customers.visible_to(user).filter(bulk.among("pk", ids))}
    return [_line(seen[row["customer_id"]], row) for row in found if row["customer_id"] in seen]


def _line(customer: Customer, row: Mapping[str, Any]) -> Line:
    return Line(
        customer=customer,
        movement=Movement(row["movement"]),
        opening=money(row["opening"]),
        model=money(row["model"]),
        change=money(row["change"]),
        closing=money(row["closing"]),
        revenue=money(row["revenue"]),
        last=row["last1"],
        tiers=(row["tier0"], row["tier1"]),
    )
