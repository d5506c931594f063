"""`zhike loop`: go round the closed loop now, as the worker does every night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from zhike.cli import here as cli
from zhike.cli import progress
from zhike.cli.here import Here, Stopped
from zhike.core.errors import Refusal
from zhike.core.text import Text

TITLES = {
    "daily": Text("每日循环", "Daily loop"),
    "quarterly": Text("季度循环", "Quarterly loop"),
}


@click.command(
    help="立即运行闭环:同步、分析、分层、任务、效果。Run the loop now: sync, analysis, tiers, tasks, effect."
)
@click.argument("rhythm", type=click.Choice(list(TITLES)))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="业务日期,默认今天,不能晚于今天。As of this date, not after today; default today.",
)
@cli.options
def loop(here: Here, rhythm: str, as_of: datetime | None) -> None:
    """Run one turn; turning again on the same day changes nothing."""
    with cli.django(here):
        day = {"as_of": as_of.date().isoformat()} if as_of else {}
        result = perform(f"loop.{rhythm}", TITLES[rhythm], **day)
    here.answer(
        {"loop": rhythm, **result}, f"{TITLES[rhythm].zh}完成:{sentence(result)}", f"Done: {sentence(result)}"
    )


def perform(name: str, title: Text, **arguments: Any) -> dict[str, Any]:
    """Run a job here with a progress bar; the same record and recovery as in the worker."""
    from zhike.kernel import jobs

    with progress.bar(title) as tell:
        job = jobs.perform(name, by=None, title=title, tell=tell, **arguments)
    if job.error:
        raise refusal_of(job.error)
    if job.state != "done":
        raise Stopped(
            Text("任务没有完成", "The job did not finish"), Text("请重新运行该命令", "Run the command again")
        )
    return dict(job.result or {})


def refusal_of(error: dict[str, Any]) -> Refusal:
    """A job's stored error as a refusal."""
    place = Text.from_json(error["place"]) if error.get("place") else None
    return Stopped(Text.from_json(error["reason"]), Text.from_json(error["remedy"]), place=place)


def sentence(result: dict[str, Any]) -> str:
    """A result in one line for a person."""
    return " · ".join(
        f"{name} {value}" for name, value in result.items() if not isinstance(value, list | dict)
    )
