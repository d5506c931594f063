"""Closing many tasks with their records in a few statements, as when a day's visits are written down in the evening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.core.text import Text
from zhike.execution.actions.working import OPEN, Done, TaskRefusal
from zhike.execution.models import ExecutionRecord, Task
from zhike.kernel import audit, clock

if TYPE_CHECKING:
    from zhike.kernel.models import User


@transaction.atomic
def complete_many(*, work: Sequence[tuple[Task, Done]], by: User) -> int:
    """Close the tasks still open, each with its record; what somebody else closed meanwhile is left as it is.

    Next steps are not taken here: each is a decision, so it goes through `complete`. Returns how many were closed.
    """
    today = clock.today()
    if any(done.on > today or done.next_step for _task, done in work):
        raise TaskRefusal(
            Text(
                "批量完成只接受今天或以前、没有下一步的记录。",
                "Closing many takes records of today or before, without a next step.",
            ),
            Text("请逐项完成有下一步的任务。", "Complete tasks with a next step one by one."),
        )
    said = {task.pk: done for task, done in work}
    held = list(Task.objects.select_for_update().filter(pk__in=said, state__in=OPEN).order_by("pk"))
    ExecutionRecord.objects.bulk_create(_record(task, said[task.pk], by) for task in held)
    Task.objects.filter(pk__in=[task.pk for task in held]).update(
        state=Task.State.DONE, closed_on=today, closed_by=by
    )
    results = Counter(said[task.pk].result for task in held)
    if held:
        audit.record("execution.completed_many", None, by=by, changes=dict(results))
    return len(held)


def _record(task: Task, done: Done, by: User) -> ExecutionRecord:
    return ExecutionRecord(
        customer_id=task.customer_id,
        task=task,
        on_date=done.on,
        executor=by,
        action=done.action,
        feedback=done.feedback,
        result=done.result,
        created_at=clock.now(),
    )
