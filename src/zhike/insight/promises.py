"""What must always hold of scores; `zhike doctor` checks it."""

from __future__ import annotations

from zhike.core.text import Text
from zhike.insight.models import Score
from zhike.insight.queries import latest
from zhike.kernel.facts import Finding

REMEDY = Text("请运行 zhike loop daily。", "Run zhike loop daily.")


def classes_sum() -> list[Finding]:
    """The classes of the latest run sum to its customers, and to the scores that are kept."""
    run = latest()
    if run is None:
        return []
    summed, kept = sum(run.counts.values()), Score.objects.count()
    if summed == run.customers and kept <= run.customers:
        return []
    what = Text(
        f"各类合计 {summed},参与计算 {run.customers},评分 {kept}",
        f"classes sum to {summed}, computed {run.customers}, scores {kept}",
    )
    return [Finding(place=f"RFM {run.as_of}", what=what, remedy=REMEDY)]
