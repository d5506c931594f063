"""`zhike demo`: a home full of real shopping data, a year of the loop behind it, served."""

from __future__ import annotations

import os
import sys

import click

from zhike.cli import here as cli
from zhike.cli import progress, server
from zhike.cli.doctor import is_up
from zhike.cli.here import Here
from zhike.core.text import Text

TITLE = Text("准备演示数据", "Preparing the demonstration")


@click.command(
    help="用真实购物数据(姓名等为生成的演示数据)填充目录,运行全年闭环并启动服务。"
    "Fill a home with real shopping data (people are made up), run a year of the loop, serve it."
)
@click.option("--no-serve", is_flag=True, help="只准备数据,不启动服务。Prepare only, do not serve.")
@click.option("--port", type=click.IntRange(1, 65535), help="网页端口,默认 8765。The web port.")
@cli.options
def demo(here: Here, no_serve: bool, port: int | None) -> None:
    """Build once; a second run changes nothing and prints the same figures."""
    if port:
        server.choose_port(port)
    with cli.django(here):
        from zhike.loop import demo as story

        with progress.bar(TITLE) as tell:
            result = story.build(tell)
    if no_serve:
        here.answer(result, *_sentence(result))
    elif is_up(here):
        here.answer(result, f"演示已在运行:{server.origin(here)}/", f"Already served: {server.origin(here)}/")
    else:
        here.answer(result, *_sentence(result))
        sys.stdout.flush()
        # A fresh process serves: what the year took in memory is given back.
        os.execv(sys.executable, server.command(here, "up"))  # noqa: S606


def _sentence(result: dict[str, object]) -> tuple[str, str]:
    customers, tasks, records = (result[name] for name in ("customers", "tasks", "records"))
    return (
        f"演示数据已就绪:客户 {customers},任务 {tasks},执行记录 {records}。",
        f"The demonstration is ready: {customers} customers, {tasks} tasks, {records} records.",
    )
