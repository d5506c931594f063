"""The loop of one quarter: the day's round, the books checked against each other, and the strategies up for review."""

from dataclasses import dataclass
from datetime import date, timedelta

from zhike.core.text import Text
from zhike.kernel import audit, jobs, slots
from zhike.kernel.facts import Finding
from zhike.kernel.models import User
from zhike.loop import daily, days
from zhike.loop.daily import DailyReceipt
from zhike.strategies import queries as strategies

TITLE = Text("季度回顾:更新、对账、策略复盘", "Quarterly: refresh, reconcile, review strategies")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterlyReceipt:
    """What the quarter's round found: the day's receipt, what does not reconcile, and the tiers to review."""

    day: DailyReceipt
    checked: int
    findings: tuple[Finding, ...]
    to_review: tuple[str, ...]


def run(*, as_of: date, by: User | None = None) -> QuarterlyReceipt:
    """Refresh everything, reconcile spend with orders (A13), and name the tiers whose strategy awaits review (A15)."""
    day = daily.run(as_of=as_of, by=by)
    checked = slots.check_invariants()
    receipt = QuarterlyReceipt(
        day=day,
        checked=len(checked),
        findings=tuple(finding for found in checked.values() for finding in found),
        to_review=_to_review(as_of),
    )
    audit.record("loop.quarterly", None, by=by, changes=_told(receipt))
    return receipt


def _to_review(as_of: date) -> tuple[str, ...]:
    """The tiers whose strategy has no decision yet for the quarter that ends, or has just ended."""
    last = as_of - timedelta(days=1)
    quarter = f"{last.year}-Q{(last.month + 2) // 3}"
    decided = set(strategies.reviews().filter(quarter=quarter).values_list("tier", flat=True))
    return tuple(one.tier for one in strategies.in_force(as_of) if one.tier not in decided)


@jobs.job("loop.quarterly", queue="bulk")
def quarterly(run_: jobs.Run, *, as_of: str | None = None) -> dict[str, object]:
    """The quarterly loop as a job, by default as of today."""
    receipt = run(as_of=days.read(as_of), by=run_.job.by)
    return {**daily.told(receipt.day), **_told(receipt)}


def _told(receipt: QuarterlyReceipt) -> dict[str, object]:
    return {
        "checked": receipt.checked,
        "findings": [one.what.as_json() for one in receipt.findings],
        "to_review": list(receipt.to_review),
    }
