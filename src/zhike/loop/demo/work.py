"""What the invented staff did: most due tasks, by seeded dice; the records say 演示数据 and prove nothing about care."""

from __future__ import annotations

import random
from collections import defaultdict
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
    finished: dict[User, list[tuple[Task, Done]]] = defaultdict(list)
    for task in due.order_by("pk"):
        worker, dice = task.assignee or by, _dice(task, end)
        fate = dice.random()
        if fate < DONE_SHARE:
            finished[worker].append((task, _done(task, dice, end)))
        elif fate < DONE_SHARE + POSTPONED_SHARE:
            later = end + timedelta(days=dice.randint(5, 20))
            execution.postpone(task=task, to=later, reason=f"客户出差{LABEL}", by=worker)
    for worker, work in finished.items():
        execution.complete_many(work=work, by=worker)


def _dice(task: Task, end: date) -> random.Random:
    return random.Random(f"{task.customer.code}|{task.measure_key}|{task.cycle}|{end}")  # noqa: S311


def _done(task: Task, dice: random.Random, end: date) -> Done:
    well = dice.random() < SUCCESS_SHARE
    return Done(
        on=max(task.created_on, min(end, task.due_on) - timedelta(days=dice.randint(0, 3))),
        action=f"{task.name.zh}{LABEL}",
        result="success" if well else "follow_up",
        feedback=dice.choice(FEEDBACK) + LABEL,
    )
