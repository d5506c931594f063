"""How often the customers of a file buy, and what follows: the day limits of the tiers, and how far ahead to look.

The shipped retail blueprint is made for a shop whose regulars come about every thirty days. Where people buy every half-year,
"90 days without a purchase" says nothing; its day limits are stretched by how much slower this base is.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib import resources

from zhike.blueprint.known_metrics import METRICS
from zhike.core import blueprints
from zhike.core.blueprints import BlueprintSpec
from zhike.core.rules import All, Any, MetricTest, Not, Rule
from zhike.engine.lake import Session

USUAL_GAP = 30  # days between two purchases of a regular for whom the blueprint is made
STEPS = tuple(Decimal(one) for one in ("0.25", "0.5", "1", "1.5", "2", "3", "4", "6", "8", "12"))
HORIZONS = (30, 90, 180, 365)
SILENT = 90  # days after which the shipped blueprint warns of churn
_GAPS = """
    SELECT median(gap) FROM (
        SELECT (max(placed_on) - min(placed_on)) / (count(DISTINCT placed_on) - 1) AS gap
        FROM lake.main.orders GROUP BY customer_id HAVING count(DISTINCT placed_on) > 1
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`gap`: days between two purchases of the customer in the middle (None: nobody bought twice); `stretch`: of the day limits."""

    gap: int | None
    stretch: Decimal
    horizon: int

    @property
    def silent(self) -> int:
        """After how many days the stretched rules warn of churn."""
        return int(_days(Decimal(SILENT), self.stretch))


def of(session: Session, first_on: date, as_of: date) -> Rhythm:
    """The rhythm of a base; windows never reach further back than half of what is known."""
    row = session.cursor.execute(_GAPS).fetchone()
    gap = int(row[0]) if row and row[0] is not None else None
    span = (as_of - first_on).days
    wanted = Decimal(gap or USUAL_GAP) / USUAL_GAP
    most = max(Decimal(span) / 180, STEPS[0])
    stretch = min((one for one in STEPS if one <= most), key=lambda one: abs(one - wanted), default=STEPS[0])
    ahead = 90 if (gap or 0) <= 90 else 180
    fitting = [one for one in HORIZONS if one <= ahead and 3 * one <= span]
    return Rhythm(gap=gap, stretch=stretch, horizon=max(fitting, default=HORIZONS[0]))


def blueprint(stretch: Decimal) -> BlueprintSpec:
    """The shipped retail blueprint with its day limits stretched."""
    text = resources.files("zhike.blueprint.shipped").joinpath("retail.yaml").read_text("utf-8")
    spec = blueprints.read(text, metrics=METRICS)
    tiers = tuple(
        replace(one, rule=_stretched(one.rule, stretch) if one.rule else None) for one in spec.tiers
    )
    return replace(spec, tiers=tiers)


def _stretched(rule: Rule, by: Decimal) -> Rule:
    if isinstance(rule, (All, Any)):
        return replace(rule, parts=tuple(_stretched(part, by) for part in rule.parts))
    if isinstance(rule, Not):
        return replace(rule, part=_stretched(rule.part, by))
    if not isinstance(rule, MetricTest):
        return rule
    if rule.metric == "recency_days" and isinstance(rule.value, Decimal):
        return replace(rule, value=_days(rule.value, by))
    name, _, window = rule.metric.rpartition("_")
    if name in {"orders", "spend"} and window.endswith("d") and window[:-1].isdigit():
        return replace(rule, metric=f"{name}_{int(_days(Decimal(window[:-1]), by))}d")
    return rule


def _days(value: Decimal, by: Decimal) -> Decimal:
    return max(Decimal(1), (value * by).quantize(Decimal(1)))
