"""Turning strategies into tasks: once per customer, measure and cycle, however many workers try."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Case, F, QuerySet, When

from zhike.core.workdays import add_workdays
from zhike.execution.actions import plan_sql
from zhike.execution.facts import TaskReceipt
from zhike.kernel import audit, bulk, clock
from zhike.strategies import queries as strategies
from zhike.strategies.facts import REPEATING, DueMeasure, Every, cycle_key
from zhike.tiers import queries as tiers

if TYPE_CHECKING:
    from zhike.kernel.models import User

# One planner at a time: the second waits, then finds everything done.
PLANNER_LOCK = 0x5A480001


@transaction.atomic
def plan_cycle(*, as_of: date | None = None, by: User | None = None) -> TaskReceipt:
    """Make every task that the strategies in force call for on a day, and close those nobody calls for any more."""
    day = as_of or clock.today()
    bulk.run("SELECT pg_advisory_xact_lock(%s)", [PLANNER_LOCK])
    _stage(day, strategies.due_measures(day))
    when = {"as_of": day}
    cancelled = bulk.run(plan_sql.LEAVE, when)
    missed = bulk.run(plan_sql.SUPERSEDE, when)
    bulk.run(plan_sql.TELL)
    reassigned = bulk.run(plan_sql.REASSIGN)
    revived = bulk.run(plan_sql.REVIVE)
    made = bulk.run(plan_sql.MAKE, when)
    [(wanted, unassigned)] = bulk.rows(plan_sql.COUNTS)
    bulk.run(plan_sql.FORGET)
    receipt = TaskReceipt(
        as_of=day,
        wanted=wanted,
        made=made,
        revived=revived,
        reassigned=reassigned,
        cancelled=cancelled,
        missed=missed,
        unassigned=unassigned,
    )
    if receipt.changed:
        audit.record("execution.planned", None, by=by, changes=_counts(receipt))
    return receipt


def _counts(receipt: TaskReceipt) -> dict[str, object]:
    names = ("wanted", "made", "revived", "reassigned", "cancelled", "missed", "unassigned")
    return {"as_of": receipt.as_of.isoformat()} | {name: getattr(receipt, name) for name in names}


def _stage(day: date, measures: list[DueMeasure]) -> None:
    placed, placed_values = _sql(_placed(day))
    excepted, excepted_values = _sql(_excepted(day))
    with connection.cursor() as cursor:
        cursor.execute(plan_sql.MEASURES, _measure_arrays(measures, day))
        values = [*placed_values, *excepted_values, *_cycle_arrays(day)]
        cursor.execute(plan_sql.PLANNED.format(placed=placed, exceptions=excepted), values)
        cursor.execute("ANALYZE planned")
        cursor.execute(plan_sql.LIVE)
        cursor.execute("ANALYZE live")
        cursor.execute(plan_sql.WANTING)
        cursor.execute(plan_sql.PASSED, {"as_of": day})
        cursor.execute("ANALYZE wanting, passed")


def _placed(day: date) -> QuerySet[Any, Any]:
    """Placement, customer, tier, and the customer's manager if they still work here."""
    manager = Case(When(customer__manager__is_active=True, then=F("customer__manager_id")))
    found = tiers.placed_on(day).order_by().annotate(active_manager=manager)
    return found.values_list("id", "customer_id", "tier__key", "active_manager")


def _excepted(day: date) -> QuerySet[Any, Any]:
    found = strategies.exceptions_in_force(day).order_by()
    return found.values_list("customer_id", "measure_key", "kind", "owner_id", "every", "note")


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    sql, values = rows.query.sql_with_params()
    return sql, tuple(values)


def _measure_arrays(measures: list[DueMeasure], day: date) -> list[list[Any]]:
    """The measures, column by column; working days count from the day the task is given."""
    return [
        [one.measure for one in measures],
        [one.key for one in measures],
        [one.tier for one in measures],
        [one.every.value for one in measures],
        [add_workdays(day, one.days_due) for one in measures],
        [one.role for one in measures],
        [json.dumps(one.title.as_json()) for one in measures],
        [json.dumps(one.standard.as_json()) for one in measures],
    ]


def _cycle_arrays(day: date) -> list[list[Any]]:
    """What each rhythm calls the cycle of this day; "once" is named after the placement instead."""
    return [
        [Every.ONCE.value, *(every.value for every in REPEATING)],
        ["", *(cycle_key(every, day) for every in REPEATING)],
    ]
