"""Everything that changes tasks and execution records."""

from zhike.execution.actions.for_segments import add_for_segment
from zhike.execution.actions.many import complete_many
from zhike.execution.actions.planning import plan_cycle
from zhike.execution.actions.working import (
    Done,
    TaskRefusal,
    add,
    assign_many,
    cancel,
    complete,
    postpone,
    postpone_many,
    reassign,
    record,
    reopen,
    undo,
)

__all__ = [
    "Done",
    "TaskRefusal",
    "add",
    "add_for_segment",
    "assign_many",
    "cancel",
    "complete",
    "complete_many",
    "plan_cycle",
    "postpone",
    "postpone_many",
    "reassign",
    "record",
    "reopen",
    "undo",
]
