"""Why customers stay away, as they were asked when somebody tried to win them back: what is asked, and what it sums up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from zhike.blueprint import queries as blueprint
from zhike.core.blueprints import ForecastSpec, TierColor
from zhike.core.text import Text
from zhike.execution import queries
from zhike.insight import queries as insight
from zhike.kernel.models import User
from zhike.tiers import queries as tiers

ASKED_AT = ("warning", "critical")  # levels of churn at which a record asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Records that name a reason since a day: in all, per month (YYYY-MM) and per tier, each by reason."""

    since: date
    every: Counter[str] = field(default_factory=Counter)
    months: dict[str, Counter[str]] = field(default_factory=dict)
    tiers: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return self.every.total()


def churn_reasons() -> Mapping[str, Text]:
    """What the blueprint offers, by value; the usual reasons without a blueprint."""
    spec = blueprint.current_or_none()
    terms = spec.forecast if spec else ForecastSpec()
    return {one.value: one.label for one in terms.churn_reasons}


def reasons_to_ask(customer_id: int) -> Mapping[str, Text]:
    """The reasons, if this customer is one to win back: in a tier at risk, or with a warning of churn; else none."""
    placed = tiers.current(customer_id)
    if placed is not None and placed.tier.color == TierColor.RISK:
        return churn_reasons()
    told = insight.forecast_of(customer_id)
    return churn_reasons() if told is not None and told.level in ASKED_AT else {}


def summary(user: User, since: date) -> Summary:
    """What customers within the user's scope said since a day; the tier is that of the task, else the present one."""
    found = queries.records_visible_to(user).filter(on_date__gte=since).exclude(churn_reason="")
    rows = list(found.values_list("churn_reason", "on_date", "customer_id", "task__tier"))
    present = tiers.badges({customer for _, _, customer, tier in rows if not tier})
    summed = Summary(since=since)
    for reason, on, customer, tier in sorted(rows, key=lambda row: row[1]):
        held = tier or (present[customer].key if customer in present else "")
        summed.every[reason] += 1
        summed.months.setdefault(f"{on:%Y-%m}", Counter())[reason] += 1
        summed.tiers.setdefault(held, Counter())[reason] += 1
    return summed
