"""What other terms of value and churn would make of the forecasts there are; counted in one question, nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from zhike.core import figures
from zhike.core.blueprints.specs import BlueprintSpec, ForecastSpec
from zhike.core.text import Text
from zhike.engine.churn.words import LEVELS
from zhike.insight.queries.scores import scope_sql
from zhike.kernel import bulk
from zhike.kernel.facts import Impact
from zhike.kernel.models import User

_WARNED = tuple(key for key in LEVELS if key != "none")


@dataclass(frozen=True, slots=True)
class Counted:
    """The customers with a forecast, what they are worth, and how many stand at each level now and then."""

    customers: int
    value: Decimal
    now: tuple[int, ...]
    then: tuple[int, ...]


def impact(old: BlueprintSpec | None, new: BlueprintSpec, asker: User) -> list[Impact]:
    """What other terms mean for the forecasts of the asker's customers, for the page that publishes them."""
    if old is None or _reckoned(old) == _reckoned(new):
        return []
    found = _counted(asker, new.forecast)
    detail = (*_worth(old, new, found.value), *_levels(old, new, found))
    title = Text("客户的价值与流失预测将重新计算", "customers have a forecast and will be foretold anew")
    return [Impact(title=title, count=found.customers, detail=detail)]


def _reckoned(spec: BlueprintSpec) -> ForecastSpec:
    """The terms that forecasts depend on: not what is offered as reasons; days of silence as they work."""
    return replace(spec.forecast, churn_reasons=(), silence_days=spec.forecast.silence(spec.kind))


def _counted(asker: User, terms: ForecastSpec) -> Counted:
    scope, scoped = scope_sql(asker, "f.customer_id")
    cuts = (terms.watch, terms.warning, terms.critical, Decimal(2))
    now = ", ".join("count(*) FILTER (WHERE f.level = %s)" for _ in _WARNED)
    then = ", ".join("count(*) FILTER (WHERE f.churn >= %s AND f.churn < %s)" for _ in _WARNED)
    between = [cut for pair in pairwise(cuts) for cut in pair]
    ((customers, value, *numbers),) = bulk.rows(
        f"SELECT count(*), coalesce(sum(f.value), 0), {now}, {then} FROM insight_forecast f WHERE {scope}",
        [*_WARNED, *between, *scoped],
    )
    return Counted(customers, value, tuple(numbers[: len(_WARNED)]), tuple(numbers[len(_WARNED) :]))


def _worth(old: BlueprintSpec, new: BlueprintSpec, value: Decimal) -> tuple[Text, ...]:
    """Value is proportional to the margin; a discount or other days of silence bend it in ways only a run can tell."""
    was, then = _reckoned(old), _reckoned(new)
    if was.margin == then.margin and was.discount == then.discount:
        return ()
    if was.discount != then.discount or not was.margin:
        return (
            Text("12 个月价值要等发布后的计算才知道。", "The 12-month value is known once it is computed."),
        )
    before, after = figures.money_whole(value), figures.money_whole(value * then.margin / was.margin)
    return (
        Text(f"12 个月价值合计:{before} → 约 {after}", f"12-month value in all: {before} → about {after}"),
    )


def _levels(old: BlueprintSpec, new: BlueprintSpec, found: Counted) -> tuple[Text, ...]:
    """Chances depend on the days of silence; as long as those stay, only the cuts move."""
    was, then = _reckoned(old).silence_days, _reckoned(new).silence_days
    if was != then:
        return (
            Text(
                f"流失概率改按 {then} 天计,各级人数要等发布后的计算才知道。",
                f"Churn is asked over {then} days; how many stand at each level is known once it is computed.",
            ),
        )
    if all(getattr(old.forecast, key) == getattr(new.forecast, key) for key in _WARNED):
        return ()
    counts = zip(_WARNED, found.now, found.then, strict=True)
    return tuple(
        Text(f"{LEVELS[key].zh}:{before:,} → {after:,}", f"{LEVELS[key].en}: {before:,} → {after:,}")
        for key, before, after in counts
    )
