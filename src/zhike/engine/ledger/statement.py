"""Sums over the rows of a balance sheet: the whole, its slices, and the control total of the orders themselves.

Everything is summed in whole cents and handed out as decimals, so opening and movements meet closing exactly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import reduce
from math import sqrt
from typing import Any

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.ledger.movements import Movement
from zhike.engine.metrics.exact import day, scaled

DIMENSIONS = ("tier", "region", "manager", "channel", "rfm")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Some customers together; amounts in cents. `off0` and `off1`: sums of squares of how far each may be off."""

    customers: int = 0
    known0: int = 0
    opening: int = 0
    model: int = 0
    change: int = 0
    closing: int = 0
    off0: float = 0.0
    off1: float = 0.0
    earned0: int = 0
    ordered: int = 0
    returned: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Sums)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A whole balance sheet: what each movement brought, and how many were active, repeated and are at risk."""

    movements: Mapping[Movement, Sums]
    active: tuple[int, int] = (0, 0)
    buyers: tuple[int, int] = (0, 0)
    repeaters: tuple[int, int] = (0, 0)
    at_risk: int = 0
    at_stake: Decimal = Decimal(0)

    @property
    def whole(self) -> Sums:
        """All customers together."""
        return reduce(Sums.__add__, self.movements.values(), Sums())

    @property
    def opening(self) -> Decimal:
        """What customers were worth on the first day."""
        return money(self.whole.opening)

    @property
    def model(self) -> Decimal:
        """What another model alone would have made of the first day's customers: V(model 1, data 0) − V(model 0, data 0)."""
        return money(self.whole.model)

    @property
    def closing(self) -> Decimal:
        """What customers are worth on the second day."""
        return money(self.whole.closing)

    def amount(self, movement: Movement) -> Decimal:
        """What a movement added or took."""
        return money(self.movements[movement].change) if movement in self.movements else Decimal(0)

    def number(self, movement: Movement) -> int:
        """How many customers are in a movement."""
        return self.movements[movement].customers if movement in self.movements else 0

    def revenue(self, *, new: bool) -> Decimal:
        """Orders minus returns of the period, of new customers or of all others."""
        chosen = (one for key, one in self.movements.items() if (key is Movement.NEW) is new)
        return money(sum(one.ordered - one.returned for one in chosen))

    def repeat_rate(self, number: int) -> Decimal | None:
        """Of who bought in the period before (0) or in this one (1), the share for whom it was not the first time."""
        return Decimal(self.repeaters[number]) / self.buyers[number] if self.buyers[number] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of the customers: opening + came − went + movements = closing, for value and for revenue alike.

    Who changed the slice leaves the one and joins the other with the opening value; what happened in the period counts where
    the customer stands at its end.
    """

    key: str
    opening: Sums = field(default_factory=Sums)
    came: Sums = field(default_factory=Sums)
    went: Sums = field(default_factory=Sums)
    movements: Mapping[Movement, Sums] = field(default_factory=dict)

    @property
    def closing(self) -> Sums:
        """Everybody who stands in the slice at the end."""
        return reduce(Sums.__add__, self.movements.values(), Sums())

    @property
    def balances(self) -> bool:
        """Whether value and revenue meet to the cent."""
        end = self.closing
        value = self.opening.opening + self.came.opening - self.went.opening + end.model + end.change
        revenue = self.opening.earned0 + self.came.earned0 - self.went.earned0 + end.ordered - end.returned
        return value == end.closing and revenue == end.earned0 + end.ordered - end.returned


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Revenue as the orders and returns themselves say: up to the first day, in the period, and up to the second."""

    earned0: Decimal
    ordered: Decimal
    returned: Decimal

    @property
    def earned1(self) -> Decimal:
        """Orders minus returns up to the second day."""
        return self.earned0 + self.ordered - self.returned

    def difference(self, whole: Sums) -> Decimal:
        """How far the statement's revenue is from the orders; must be 0.00. Opposite errors do not hide each other."""
        pairs = (
            (self.earned0, whole.earned0),
            (self.ordered, whole.ordered),
            (self.returned, whole.returned),
        )
        return sum((abs(mine - money(its)) for mine, its in pairs), Decimal(0)).quantize(CENT)


def money(cents: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(cents) / 100


def give_or_take(sums: Sums, *, second: bool = True) -> Decimal:
    """How far chance alone may move the value of customers who are independent of one another, at their own level."""
    return Decimal(sqrt(sums.off1 if second else sums.off0)).quantize(CENT)


def total(session: Session, rows: ir.Table) -> Total:
    """The whole of some rows of a statement."""
    found = session.rows(rows.group_by("movement").aggregate(**_sums(rows), **_counts(rows)))
    by = {Movement(row["movement"]): row for row in found}

    def pair(*names: str) -> tuple[int, int]:
        first, second = (sum(int(row[name] or 0) for row in found) for name in names)
        return first, second

    return Total(
        movements={key: _summed(by[key]) for key in Movement if key in by},
        active=pair("active0", "active1"),
        buyers=pair("buyers0", "buyers1"),
        repeaters=pair("repeaters0", "repeaters1"),
        at_risk=sum(int(row["at_risk"] or 0) for row in found),
        at_stake=money(sum(int(row["at_stake"] or 0) for row in found)),
    )


def slices(session: Session, rows: ir.Table, dimension: str) -> list[Slice]:
    """A statement by tier, region, manager, channel or RFM class, by key; "" is for customers without one."""
    if dimension not in DIMENSIONS:
        raise ValueError(f"unknown dimension {dimension}; choose one of {', '.join(DIMENSIONS)}")
    was, now = (rows[name] for name in columns_of(dimension))
    cells = rows.group_by(was=_key(was), now=_key(now), movement=rows.movement).aggregate(**_sums(rows))
    return _sliced(session.rows(cells))


def cells(session: Session, rows: ir.Table, dimension: str) -> dict[tuple[str, str], Sums]:
    """Who went from which slice to which: the sums of each pair that occurs, by key on the first and on the second day."""
    was, now = (rows[name] for name in columns_of(dimension))
    found = rows.group_by(was=_key(was), now=_key(now)).aggregate(**_sums(rows))
    return {(str(row["was"]), str(row["now"])): _summed(row) for row in session.rows(found)}


def columns_of(dimension: str) -> tuple[str, str]:
    """The columns of a dimension on the first and on the second day; who managed a customer before is not kept."""
    return ("manager", "manager") if dimension == "manager" else (f"{dimension}0", f"{dimension}1")


def endangered(rows: ir.Table) -> ir.BooleanValue:
    """Who is at risk on the second day: warned of, or asleep."""
    return rows.level1.isin(["warning", "critical"]) | rows.asleep1


def control(session: Session, first: date, second: date, only: ir.Table | None = None) -> Control:
    """The orders and returns of all customers, or of those in `only`, without looking at any statement."""
    sums: list[int] = []
    for name, column in (("orders", "placed_on"), ("returns", "returned_on")):
        table = session.table(name)
        known = table if only is None else table.semi_join(only, "customer_id")
        cents, moment = scaled(known.amount, 2), known[column]
        lately = (moment > day(first)) & (moment <= day(second))
        (row,) = session.rows(
            known.aggregate(before=cents.sum(where=moment <= day(first)), lately=cents.sum(where=lately))
        )
        sums += [int(row["before"] or 0), int(row["lately"] or 0)]
    ordered0, ordered, returned0, returned = sums
    return Control(
        earned0=money(ordered0 - returned0).quantize(CENT),
        ordered=money(ordered).quantize(CENT),
        returned=money(returned).quantize(CENT),
    )


def _sums(rows: ir.Table) -> dict[str, ir.Value]:
    amounts = ("opening", "model", "change", "closing", "earned0", "ordered", "returned")
    return {
        "customers": rows.count(),
        "known0": rows.count(where=rows.known0),
        **{name: rows[name].sum() for name in amounts},
        **{name: (rows[name] * rows[name]).sum() for name in ("off0", "off1")},
    }


def _counts(rows: ir.Table) -> dict[str, ir.Value]:
    bought = rows.orders0 + rows.orders > 0
    at_risk = endangered(rows)
    before = (rows.prior > 0) & ((rows.orders0 > rows.prior) | (rows.prior > 1))
    again = (rows.orders > 0) & ((rows.orders0 > 0) | (rows.orders > 1))
    return {
        "active0": rows.count(where=(rows.orders0 > 0) & ~rows.asleep0),
        "active1": rows.count(where=bought & ~rows.asleep1),
        "buyers0": rows.count(where=rows.prior > 0),
        "buyers1": rows.count(where=rows.orders > 0),
        "repeaters0": rows.count(where=before),
        "repeaters1": rows.count(where=again),
        "at_risk": rows.count(where=at_risk),
        "at_stake": rows.closing.sum(where=at_risk),
    }


def _key(column: ir.Value) -> ir.Value:
    return ibis.coalesce(column.cast("string"), ibis.literal(""))


def _summed(row: Mapping[str, Any]) -> Sums:
    counted = {one.name: row[one.name] or 0 for one in fields(Sums)}
    return Sums(**{key: value if key.startswith("off") else int(value) for key, value in counted.items()})


def _sliced(cells: Iterable[Mapping[str, Any]]) -> list[Slice]:
    listed = [(str(row["was"]), str(row["now"]), Movement(row["movement"]), _summed(row)) for row in cells]
    keys = sorted({key for was, now, _, _ in listed for key in (was, now)})
    return [
        Slice(
            key=key,
            opening=_together(sums for was, _, _, sums in listed if was == key),
            came=_together(sums for was, now, _, sums in listed if now == key != was),
            went=_together(sums for was, now, _, sums in listed if was == key != now),
            movements=_by_movement((kind, sums) for _, now, kind, sums in listed if now == key),
        )
        for key in keys
    ]


def _together(sums: Iterable[Sums]) -> Sums:
    return reduce(Sums.__add__, sums, Sums())


def _by_movement(pairs: Iterable[tuple[Movement, Sums]]) -> dict[Movement, Sums]:
    found: dict[Movement, Sums] = {}
    for movement, sums in pairs:
        found[movement] = found.get(movement, Sums()) + sums
    return {movement: found[movement] for movement in Movement if movement in found}
