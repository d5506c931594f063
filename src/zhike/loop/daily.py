"""The loop of one day, told in order: what happened, what it means, who is where, what to do, whether it helps."""

from dataclasses import dataclass
from datetime import date

from zhike.blueprint import queries as blueprint
from zhike.core.text import Text
from zhike.effect import actions as effect
from zhike.engine.lake import SyncReceipt
from zhike.execution import actions as execution
from zhike.execution.facts import TaskReceipt
from zhike.insight import actions as insight
from zhike.insight.facts import ForecastReceipt, InsightReceipt, RecommendReceipt
from zhike.kernel import clock, jobs, lake
from zhike.kernel.models import User
from zhike.loop import days
from zhike.strategies import actions as strategies
from zhike.tiers import actions as tiers
from zhike.tiers.facts import PlacementReceipt, SegmentsReceipt

TITLE = Text("每日更新:分析、分层、任务、效果", "Daily refresh: analyses, tiers, tasks, effects")


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyReceipt:
    """What one day of the loop did."""

    as_of: date
    synced: SyncReceipt
    insight: InsightReceipt
    forecasts: ForecastReceipt
    recommendations: RecommendReceipt
    tiers: PlacementReceipt
    segments: SegmentsReceipt
    tasks: TaskReceipt


def run(*, as_of: date, by: User | None = None) -> DailyReceipt:
    """Go once round the loop as of a date; going round again the same day changes nothing."""
    days.must_have_come(as_of)
    synced = lake.sync()
    understood = insight.refresh(as_of=as_of, by=by)
    foreseen = insight.forecast(as_of=as_of, by=by)
    recommended = insight.recommend(as_of=as_of, by=by)
    insight.judge(as_of=as_of, by=by)
    insight.sight(as_of=as_of, by=by)
    placed = tiers.place(as_of=as_of, by=by)
    strategies.adopt(blueprint.current_version(), effective_from=as_of, by=by)
    planned = execution.plan_cycle(as_of=as_of, by=by)
    lake.sync()  # what was just decided is a fact too: segments, findings and the effect are read from it
    kept = tiers.refresh_segments(as_of=as_of, by=by)
    insight.cross(as_of=as_of, by=by)
    insight.trend(as_of=as_of, by=by)
    insight.keep_everybody(as_of=as_of)
    effect.measure(as_of=as_of, by=by)
    return DailyReceipt(
        as_of=as_of,
        synced=synced,
        insight=understood,
        forecasts=foreseen,
        recommendations=recommended,
        tiers=placed,
        segments=kept,
        tasks=planned,
    )


@jobs.job("loop.daily", queue="bulk")
def daily(run_: jobs.Run, *, as_of: str | None = None) -> dict[str, object]:
    """The daily loop as a job, by default as of today."""
    return told(run(as_of=days.read(as_of), by=run_.job.by))


@jobs.job("loop.republished", queue="bulk")
def republished(run_: jobs.Run) -> dict[str, object]:
    """After a new blueprint: look at every customer again, by its thresholds and tiers."""
    return told(run(as_of=clock.today(), by=run_.job.by))


def told(receipt: DailyReceipt) -> dict[str, object]:
    """The day's receipt as a job and the command line show it."""
    return {
        "as_of": receipt.as_of.isoformat(),
        "customers": receipt.insight.customers,
        "rfm": dict(receipt.insight.counts),
        "tiers": dict(receipt.tiers.counts),
        "moves": receipt.tiers.moved,
        "segments": receipt.segments.told(),
        "tasks": receipt.tasks.made,
    }
