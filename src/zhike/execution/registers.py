"""What the execution stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.engine.lake import SHAPES, LakeTable
from zhike.execution import panels, queries
from zhike.execution.actions.merging import merge_tasks, one_task_per_cycle
from zhike.execution.models import ExecutionRecord, Task
from zhike.kernel import lake, slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(
        key="tasks",
        label=_("Tasks"),
        icon="checklist",
        url="execution:tasks",
        right=Right.TASKS_VIEW,
        order=60,
        badge=panels.overdue,
    )
)
slots.command(
    slots.Command(
        key="execution.records",
        label=_("Execution records"),
        icon="checks",
        url="execution:records",
        right=Right.TASKS_VIEW,
    )
)
slots.command(
    slots.Command(
        key="execution.reasons",
        label=_("Reasons for churn"),
        icon="message-question",
        url="execution:reasons",
        right=Right.TASKS_VIEW,
    )
)
slots.panel(
    slots.Panel(
        place="insight.churn",
        key="reasons",
        label=_("Reasons for churn"),
        right=Right.TASKS_VIEW,
        order=10,
        render=panels.churn_reasons,
    )
)
slots.panel(
    slots.Panel(
        place="customer.tabs",
        key="tasks",
        label=_("Strategy and tasks"),
        right=Right.TASKS_VIEW,
        order=30,
        render=panels.customer_tab,
        count=queries.open_count,
    )
)
slots.panel(
    slots.Panel(
        place="customer.actions",
        key="tasks",
        label=_("New task"),
        right=Right.TASKS_WORK,
        order=30,
        render=panels.customer_buttons,
    )
)
slots.panel(
    slots.Panel(
        place="desk.home",
        key="tasks",
        label=_("My tasks"),
        right=Right.TASKS_VIEW,
        order=10,
        render=panels.my_tasks,
    )
)
slots.panel(
    slots.Panel(
        place="tiers.segment",
        key="tasks",
        label=_("Tasks"),
        right=Right.TASKS_ASSIGN,
        order=10,
        render=panels.segment_card,
    )
)
slots.timeline(panels.moments)
slots.merger("execution.Task", merge_tasks)
slots.merger("execution.ExecutionRecord", slots.move_rows(ExecutionRecord))
slots.eraser("execution.Task", slots.delete_rows(Task))
slots.eraser("execution.ExecutionRecord", slots.delete_rows(ExecutionRecord))
slots.invariant(Text("没有重复的任务", "No task twice"), one_task_per_cycle)

lake.table(
    LakeTable(
        name="records",
        columns=SHAPES["records"],
        select="""SELECT id, customer_id, on_date, tx,
                         CASE WHEN withdrawn_at IS NULL THEN result ELSE 'withdrawn' END AS result
                  FROM execution_executionrecord""",
    )
)
