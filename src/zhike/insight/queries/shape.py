"""How the values of one metric are spread over the asker's customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhike.engine.metrics import metric
from zhike.insight.queries.scores import latest, scope_sql
from zhike.insight.storing import AGEING, FROM_COLUMN, OWN_COLUMN
from zhike.kernel import bulk
from zhike.kernel.models import User

BANDS = 12
_STEPS = (Decimal(1), Decimal(2), Decimal(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Customers by even bands of a metric: (low, high, customers); `unknown` have no value."""

    known: int
    unknown: int
    mean: Decimal | None
    quartiles: tuple[Decimal, ...]
    bands: tuple[tuple[Decimal | None, Decimal | None, int], ...]


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
    """The spread of a metric within the user's scope; None before the first run."""
    run = latest()
    if run is None:
        return None
    found = _Spread(user, key, run.as_of)
    known, unknown, mean, quartiles, low, high = found.summary()
    if not known:
        return Shape(known=0, unknown=unknown, mean=None, quartiles=(), bands=())
    edges = _edges(low, high, whole=metric(key).unit in {"count", "days", "flag"})
    return Shape(known=known, unknown=unknown, mean=mean, quartiles=quartiles, bands=found.bands(edges))


class _Spread:
    """The two statements behind a shape."""

    def __init__(self, user: User, key: str, as_of: date) -> None:
        value, own = metric_sql(key, as_of)
        if metric(key).unit == "date":  # a date is spread as the days up to the run
            value, own = f"(%s::date - {value})", (as_of, *own)
        scope, scoped = scope_sql(user, "s.customer_id")
        self._rows = f"(SELECT {value} AS v FROM insight_score s WHERE {scope}) AS rows"
        self._parameters = [*own, *scoped]

    def summary(self) -> tuple[int, int, Decimal | None, tuple[Decimal, ...], Decimal, Decimal]:
        """Known, unknown, mean, quartiles, and the ends between which nearly all values lie."""
        row = bulk.rows(
            f"""
            SELECT count(v), count(*) - count(v), avg(v),
                   percentile_disc(ARRAY[0.01, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY v)
            FROM {self._rows}
            """,
            self._parameters,
        )[0]
        points = [Decimal(point) for point in row[3] or [0, 0, 0, 0, 0]]
        return row[0], row[1], row[2], tuple(points[1:4]), points[0], points[4]

    def bands(self, edges: list[Decimal]) -> tuple[tuple[Decimal | None, Decimal | None, int], ...]:
        """Customers per band; the outer bands are open where values lie beyond the edges."""
        counted = dict(
            bulk.rows(
                f"""
                SELECT width_bucket(v::numeric, %s::numeric[]), count(*) FROM {self._rows}
                WHERE v IS NOT NULL GROUP BY 1
                """,
                [edges, *self._parameters],
            )
        )
        places = range(0 if counted.get(0) else 1, len(edges) + (1 if counted.get(len(edges)) else 0))
        return tuple(
            (edges[at - 1] if at else None, edges[at] if at < len(edges) else None, counted.get(at, 0))
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
