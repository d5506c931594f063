"""Working on tasks: complete with a record, postpone, cancel, hand over, add, record, and take a completion back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.execution import reasons
from zhike.execution.models import ExecutionRecord, Task
from zhike.kernel import audit, clock
from zhike.kernel.rights import Right

if TYPE_CHECKING:
    from zhike.customers.models import Customer
    from zhike.kernel.models import User

OPEN = (Task.State.OPEN, Task.State.POSTPONED)


LONGEST_DELAY = 366


class TaskRefusal(Refusal):
    """A task or record cannot be as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done, as the person who did it says."""

    on: date
    action: str
    result: str
    feedback: str
    next_step: str = ""
    next_on: date | None = None
    churn_reason: str = ""


@transaction.atomic
def complete(*, task: Task, done: Done, by: User) -> ExecutionRecord:
    """Close a task with a record of what was done; a next step becomes a task of its own."""
    task = _take(task)
    written = _write(task.customer, done, by, task)
    task.state, task.closed_on, task.closed_by = Task.State.DONE, clock.today(), by
    task.save(update_fields=["state", "closed_on", "closed_by"])
    audit.record("execution.completed", task, by=by, changes={"result": done.result})
    return written


@transaction.atomic
def record(*, customer: Customer, done: Done, by: User) -> ExecutionRecord:
    """Record something done for a customer without a task."""
    written = _write(customer, done, by, None)
    audit.record("execution.recorded", written, by=by, changes={"result": done.result})
    return written


@transaction.atomic
def undo(*, task: Task, by: User) -> Task:
    """Take a completion back: the record is withdrawn, its next step cancelled, the task open again."""
    task = _locked(task)
    if task.state != Task.State.DONE:
        raise TaskRefusal(
            Text(zh="这项任务没有完成,无需撤销。", en="This task is not done, so there is nothing to undo."),
            Text(zh="请刷新页面查看它现在的状态。", en="Reload the page to see its present state."),
        )
    withdrawn = ExecutionRecord.objects.filter(task=task, withdrawn_at=None)
    following = Task.objects.filter(from_record__in=withdrawn, state__in=OPEN)
    following.update(
        state=Task.State.CANCELLED, closing=Task.Closing.UNDONE, closed_on=clock.today(), closed_by=by
    )
    withdrawn.update(withdrawn_at=clock.now(), withdrawn_by=by)
    task.state = Task.State.POSTPONED if task.postponed_to else Task.State.OPEN
    task.closed_on = task.closed_by = None
    task.save(update_fields=["state", "closed_on", "closed_by"])
    audit.record("execution.undone", task, by=by)
    return task


@transaction.atomic
def postpone(*, task: Task, to: date, reason: str, by: User) -> Task:
    """Move a task to a later day, for a reason."""
    not_past(to)
    _not_lost(to)
    task = _take(task)
    before = task.postponed_to or task.due_on
    task.state, task.postponed_to, task.reason = Task.State.POSTPONED, to, reason
    task.save(update_fields=["state", "postponed_to", "reason"])
    changes = {"from": before.isoformat(), "to": to.isoformat()}
    audit.record("execution.postponed", task, by=by, note=reason, changes=changes)
    return task


@transaction.atomic
def cancel(*, task: Task, reason: str, by: User) -> Task:
    """Close a task that will not be done, for a reason."""
    task = _take(task)
    task.state, task.closing, task.reason = Task.State.CANCELLED, Task.Closing.BY_HAND, reason
    task.closed_on, task.closed_by = clock.today(), by
    task.save(update_fields=["state", "closing", "reason", "closed_on", "closed_by"])
    audit.record("execution.cancelled", task, by=by, note=reason)
    return task


@transaction.atomic
def reopen(*, task: Task, by: User) -> Task:
    """Open a cancelled task again."""
    task = _locked(task)
    if task.state != Task.State.CANCELLED:
        raise TaskRefusal(
            Text(zh="这项任务没有被取消。", en="This task is not cancelled."),
            Text(zh="请刷新页面查看它现在的状态。", en="Reload the page to see its present state."),
        )
    task.state = Task.State.POSTPONED if task.postponed_to else Task.State.OPEN
    task.closing, task.closed_on, task.closed_by = "", None, None
    task.save(update_fields=["state", "closing", "closed_on", "closed_by"])
    audit.record("execution.reopened", task, by=by)
    return task


@transaction.atomic
def reassign(*, task: Task, to: User | None, by: User) -> Task:
    """Hand a task to somebody who sees the customer, or back to the queue; a later planning leaves it there."""
    task = _take(task)
    _assignable(task.customer, to, by)
    before = task.assignee
    task.assignee, task.pinned = to, True
    task.save(update_fields=["assignee", "pinned"])
    changes = {"from": before.name if before else "", "to": to.name if to else ""}
    audit.record("execution.reassigned", task, by=by, changes=changes)
    return task


@transaction.atomic
def add(
    *, customer: Customer, title: str, due_on: date, by: User, assignee: User | None = None, note: str = ""
) -> Task:
    """Add a task by hand, for oneself unless one may assign to others."""
    not_past(due_on)
    _assignable(customer, assignee, by)
    made = Task.objects.create(
        customer=customer,
        title=Text.same(title).as_json(),
        note=note,
        due_on=due_on,
        assignee=assignee,
        pinned=True,
        source=Task.Source.HAND,
        created_on=clock.today(),
        created_at=clock.now(),
        created_by=by,
    )
    audit.record("execution.added", made, by=by, changes={"due_on": due_on.isoformat()})
    return made


def assign_many(*, tasks: list[Task], to: User | None, by: User) -> tuple[int, list[tuple[Task, Refusal]]]:
    """Hand over several tasks; those that cannot be are named with the reason."""
    return _each(tasks, lambda task: reassign(task=task, to=to, by=by))


def postpone_many(
    *, tasks: list[Task], to: date, reason: str, by: User
) -> tuple[int, list[tuple[Task, Refusal]]]:
    """Postpone several tasks; those that cannot be are named with the reason."""
    return _each(tasks, lambda task: postpone(task=task, to=to, reason=reason, by=by))


def _each(tasks: list[Task], act: Callable[[Task], Task]) -> tuple[int, list[tuple[Task, Refusal]]]:
    refused: list[tuple[Task, Refusal]] = []
    for task in tasks:
        try:
            act(task)
        except Refusal as refusal:
            refused.append((task, refusal))
    return len(tasks) - len(refused), refused


def _locked(task: Task) -> Task:
    return Task.objects.select_for_update(of=("self",)).select_related("customer", "assignee").get(pk=task.pk)


def _take(task: Task) -> Task:
    """The task, locked and still open; two people finishing it at once: the second is told."""
    found = _locked(task)
    if not found.is_open:
        state = found.get_state_display()
        raise TaskRefusal(
            Text(zh=f"这项任务已经是“{state}”。", en=f"This task is already “{state}”."),
            Text(zh="没有改动任何内容;请刷新页面。", en="Nothing was changed; reload the page."),
        )
    return found


def _not_lost(day: date) -> None:
    """A task put off for years is a task forgotten."""
    if day > clock.today() + timedelta(days=LONGEST_DELAY):
        raise TaskRefusal(
            Text(zh="最多延期一年。", en="A task can be put off for a year at most."),
            Text(zh="请选更近的日期,或取消任务。", en="Choose a nearer day, or cancel the task."),
        )


def not_past(day: date) -> None:
    """Refuse a day before today."""
    if day < clock.today():
        raise TaskRefusal(
            Text(zh="这一天已经过去。", en="That day has passed."),
            Text(zh="请选今天或以后的日期。", en="Choose today or a later day."),
        )


def _assignable(customer: Customer, to: User | None, by: User) -> None:
    if to != by and not by.has(Right.TASKS_ASSIGN):
        raise TaskRefusal(
            Text(zh="您只能把任务分给自己。", en="You may only assign tasks to yourself."),
            Text(zh="请让主管分配。", en="Ask somebody who may assign tasks."),
        )
    if to is None:
        return
    if not to.has(Right.TASKS_WORK) or not customers.visible_to(to).filter(pk=customer.pk).exists():
        raise TaskRefusal(
            Text(
                zh=f"{to.name} 看不到客户 {customer.code}。",
                en=f"{to.name} cannot see customer {customer.code}.",
            ),
            Text(
                zh="请先把客户分配给此人,或选别人。",
                en="Assign the customer to them first, or choose somebody else.",
            ),
        )


def _write(customer: Customer, done: Done, by: User, task: Task | None) -> ExecutionRecord:
    today = clock.today()
    if done.on > today:
        raise TaskRefusal(
            Text(zh="执行日期在将来。", en="The day it was done lies in the future."),
            Text(zh="请填今天或以前的日期。", en="Give today or an earlier day."),
        )
    if not (done.action.strip() and done.feedback.strip()):
        raise TaskRefusal(
            Text(
                zh="执行记录要写明做了什么和客户反馈。",
                en="A record tells what was done and what the customer said.",
            ),
            Text(zh="没有联系上也请写明。", en="If nobody was reached, write that."),
        )
    if done.result == ExecutionRecord.Result.FOLLOW_UP and not (done.next_step.strip() and done.next_on):
        raise TaskRefusal(
            Text(
                zh="“待跟进”要写明下一步做什么、哪一天做。",
                en="“To follow up” needs the next step and its day.",
            ),
            Text(
                zh="请补上下一步和日期;不需要再跟进的,结果请选“成功”。",
                en="Give the next step and its day; if nothing more is needed, the outcome is “success”.",
            ),
        )
    if bool(done.next_step) != bool(done.next_on):
        raise TaskRefusal(
            Text(zh="下一步要同时有内容和日期。", en="A next step needs both words and a day."),
            Text(zh="请补齐,或两项都留空。", en="Give both, or leave both empty."),
        )
    _known_reason(done.churn_reason)
    written = ExecutionRecord.objects.create(
        customer=customer,
        task=task,
        on_date=done.on,
        executor=by,
        action=done.action,
        feedback=done.feedback,
        result=done.result,
        next_step=done.next_step,
        next_on=done.next_on,
        churn_reason=done.churn_reason,
        created_at=clock.now(),
    )
    if done.next_on:
        _follow(written, done.next_on, by, task)
    return written


def _known_reason(reason: str) -> None:
    if reason and reason not in reasons.churn_reasons():
        raise TaskRefusal(
            Text(zh=f"没有“{reason}”这个流失原因。", en=f"There is no reason for churn “{reason}”."),
            Text(zh="请从模板列出的原因中选择。", en="Choose one of the reasons that the blueprint lists."),
        )


def _follow(written: ExecutionRecord, due_on: date, by: User, task: Task | None) -> None:
    not_past(due_on)
    Task.objects.create(
        customer=written.customer,
        title=Text.same(written.next_step).as_json(),
        due_on=due_on,
        assignee=(task.assignee if task else None) or by,
        pinned=True,
        tier=task.tier if task else "",
        role=task.role if task else "",
        source=Task.Source.NEXT_STEP,
        from_record=written,
        created_on=clock.today(),
        created_at=clock.now(),
        created_by=by,
    )
