"""What must always hold of scores and forecasts; `zhike doctor` checks it."""

from __future__ import annotations

from django.db.models import F, Q

from zhike.core.text import Text
from zhike.insight.models import Forecast, Run, Score
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


def levels_sum() -> list[Finding]:
    """Levels of the latest run sum to its customers and to the forecasts kept; no interval leaves its order."""
    value, churn = latest(Run.Kind.VALUE), latest(Run.Kind.CHURN)
    if value is None or churn is None:
        return []
    kept = Forecast.objects.count()
    crossed = Forecast.objects.filter(Q(low__gt=F("high")) | Q(value__lt=0)).count()
    summed = sum(churn.counts.values())
    if summed == value.customers and kept <= value.customers and not crossed:
        return []
    what = Text(
        f"各级合计 {summed},参与预测 {value.customers},保存 {kept},区间颠倒 {crossed}",
        f"levels sum to {summed}, told {value.customers}, kept {kept}, intervals the wrong way round {crossed}",
    )
    return [Finding(place=f"{churn.as_of}", what=what, remedy=REMEDY)]
