"""`zhike spark`: compute on Spark, and prove on this home's data that it answers as DuckDB does."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from zhike.cli import here as cli
from zhike.cli.here import Here, Stopped
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.engine.spark import Agreement

MASTER = click.option(
    "--master",
    default="",
    help="Spark 的地址,默认取设置 spark,再默认 local[2]。Where Spark is; default the setting spark, else local[2].",
)
AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="统计日期,默认今天。As of this date; default today.",
)

_STEPS = {
    "lake": Text("同步数据湖…", "Syncing the lake …"),
    "spark": Text("启动 Spark(可能要半分钟)…", "Starting Spark (may take half a minute) …"),
    "metrics": Text("比较指标…", "Comparing metrics …"),
    "rfm": Text("比较 RFM…", "Comparing RFM …"),
    "cohorts": Text("比较同期群…", "Comparing cohorts …"),
}


@click.group(help="用 Spark 计算全体客户。Compute all customers on Spark.")
def spark() -> None:
    """Commands about Spark."""


@spark.command(
    help="在两个引擎上计算指标、RFM、同期群并逐值比较。Compute metrics, RFM and cohorts on both engines, compare every value."
)
@MASTER
@AS_OF
@cli.options
def check(here: Here, master: str, as_of: datetime | None) -> None:
    """Exit code 1 when any value differs."""
    with cli.django(here), _interruptible(here):
        found = _compared(master, _day(as_of))
    for one in found:
        here.say(*_line(one))
    if not all(one.holds for one in found):
        raise Stopped(
            Text("两个引擎的结果不同。", "The two engines do not agree."),
            Text(
                "请勿在 Spark 上计算,并附上以上各行报告此问题。",
                "Do not compute on Spark, and report this with the lines above.",
            ),
            place=Text("Spark", "Spark"),
        )
    here.answer(
        {one.what: _told(one) for one in found}, "两个引擎完全一致。", "Both engines agree on every value."
    )


@spark.command(
    help="同步数据湖,用 Spark 计算指标与 RFM 并写回。Sync the lake, compute metrics and RFM on Spark, write them back."
)
@MASTER
@AS_OF
@cli.options
def refresh(here: Here, master: str, as_of: datetime | None) -> None:
    """The same refresh as the daily loop's, computed by Spark whatever the settings say."""
    with cli.django(here), _interruptible(here):
        from zhike.insight import actions
        from zhike.kernel import lake
        from zhike.kernel import spark as kernel_spark

        began = time.monotonic()
        lake.sync()
        try:
            done = actions.refresh(
                as_of=_day(as_of), by=None, on_spark=master or kernel_spark.chosen() or kernel_spark.HERE
            )
        finally:
            kernel_spark.close()
        seconds = round(time.monotonic() - began, 1)
    result = {
        "as_of": done.as_of,
        "customers": done.customers,
        "written": done.written,
        "removed": done.removed,
    }
    here.answer(
        result | {"seconds": seconds},
        f"Spark 完成:{done.customers} 位客户,写入 {done.written},用时 {seconds} 秒。",
        f"Done on Spark: {done.customers} customers, {done.written} written, {seconds} s.",
    )


@contextmanager
def _interruptible(here: Here) -> Iterator[None]:
    """A stop in the middle of a question to Spark ends with one sentence, not with what its broken connection logs."""
    logging.getLogger("py4j").setLevel(logging.CRITICAL)  # what it logs is raised as well
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stop:
        click.echo(str(Text("已中断,没有结果。", "Interrupted; there is no result.")), err=True)
        sys.exit(stop.code if isinstance(stop, SystemExit) else 128 + signal.SIGINT)


def _compared(master: str, day: date) -> tuple[Agreement, ...]:
    from zhike.insight.queries import engines
    from zhike.kernel import lake
    from zhike.kernel import spark as kernel_spark

    _tell("lake")
    lake.sync()
    _tell("spark")
    try:
        return engines.agreements(day, master=master, tell=_tell)
    finally:
        kernel_spark.close()


def _tell(step: str) -> None:
    click.echo(str(_STEPS[step]), err=True)


def _day(given: datetime | None) -> date:
    from zhike.kernel import clock

    return given.date() if given else clock.today()


def _told(one: Agreement) -> dict[str, Any]:
    return {
        "rows": one.rows,
        "differing": dict(one.differing),
        "duckdb": round(one.duckdb, 3),
        "spark": round(one.spark, 3),
    }


def _line(one: Agreement) -> tuple[str, str]:
    apart = ", ".join(f"{name} {number}" for name, number in one.differing.items())
    took = f"DuckDB {one.duckdb:.2f} s, Spark {one.spark:.2f} s"
    return (
        f"{one.what}:{one.rows} 行,{'不同:' + apart if apart else '完全相同'};{took}",
        f"{one.what}: {one.rows} rows, {'different: ' + apart if apart else 'all the same'}; {took}",
    )
