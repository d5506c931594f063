"""Which days the loop may go round for: never one that has not come, and none while a later one has been judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.insight import queries as insight
from zhike.kernel import clock
from zhike.kernel.facts import Finding

PLACE: Final = Text("业务日期", "Business day")
GRACE: Final = timedelta(days=1)  # another time zone can set today back by one day
REMEDY: Final = Text(
    "请用 zhike restore --home <新目录> 恢复那次计算之前的备份,改用新目录,再导入其后的文件。",
    "Restore a backup made before that run with zhike restore --home <new folder>, go on there, and import the later files again.",
)


class BadDay(Refusal):
    """The loop cannot go round for this day."""


def read(as_of: str | None) -> date:
    """The day that was asked for, by default today."""
    return date.fromisoformat(as_of) if as_of else clock.today()


def must_have_come(as_of: date) -> None:
    """Refuse a day after today: scores and tiers never go back in time, so every earlier day would be shut out."""
    today = clock.today()
    if as_of > today:
        raise BadDay(
            Text(
                f"{as_of} 还没有到,今天是 {today};按未来的日期计算会挡住此前每一天的更新。",
                f"{as_of} has not come, today is {today}; a run for a future day would block every day before it.",
            ),
            Text(
                "请选择今天或更早的日期;不指定日期就按今天计算。",
                "Choose today or an earlier day; without a day it is today.",
            ),
            place=PLACE,
        )
    ahead = _ahead()
    if ahead is not None:
        raise BadDay(_shut_out(ahead), REMEDY, place=PLACE)


def nothing_ahead() -> list[Finding]:
    """No run judged the customers as of a day that has not come."""
    ahead = _ahead()
    if ahead is None:
        return []
    return [Finding(place=f"{PLACE} {ahead}", what=_shut_out(ahead), remedy=REMEDY)]


def _ahead() -> date | None:
    """The day of the latest run, if it has not come."""
    found = (insight.latest(), insight.latest("tiers"))
    latest = max((run.as_of for run in found if run is not None), default=None)
    return latest if latest is not None and latest > clock.today() + GRACE else None


def _shut_out(ahead: date) -> Text:
    return Text(
        f"客户曾按未来的日期 {ahead} 计算,在那之前的每日更新都无法进行。",
        f"Customers were judged as of {ahead}, a day that has not come; no daily run can go on before it.",
    )
