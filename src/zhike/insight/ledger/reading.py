"""A statement within the asker's scope: found, judged whether it still holds, and summed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import ibis.expr.types as ir

from zhike.engine import ledger
from zhike.engine.lake import Session
from zhike.engine.ledger import Control, Slice, Sums, Total
from zhike.engine.ledger.statement import CENT, give_or_take, money
from zhike.insight.ledger import periods
from zhike.insight.ledger.periods import Period
from zhike.insight.models import Statement
from zhike.insight.queries import counted
from zhike.kernel import lake
from zhike.kernel.models import User

# Normal quantiles: customers' intervals hold with 80 %, that of a sum over many is said with 95 %.
WIDER = Decimal("1.959964") / Decimal("1.281552")
BOTH_SIDES = Decimal("1.959964")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where a sum of values lies with 95 %."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A statement as the asker may see it: the whole, its slices by dimension, and the orders beside it."""

    statement: Statement
    total: Total
    control: Control
    slices: dict[str, list[Slice]]
    rows: int

    @property
    def difference(self) -> Decimal:
        """How far the statement is from the orders as they are now; 0.00 when it holds."""
        return self.control.difference(self.total.whole)

    def interval(self, number: int) -> Interval:
        """The 95 % interval of the opening (0) or closing (1) value of all customers."""
        return interval(self.statement, self.total.whole, number)


def find(period: Period) -> Statement | None:
    """The statement between two days, whatever it was made from."""
    return Statement.objects.filter(first=period.first, second=period.second).first()


def holds(statement: Statement) -> bool:
    """Whether a statement was made from the runs that are in force now."""
    return bool(statement.runs == periods.forces(Period(statement.first, statement.second)))


def read(user: User, statement: Statement, dimensions: Iterable[str] = ("tier",)) -> Sheet | None:
    """A statement within the user's scope; None when the lake has lost its rows."""
    with lake.session() as session:
        only = counted(session, user)
        # Each sum reads the few columns it needs; to keep the rows first would copy them all, and take twice as long.
        rows = ledger.kept(session, str(statement.key), only)
        total = ledger.total(session, rows)
        if not total.whole.customers and statement.customers and not _anything(session, statement):
            return None
        return Sheet(
            statement=statement,
            total=total,
            control=ledger.control(session, statement.first, statement.second, only),
            slices={one: ledger.slices(session, rows, one) for one in dimensions},
            rows=total.whole.customers,
        )


def moved(user: User, statement: Statement, dimension: str) -> dict[tuple[str, str], Sums]:
    """Who of the user's customers went from which slice of a dimension to which."""
    with lake.session() as session:
        rows = ledger.kept(session, str(statement.key), counted(session, user))
        return ledger.cells(session, rows, dimension)


def _anything(session: Session, statement: Statement) -> bool:
    rows: ir.Table = ledger.kept(session, str(statement.key))
    return bool(session.number(f"SELECT count(*) FROM ({session.sql(rows)})"))


def interval(statement: Statement, sums: Sums, number: int) -> Interval:
    """Chance between customers, who are independent of one another, and how far the model's total was off on its trial.

    Both are taken as normal and add up in squares. What the trial of a quarter cannot show is not covered: a market that
    turns, other prices. Without a trial only chance is counted.
    """
    value = money(sums.closing if number else sums.opening)
    chance = give_or_take(sums, second=bool(number)) / 100 * WIDER
    error = Decimal(str(statement.about["models"][number]["error"] or 0))
    model = BOTH_SIDES * abs(error) * value
    off = Decimal(sqrt(chance**2 + model**2)).quantize(CENT)
    return Interval(low=max(value - off, Decimal(0)), high=value + off)
