"""What becomes of tasks when two customers turn out to be one, and the promise that no task exists twice."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef

from zhike.core.text import Text
from zhike.execution.models import Task
from zhike.kernel import clock
from zhike.kernel.facts import Finding


def merge_tasks(kept: int, gone: int) -> None:
    """Move the tasks of one customer to another; where both had the same one, the moved one leaves its measure."""
    same = Task.objects.filter(customer_id=kept, measure_key=OuterRef("measure_key"), cycle=OuterRef("cycle"))
    twice = Task.objects.filter(Exists(same), customer_id=gone, measure_key__isnull=False)
    twice.filter(state__in=[Task.State.OPEN, Task.State.POSTPONED]).update(
        state=Task.State.CANCELLED, closing=Task.Closing.MERGED, closed_on=clock.today()
    )
    twice.update(measure_key=None)
    Task.objects.filter(customer_id=gone).update(customer_id=kept)


def one_task_per_cycle() -> list[Finding]:
    """No customer has two tasks for one measure and cycle."""
    found = Task.objects.exclude(measure_key=None).values("customer_id", "measure_key", "cycle").order_by()
    return [
        Finding(
            place=f"execution.Task {row['customer_id']} {row['measure_key']} {row['cycle']}",
            what=Text(zh=f"同一周期有 {row['number']} 项任务", en=f"{row['number']} tasks in one cycle"),
            remedy=Text(
                zh="请重建索引 execution_task_once_per_cycle", en="Rebuild execution_task_once_per_cycle"
            ),
        )
        for row in found.annotate(number=Count("pk")).filter(number__gt=1)[:20]
    ]
