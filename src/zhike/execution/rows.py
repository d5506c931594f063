"""Tasks and records as lists, boards, calendars and panels show them: names masked, days in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.execution.models import ExecutionRecord, Task
from zhike.execution.timing import Timing, timing
from zhike.kernel import prose
from zhike.kernel.models import User
from zhike.strategies import queries as strategies
from zhike.strategies.facts import cycle_text
from zhike.tiers import queries as tiers
from zhike.tiers.facts import TierName


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task as a line or a card shows it."""

    task: Task
    title: Text
    customer: str
    tier: TierName | None
    assignee: str
    led_by: str
    when: str
    urgent: bool
    cycle: str
    note: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One execution record as a line shows it."""

    record: ExecutionRecord
    customer: str
    executor: str
    action: str
    feedback: str
    next_step: str


def task_rows(user: User, found: Iterable[Task], today: date) -> list[TaskRow]:
    """Tasks ready to be shown to the asker."""
    marks = tiers.names()
    return [_task_row(user, task, today, marks) for task in found]


def _task_row(user: User, task: Task, today: date, marks: dict[str, TierName]) -> TaskRow:
    late = task.is_open and timing(task.act_on, today) is Timing.OVERDUE
    return TaskRow(
        task=task,
        title=prose.both(user, task.name),
        customer=customers.shown_name(user, task.customer),
        tier=marks.get(task.tier),
        assignee=task.assignee.name if task.assignee else _("Nobody yet"),
        led_by=_led_by(task),
        when=_when(task, today),
        urgent=late,
        cycle=cycle_text(task.cycle),
        note=prose.about(user, task.note),
        reason=prose.said(user, task.reason),
    )


def _led_by(task: Task) -> str:
    """The role that owns the strategy, where the task stands with the customer's manager instead."""
    with_manager = task.assignee_id is None or task.assignee_id == task.customer.manager_id
    if task.source != Task.Source.LOOP or not with_manager or not strategies.goes_to_manager(task.role):
        return ""
    return strategies.role_name(task.role)


def _when(task: Task, today: date) -> str:
    if not task.is_open:
        return f"{task.closed_on:%Y-%m-%d}"
    days = (task.act_on - today).days
    if days == 0:
        return _("Today")
    if days == 1:
        return _("Tomorrow")
    if days < 0:
        return ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}
    return f"{task.act_on:%Y-%m-%d}"


def record_rows(user: User, found: Iterable[ExecutionRecord]) -> list[RecordRow]:
    """Execution records ready to be shown to the asker."""
    return [
        RecordRow(
            record=one,
            customer=customers.shown_name(user, one.customer),
            executor=one.executor.name,
            action=prose.said(user, one.action),
            feedback=prose.about(user, one.feedback),
            next_step=prose.said(user, one.next_step),
        )
        for one in found
    ]
