"""Tasks and execution records for other programs."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.customers import queries as customers
from zhike.execution import actions, queries
from zhike.execution.actions import Done
from zhike.execution.models import ExecutionRecord, Task
from zhike.kernel import prose
from zhike.kernel.api import After, ApiRequest, needs, page_of
from zhike.kernel.models import User
from zhike.kernel.rights import Right

router = Router(tags=["execution"])


class TaskOut(Schema):
    """A task: what is to be done for whom by whom, and by when."""

    key: UUID
    customer: UUID
    title: dict[str, str]
    standard: dict[str, str] | None
    assignee: str | None
    due_on: date
    postponed_to: date | None
    state: str
    source: str
    cycle: str


class TaskPage(Schema):
    """One page of tasks."""

    items: list[TaskOut]
    next: str | None


class TaskFilter(After):
    """Which tasks."""

    customer: UUID | None = None
    state: str = Field("", pattern="^(|open|done|postponed|cancelled)$")
    due_until: date | None = None


class TaskIn(Schema):
    """A task made by hand, for oneself."""

    customer: UUID
    title: str = Field(min_length=1, max_length=200)
    due_on: date
    note: str = Field("", max_length=1000)


class RecordIn(Schema):
    """What was done, with what came of it; a next step needs a day and becomes a task, and `follow_up` needs a next step."""

    on: date
    action: str = Field(min_length=1, max_length=500)
    result: str = Field(pattern="^(success|follow_up)$")
    feedback: str = Field(min_length=1, max_length=2000)
    next_step: str = Field("", max_length=300)
    next_on: date | None = None
    churn_reason: str = Field("", max_length=60)


class RecordOfCustomer(RecordIn):
    """What was done for a customer without a task."""

    customer: UUID


class RecordOut(Schema):
    """An execution record."""

    key: UUID
    customer: UUID
    on_date: date
    executor: str
    action: str
    feedback: str
    result: str
    next_step: str
    next_on: date | None
    churn_reason: str


class RecordPage(Schema):
    """One page of execution records."""

    items: list[RecordOut]
    next: str | None


class RecordFilter(After):
    """Which records."""

    customer: UUID | None = None
    since: date | None = None


@router.get("/tasks", response=TaskPage)
@needs(Right.TASKS_VIEW)
def list_tasks(request: HttpRequest, wanted: Query[TaskFilter]) -> dict[str, Any]:
    """The tasks of the user's customers."""
    user = cast(ApiRequest, request).user
    found = queries.visible_to(user)
    if wanted.customer is not None:
        found = found.filter(customer__key=wanted.customer)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.due_until is not None:
        found = found.filter(act_on__lte=wanted.due_until)
    return page_of(found, wanted, lambda rows: [_task(user, row) for row in rows])


@router.post("/tasks", response={201: TaskOut})
@needs(Right.TASKS_WORK)
def add_task(request: HttpRequest, given: TaskIn) -> tuple[int, dict[str, Any]]:
    """Add a task by hand."""
    user = cast(ApiRequest, request).user
    customer = customers.customer_for(user, given.customer)
    made = actions.add(customer=customer, by=user, assignee=user, **given.dict(exclude={"customer"}))
    return 201, _task(user, made)


@router.post("/tasks/{uuid:key}/complete", response={201: RecordOut})
@needs(Right.TASKS_WORK)
def complete_task(request: HttpRequest, key: UUID, given: RecordIn) -> tuple[int, dict[str, Any]]:
    """Close a task with a record of what was done."""
    user = cast(ApiRequest, request).user
    written = actions.complete(task=queries.task_for(user, key), done=Done(**given.dict()), by=user)
    return 201, _record(user, written)


@router.get("/records", response=RecordPage)
@needs(Right.TASKS_VIEW)
def list_records(request: HttpRequest, wanted: Query[RecordFilter]) -> dict[str, Any]:
    """The execution records of the user's customers."""
    user = cast(ApiRequest, request).user
    found = queries.records_visible_to(user)
    if wanted.customer is not None:
        found = found.filter(customer__key=wanted.customer)
    if wanted.since is not None:
        found = found.filter(on_date__gte=wanted.since)
    return page_of(found, wanted, lambda rows: [_record(user, row) for row in rows])


@router.post("/records", response={201: RecordOut})
@needs(Right.TASKS_WORK)
def add_record(request: HttpRequest, given: RecordOfCustomer) -> tuple[int, dict[str, Any]]:
    """Record something done without a task."""
    user = cast(ApiRequest, request).user
    customer = customers.customer_for(user, given.customer)
    done = Done(**given.dict(exclude={"customer"}))
    return 201, _record(user, actions.record(customer=customer, done=done, by=user))


def _task(user: User, row: Task) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in TaskOut.model_fields if name not in {"customer", "assignee"}}
    told["title"] = prose.both(user, row.name, leaves=True).as_json()
    return {**told, "customer": row.customer.key, "assignee": row.assignee.name if row.assignee else None}


def _record(user: User, row: ExecutionRecord) -> dict[str, Any]:
    own = RecordOut.model_fields.keys() - {"customer", "executor", "feedback"}
    told = {name: getattr(row, name) for name in own}
    for words in ("action", "next_step"):
        told[words] = prose.said(user, told[words], leaves=True)
    told["feedback"] = prose.about(user, row.feedback, leaves=True)
    return {**told, "customer": row.customer.key, "executor": row.executor.name}
