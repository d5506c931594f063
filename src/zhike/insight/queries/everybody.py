"""Figures of the whole base that the daily loop keeps, so that a page need not ask every order again.

They are kept under what they were computed from: the day, and how far the lake had copied the tables. After an import they are not
found any more, and pages ask live until the next loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from zhike.engine.cohorts import Cohort, cohorts
from zhike.engine.lake import Session, copied
from zhike.engine.trends.series import Period, Step, periods
from zhike.insight.answering import EVERYBODY, Question, answer

TABLES = ("customers", "orders", "returns")
COHORTS = "cohorts"
WHAT = ("month", "week", COHORTS)


def question(session: Session, what: str, as_of: date) -> Question:
    """What is kept under: one of WHAT, the day, and the state of the copied tables."""
    return Question(kind=EVERYBODY, about={"what": what, "as_of": as_of, "tables": copied(session, TABLES)})


def computed(session: Session, what: str, as_of: date) -> list[dict[str, Any]]:
    """The figures as they are kept, computed now."""
    found: Sequence[Any] = (
        cohorts(session, as_of) if what == COHORTS else periods(session, as_of, _step(what))
    )
    return [{key: _plain(value) for key, value in asdict(one).items()} for one in found]


def periods_of_all(session: Session, as_of: date, step: Step) -> tuple[Period, ...]:
    """The course of the whole base, kept or live."""
    kept = answer(question(session, step, as_of))
    if kept is None:
        return periods(session, as_of, step)
    return tuple(
        Period(**{**one, "begins": date.fromisoformat(one["begins"]), "sales": Decimal(one["sales"])})
        for one in kept
    )


def cohorts_of_all(session: Session, as_of: date) -> tuple[Cohort, ...]:
    """The cohorts of the whole base, kept or live."""
    kept = answer(question(session, COHORTS, as_of))
    return cohorts(session, as_of) if kept is None else tuple(map(_cohort, kept))


def _cohort(one: Mapping[str, Any]) -> Cohort:
    return Cohort(
        month=date.fromisoformat(one["month"]),
        customers=one["customers"],
        active=tuple(one["active"]),
        spend=tuple(map(Decimal, one["spend"])),
    )


def _step(what: str) -> Step:
    return "week" if what == "week" else "month"


def _plain(value: Any) -> Any:
    """Dates and amounts as text, which JSON keeps to the cent."""
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, (date, Decimal)) else value
