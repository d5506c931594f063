"""RFM v1: recency, frequency and money, each high or low, give eight classes. Frozen once released.

Source: A. M. Hughes, Strategic Database Marketing (1994) for scoring by recency, frequency and money, and J. R. Miglautsch,
"Thoughts on RFM scoring", Journal of Database Marketing 8(1), 2000, for cut points; the eight classes are the split of
each dimension in two that is common in Chinese practice (重要/一般 × 价值/发展/保持/挽留).

A customer who never bought has the lowest score in every dimension and is in the lowest class, so that the classes
always sum to all customers. Cut points come from customers who have bought; equal values always score equally.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.lake import Session

METHOD = "rfm"
VERSION = 1

CLASSES: Mapping[str, Text] = {
    "champions": Text("重要价值", "Champions"),
    "rising": Text("重要发展", "Big spenders to develop"),
    "slipping": Text("重要保持", "Loyal but quiet"),
    "cannot_lose": Text("重要挽留", "Cannot lose"),
    "regulars": Text("一般价值", "Regulars"),
    "newcomers": Text("一般发展", "Newcomers"),
    "fading": Text("一般保持", "Fading regulars"),
    "dormant": Text("一般挽留", "Dormant"),
}

# recency, frequency, money high? -> class
BY_HIGH: Mapping[tuple[bool, bool, bool], str] = {
    (True, True, True): "champions",
    (True, False, True): "rising",
    (False, True, True): "slipping",
    (False, False, True): "cannot_lose",
    (True, True, False): "regulars",
    (True, False, False): "newcomers",
    (False, True, False): "fading",
    (False, False, False): "dormant",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """High means: last purchase at most `recency_days` ago, at least `frequency` orders, at least `monetary` spent.

    Orders count in the last `frequency_days` (0: ever); `monetary_metric` is any metric of money, such as spend_12m.
    With `relative` "mean", `monetary` is a multiple of the mean over customers who have bought.
    """

    recency_days: int = 30
    frequency_days: int = 180
    frequency: int = 5
    monetary: Decimal = Decimal("1.5")
    relative: Literal["mean"] | None = "mean"
    monetary_metric: str = "spend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """Scores 1 to `buckets` by quantile cut points; high means a score of at least `high_from`."""

    buckets: int = 5
    high_from: int = 4
    frequency_days: int = 0
    monetary_metric: str = "spend"


Method = Thresholds | Quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """The cut points in use: recency scores a point per cut it does not exceed, the others per cut they reach or exceed."""

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[Decimal, ...]


def inputs(method: Method) -> tuple[str, str, str]:
    """The keys of the metrics for recency, frequency and money."""
    frequency = f"orders_{method.frequency_days}d" if method.frequency_days else "orders"
    return "recency_days", frequency, method.monetary_metric


def cuts(session: Session, metrics: ir.Table, method: Method) -> Cuts:
    """The cut points of a method on these customers: fixed, relative to the mean, or quantiles (deterministic)."""
    buyers = f"({session.sql(metrics)}) AS of_all WHERE recency_days IS NOT NULL"
    if isinstance(method, Quantiles):
        return _quantile_cuts(session, buyers, method)
    money = method.monetary
    if method.relative == "mean":
        money *= _mean(session, buyers, method.monetary_metric)
    cent = money.quantize(Decimal("0.01"), rounding=ROUND_CEILING)
    return Cuts(recency=(method.recency_days,), frequency=(method.frequency,), monetary=(cent,))


def classify(metrics: ir.Table, method: Method, points: Cuts) -> ir.Table:
    """One row per customer: customer_id, the scores r, f and m, and rfm_class.

    `metrics` holds the columns of `inputs`. Scores are 0 or 1 by thresholds, 1 to `buckets` by quantiles, and 0 for a
    customer who never bought.
    """
    scored = metrics.select("customer_id", **_scores(metrics, method, points))
    from_ = method.high_from if isinstance(method, Quantiles) else 1
    high = [scored[key] >= from_ for key in ("r", "f", "m")]
    return scored.mutate(rfm_class=_named(*high))


def counts(session: Session, classified: ir.Table) -> dict[str, int]:
    """Customers per class, all eight classes in order."""
    found = classified.group_by("rfm_class").aggregate(customers=classified.count())
    realised = {row["rfm_class"]: row["customers"] for row in session.rows(found)}
    return {key: int(realised.get(key, 0)) for key in CLASSES}


def shares(session: Session, classified: ir.Table) -> dict[str, dict[int, int]]:
    """Customers per score of r, f and m, to show how far ties make the buckets uneven."""
    return {dimension: _per_score(session, classified, dimension) for dimension in ("r", "f", "m")}


def _per_score(session: Session, classified: ir.Table, dimension: str) -> dict[int, int]:
    found = classified.group_by(score=classified[dimension]).aggregate(customers=classified.count())
    rows = session.rows(found.order_by("score"))
    return {int(row["score"]): int(row["customers"]) for row in rows}


def _scores(metrics: ir.Table, method: Method, points: Cuts) -> dict[str, ir.Value]:
    """Scores by the hardest cut that is passed; cuts rise, so whoever passes it passes the easier ones too."""
    recency, frequency, monetary = (metrics[key] for key in inputs(method))
    ranked = isinstance(method, Quantiles)
    least = 1 if ranked else 0
    never = (metrics.recency_days.isnull(), 0)
    amounts = [ibis.literal(cut, type="decimal(18, 2)") for cut in reversed(points.monetary)]
    passed = {
        "r": [recency <= cut for cut in points.recency],
        "f": [frequency > cut if ranked else frequency >= cut for cut in reversed(points.frequency)],
        "m": [monetary > cut if ranked else monetary >= cut for cut in amounts],
    }
    return {
        key: ibis.cases(
            never, *((test, least + len(tests) - n) for n, test in enumerate(tests)), else_=least
        ).cast("int8")
        for key, tests in passed.items()
    }


def _named(recent: ir.BooleanValue, frequent: ir.BooleanValue, large: ir.BooleanValue) -> ir.Value:
    def by_frequency(r: bool, m: bool) -> ir.Value:
        return frequent.ifelse(BY_HIGH[r, True, m], BY_HIGH[r, False, m])

    def by_recency(m: bool) -> ir.Value:
        return recent.ifelse(by_frequency(True, m), by_frequency(False, m))

    return large.ifelse(by_recency(True), by_recency(False))


def _mean(session: Session, buyers: str, key: str) -> Decimal:
    summed = session.one(f'SELECT sum("{key}"), count("{key}") FROM {buyers}')
    total, number = summed or (None, 0)
    return Decimal(total) / number if number else Decimal(0)


def _quantile_cuts(session: Session, buyers: str, method: Quantiles) -> Cuts:
    """Discrete quantiles: each cut is a value that occurs, so equal values never fall on both sides."""
    # 5/6 in binary is a hair above itself: of 6 values the sixth would be taken, not the fifth.
    steps = [step / method.buckets - 1e-12 for step in range(1, method.buckets)]
    recency, frequency, monetary = inputs(method)
    found = session.quantiles(buyers, dict.fromkeys((recency, frequency, monetary), steps))
    return Cuts(recency=found[recency], frequency=found[frequency], monetary=found[monetary])
