"""How the values of one metric are spread over the asker's customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhike.engine.metrics import CATALOGUE, metric, store
from zhike.engine.metrics.store import Spread, Standing
from zhike.insight.queries.scores import counted, latest
from zhike.insight.storing import AGEING, FROM_COLUMN, OWN_COLUMN
from zhike.kernel import lake
from zhike.kernel.models import User

BANDS = 12
_STEPS = (Decimal(1), Decimal(2), Decimal(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Customers by even bands of a metric: (low, high, customers), and the spread in all and by tier."""

    spread: Spread
    bands: tuple[tuple[Decimal | None, Decimal | None, int], ...]
    tiers: Mapping[str, Spread]


def metric_sql(key: str, as_of: date) -> tuple[str, tuple[Any, ...]]:
    """A metric as a SQL expression on insight_score named s, with its parameters."""
    if key in OWN_COLUMN:
        return f"s.{key}", ()
    if key in FROM_COLUMN:
        return f"(%s::date - s.{FROM_COLUMN[key]})", (as_of,)
    if key in AGEING:
        return "(%s::date - (s.metrics->>%s)::date)", (as_of, key)
    kind = "date" if metric(key).unit == "date" else "numeric"
    return f"(s.metrics->>%s)::{kind}", (key,)


def shape(user: User, key: str) -> Shape | None:
    """The spread of a metric within the user's scope, and in each tier; None before the first run."""
    if latest() is None:
        return None
    with lake.session() as session:
        only = counted(session, user)
        found = store.spreads(session, [key], only, exact=True).get(key)
        if found is None:
            return None
        tiers = store.by_tier(session, key, only)
        low, high = (found.points[0], found.points[-1]) if found.known else (Decimal(0), Decimal(0))
        edges = _edges(low, high, whole=metric(key).unit in {"count", "days", "flag"})
        bands = _named(edges, store.bands(session, key, edges, only)) if found.known else ()
    return Shape(spread=found, bands=bands, tiers=tiers)


def overview(user: User) -> dict[str, Spread]:
    """How every metric is spread within the user's scope; of a large base, over an even part of it."""
    if latest() is None:
        return {}
    with lake.session() as session:
        return store.spreads(session, list(CATALOGUE), counted(session, user))


def standing(customer_id: int) -> dict[str, Standing]:
    """All metrics of one customer with their place in the base, for callers that have checked the scope."""
    with lake.session() as session:
        return store.standing(session, customer_id)


def values(key: str, customer_ids: Iterable[int] | None = None) -> dict[int, Any]:
    """The values of one metric by customer, for callers that have checked the scope."""
    with lake.session() as session:
        return store.values(session, key, customer_ids)


def _named(
    edges: list[Decimal], counted_: Mapping[int, int]
) -> tuple[tuple[Decimal | None, Decimal | None, int], ...]:
    """Customers per band; the outer bands are open where values lie beyond the edges."""
    places = range(0 if counted_.get(0) else 1, len(edges) + (1 if counted_.get(len(edges)) else 0))
    return tuple(
        (edges[at - 1] if at else None, edges[at] if at < len(edges) else None, counted_.get(at, 0))
        for at in places
    )


def _edges(low: Decimal, high: Decimal, *, whole: bool) -> list[Decimal]:
    """Round edges, at most BANDS bands wide, from below `low` to above `high`."""
    step = _step((high - low) / BANDS, whole=whole)
    first = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    number = int((high - first) / step) + 2
    return [first + step * place for place in range(number)]


def _step(least: Decimal, *, whole: bool) -> Decimal:
    if least <= 0:
        return Decimal(1) if whole else Decimal("0.1")
    size = Decimal(1).scaleb(least.adjusted())
    step = next((size * one for one in _STEPS if size * one >= least), size * 10)
    return max(step, Decimal(1)) if whole else step
