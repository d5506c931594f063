"""Questions about tasks and execution records; everything stays within the asker's customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.shortcuts import get_object_or_404

from zhike.customers import queries as customers
from zhike.execution.facts import WorkCounts
from zhike.execution.models import ExecutionRecord, Task
from zhike.execution.timing import week_end
from zhike.kernel.models import User
from zhike.kernel.rights import Right
from zhike.kernel.scope import within

if TYPE_CHECKING:
    from zhike.customers.models import Customer

OPEN = Q(state__in=[Task.State.OPEN, Task.State.POSTPONED])
PER_DAY = 4
PER_COLUMN = 30
DONE_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What a list of tasks is narrowed to; empty means no matter."""

    q: str = ""
    who: str = "mine"
    when: str = "open"
    tier: str = ""
    measure: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """What a list of execution records is narrowed to; empty means no matter."""

    q: str = ""
    who: str = ""
    result: str = ""
    since: date | None = None
    until: date | None = None


def visible_to(user: User) -> QuerySet[Task]:
    """The tasks of the asker's customers."""
    return Task.objects.filter(within(user, "customer__")).select_related("customer", "assignee")


def records_visible_to(user: User) -> QuerySet[ExecutionRecord]:
    """The execution records of the asker's customers, withdrawn ones left out."""
    found = ExecutionRecord.objects.filter(within(user, "customer__"), withdrawn_at=None)
    return found.select_related("customer", "executor")


def task_for(user: User, key: UUID | str) -> Task:
    """One task of a visible customer, or 404."""
    return get_object_or_404(visible_to(user), key=key)


def record_for(user: User, key: UUID | str) -> ExecutionRecord:
    """One execution record of a visible customer, or 404."""
    return get_object_or_404(records_visible_to(user), key=key)


def record_of(task: Task) -> ExecutionRecord | None:
    """What was done on a task, if it was."""
    found = ExecutionRecord.objects.filter(task=task, withdrawn_at=None)
    return found.select_related("executor", "customer").first()


def tasks(user: User, wanted: TaskFilter, today: date) -> QuerySet[Task]:
    """The asker's tasks as a filter narrows them, in no particular order."""
    found = visible_to(user).filter(_who(user, wanted.who), _when(wanted.when, today))
    if wanted.tier:
        found = found.filter(tier=wanted.tier)
    if wanted.measure:
        found = found.filter(measure_key=wanted.measure)
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.q:
        named = Q(customer__in=customers.matching(customers.visible_to(user), wanted.q, user).values("pk"))
        found = found.filter(named | Q(title__zh__icontains=wanted.q) | Q(title__en__icontains=wanted.q))
    return found


def _who(user: User, who: str, field: str = "assignee") -> Q:
    match who:
        case "" | "all":
            return Q()
        case "mine":
            return Q(**{field: user})
        case "none":
            return Q(**{f"{field}__isnull": True})
        case key if _is_key(key):
            return Q(**{f"{field}__in": User.objects.filter(key=key).values("pk")})
        case _:  # nobody is called so: an address typed by hand finds nothing
            return Q(pk__in=[])


def _when(when: str, today: date) -> Q:
    match when:
        case "open":
            return OPEN
        case "overdue":
            return OPEN & Q(act_on__lt=today)
        case "today":
            return OPEN & Q(act_on=today)
        case "week":
            return OPEN & Q(act_on__gte=today, act_on__lte=week_end(today))
        case "postponed" | "done" | "cancelled":
            return Q(state=when)
        case _:
            return Q()


def records(user: User, wanted: RecordFilter) -> QuerySet[ExecutionRecord]:
    """The asker's execution records as a filter narrows them."""
    found = records_visible_to(user).filter(_who(user, wanted.who, "executor"))
    if wanted.result:
        found = found.filter(result=wanted.result)
    if wanted.since:
        found = found.filter(on_date__gte=wanted.since)
    if wanted.until:
        found = found.filter(on_date__lte=wanted.until)
    if wanted.q:
        named = Q(customer__in=customers.matching(customers.visible_to(user), wanted.q, user).values("pk"))
        found = found.filter(named | Q(action__icontains=wanted.q))
    return found


def overdue_count(user: User, today: date) -> int:
    """How many of the asker's own tasks are overdue."""
    return visible_to(user).filter(OPEN, assignee=user, act_on__lt=today).count()


def timing_counts(user: User, who: str, today: date) -> dict[str, int]:
    """How many tasks are open, overdue, due today, due this week and postponed."""
    names = ("open", "overdue", "today", "week", "postponed")
    counted = {name: Count("pk", filter=_when(name, today)) for name in names}
    return visible_to(user).filter(_who(user, who), OPEN).order_by().aggregate(**counted)


def next_tasks(user: User, limit: int) -> list[Task]:
    """The asker's own open tasks, most urgent first."""
    return list(visible_to(user).filter(OPEN, assignee=user).order_by("act_on", "pk")[:limit])


def calendar(user: User, who: str, first: date, last: date) -> tuple[dict[date, list[Task]], dict[date, int]]:
    """For each day of a span its first few open tasks, and how many there are in all."""
    span = visible_to(user).filter(OPEN, _who(user, who), act_on__gte=first, act_on__lte=last).order_by()
    counts = dict(span.values_list("act_on").annotate(number=Count("pk")))
    place = Window(RowNumber(), partition_by=F("act_on"), order_by=F("pk").asc())
    days: dict[date, list[Task]] = {}
    for task in span.annotate(place=place).filter(place__lte=PER_DAY).order_by("act_on", "pk"):
        days.setdefault(task.act_on, []).append(task)
    return days, counts


def board(user: User, who: str, today: date) -> dict[str, tuple[list[Task], int]]:
    """The columns of the board: what is to do and postponed, and what was lately done or cancelled, with counts."""
    mine = visible_to(user).filter(_who(user, who))
    recent = Q(closed_on__gte=today - timedelta(days=DONE_DAYS))
    columns: dict[str, tuple[list[Task], int]] = {}
    for state in (Task.State.OPEN, Task.State.POSTPONED, Task.State.DONE, Task.State.CANCELLED):
        closed = state in (Task.State.DONE, Task.State.CANCELLED)
        found = mine.filter(recent if closed else Q(), state=state)
        order = ("-closed_on", "-pk") if closed else ("act_on", "pk")
        columns[state] = list(found.order_by(*order)[:PER_COLUMN]), found.order_by().count()
    return columns


def of_customer(user: User, customer: Customer) -> tuple[list[Task], list[ExecutionRecord]]:
    """A visible customer's open tasks and latest execution records."""
    open_tasks = visible_to(user).filter(OPEN, customer=customer).order_by("act_on", "pk")
    written = records_visible_to(user).filter(customer=customer).order_by("-on_date", "-pk")
    return list(open_tasks[:50]), list(written[:20])


def records_until(user: User, customer: Customer, day: date) -> list[ExecutionRecord]:
    """A visible customer's latest execution records up to a day."""
    written = records_visible_to(user).filter(customer=customer, on_date__lte=day)
    return list(written.order_by("-on_date", "-pk")[:60])


def has_open(user: User) -> bool:
    """Whether the asker has something to do."""
    return visible_to(user).filter(OPEN, assignee=user).exists()


def open_count(customer: Customer) -> int:
    """How many tasks of a customer are open."""
    return Task.objects.filter(OPEN, customer=customer).count()


def assignees(user: User) -> list[User]:
    """Whom the asker may hand a task to: those who may work on tasks and whom the asker may see, else oneself."""
    if not user.has(Right.TASKS_ASSIGN):
        return [user]
    return [one for one in User.objects.filter(is_active=True).order_by("name") if one.has(Right.TASKS_WORK)]


def work_by_tier(user: User, first: date, last: date) -> dict[str, WorkCounts]:
    """What was planned, done, missed and recorded for each tier in a span of days."""
    mine = visible_to(user).filter(created_on__lte=last).exclude(tier="").order_by()
    planned = Q(created_on__gte=first)
    done = Q(state="done", closed_on__gte=first, closed_on__lte=last)
    cancelled = Q(state="cancelled", closed_on__gte=first, closed_on__lte=last)
    counted = mine.values("tier").annotate(
        planned=Count("pk", filter=planned),
        done=Count("pk", filter=done),
        open=Count("pk", filter=OPEN),
        overdue=Count("pk", filter=OPEN & Q(act_on__lt=last)),
        cancelled=Count("pk", filter=cancelled & ~Q(closing="next_cycle")),
        missed=Count("pk", filter=cancelled & Q(closing="next_cycle")),
    )
    written = _records_by_tier(user, first, last)
    by_measure = _measures_by_tier(mine, first, last)
    return {
        row["tier"]: WorkCounts(
            **{name: row[name] for name in ("planned", "done", "open", "overdue", "cancelled", "missed")},
            records=written.get(row["tier"], (0, 0))[0],
            success=written.get(row["tier"], (0, 0))[1],
            by_measure=by_measure.get(row["tier"], {}),
        )
        for row in counted
    }


def _records_by_tier(user: User, first: date, last: date) -> dict[str, tuple[int, int]]:
    found = (
        records_visible_to(user).filter(on_date__gte=first, on_date__lte=last, task__isnull=False).order_by()
    )
    counted = found.values_list("task__tier").annotate(
        number=Count("pk"), success=Count("pk", filter=Q(result="success"))
    )
    return {tier: (number, success) for tier, number, success in counted}


def _measures_by_tier(mine: QuerySet[Task], first: date, last: date) -> dict[str, dict[str, tuple[int, int]]]:
    counted = (
        mine.exclude(measure_key=None)
        .values_list("tier", "measure_key")
        .annotate(
            planned=Count("pk", filter=Q(created_on__gte=first)),
            done=Count("pk", filter=Q(state="done", closed_on__gte=first, closed_on__lte=last)),
        )
    )
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for tier, key, planned, done in counted:
        if planned or done:
            found.setdefault(tier, {})[key] = (planned, done)
    return found


def record_by_id(user: User, record: int | None) -> ExecutionRecord | None:
    """A visible record by its inner id, withdrawn ones included: where a next step came from."""
    if record is None:
        return None
    found = ExecutionRecord.objects.filter(within(user, "customer__"), pk=record)
    return found.select_related("customer", "executor").first()


def by_keys(user: User, keys: Iterable[str]) -> list[Task]:
    """Visible tasks among the given keys; what is no key is passed over."""
    return list(visible_to(user).filter(key__in=[key for key in keys if _is_key(key)]))


def _is_key(raw: str) -> bool:
    try:
        UUID(raw)
    except ValueError:
        return False
    return True
