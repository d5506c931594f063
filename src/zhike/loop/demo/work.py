"""What the invented staff did: most due tasks, by seeded dice; the records say 演示数据 and prove nothing about care."""

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

from zhike.execution import actions as execution
from zhike.execution import queries
from zhike.execution.actions import Done
from zhike.kernel.models import User

if TYPE_CHECKING:
    from zhike.execution.models import Task

DONE_SHARE = 0.72
POSTPONED_SHARE = 0.08
SUCCESS_SHARE = 0.74
FEEDBACK = (
    "愿意参加会员日", "最近搬家,离门店远了", "希望果蔬更新鲜", "价格合适会继续买", "暂时没有需要", "对服务满意", "想了解小程序下单",
)  # fmt: skip
LABEL = "(演示数据)"


def do(end: date, *, by: User) -> None:
    """Work through what is due by the end of a month: the same tasks fare the same in every demonstration."""
    due = queries.visible_to(by).filter(state__in=("open", "postponed"), act_on__lte=end)
    for task in due.order_by("pk"):
        _meet(task, task.assignee or by, end)


def _meet(task: "Task", worker: User, end: date) -> None:
    dice = random.Random(f"{task.customer_id}|{task.measure_key}|{task.cycle}|{end}")  # noqa: S311
    fate = dice.random()
    if fate < DONE_SHARE:
        execution.complete(task=task, done=_done(task, dice, end), by=worker)
    elif fate < DONE_SHARE + POSTPONED_SHARE:
        execution.postpone(
            task=task, to=end + timedelta(days=dice.randint(5, 20)), reason=f"客户出差{LABEL}", by=worker
        )


def _done(task: "Task", dice: random.Random, end: date) -> Done:
    well = dice.random() < SUCCESS_SHARE
    return Done(
        on=max(task.created_on, min(end, task.due_on) - timedelta(days=dice.randint(0, 3))),
        action=f"{task.name.zh}{LABEL}",
        result="success" if well else "follow_up",
        feedback=dice.choice(FEEDBACK) + LABEL,
    )
