"""Questions about value to come and churn; whoever asks sees the customers within their scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from zhike.core.text import Text
from zhike.engine.churn.words import LEVELS
from zhike.insight import forecast_words
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.models import Forecast, Run, Score
from zhike.insight.queries.narrowing import UNSCORED
from zhike.insight.queries.scores import latest, scope_sql
from zhike.kernel import bulk
from zhike.kernel.models import User
from zhike.kernel.scope import within

EDGES = (1, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000)
_PART = """count(*), sum(f.value), sqrt(sum(power(greatest(f.high - f.value, f.value - f.low), 2))), sum(f.churn * f.value),
    min(f.low), max(f.high)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some customers together: their value, how far it may be off by chance, and the value that churn may cost.

    Chance evens out among many: what single customers may be off by adds up in squares.
    """

    customers: int = 0
    value: Decimal = Decimal(0)
    off: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    own: tuple[Decimal, Decimal] | None = (
        None  # the interval of a single customer, which need not be symmetric
    )

    @property
    def low(self) -> Decimal:
        """The lower end of the interval."""
        return self.own[0] if self.own else max(self.value - self.off, Decimal(0))

    @property
    def high(self) -> Decimal:
        """The upper end."""
        return self.own[1] if self.own else self.value + self.off


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastCard:
    """The forecast of one customer, with the day and the horizon it is about, and reasons in words."""

    as_of: date
    value: Decimal
    low: Decimal
    high: Decimal
    purchases: Decimal
    alive: Decimal
    churn: Decimal
    level: str
    horizon: int
    method: Text
    reasons: tuple[Text, ...]

    @property
    def give_or_take(self) -> Decimal | None:
        """How far the interval reaches from the value, relative to it; None for a value of nothing.

        Who most likely buys nothing has an interval of zero to zero, and may be off by everything.
        """
        return max(self.high - self.value, self.value - self.low) / self.value if self.value else None

    @property
    def label(self) -> str:
        """The warning level in words."""
        return str(Forecast.Level(self.level).label)


def learnt() -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the latest runs of value and churn keep; they are made together."""
    value, churn = latest(Run.Kind.VALUE), latest(Run.Kind.CHURN)
    return (value.params, churn.params) if value and churn else None


def forecasts(user: User) -> QuerySet[Forecast]:
    """The forecasts of the customers the user may see."""
    return Forecast.objects.filter(within(user, "customer__"))


def together(parts: Iterable[Part]) -> Part:
    """Several parts as one."""
    listed = list(parts)
    return Part(
        customers=sum(one.customers for one in listed),
        value=sum((one.value for one in listed), Decimal(0)),
        off=sum((one.off**2 for one in listed), Decimal(0)).sqrt(),
        lost=sum((one.lost for one in listed), Decimal(0)),
    )


def by_class(user: User) -> dict[str, Part]:
    """Value per RFM class in their order, those not classed yet last; only classes with somebody."""
    found = _parts(user, "coalesce(s.rfm_class, %s)", (UNSCORED,))
    return {key: found[key] for key in (*RFM_CLASSES, UNSCORED) if key in found}


def bands(user: User) -> list[tuple[int | None, int | None, Part]]:
    """Value per band of value: low, high and the customers between."""
    found = _parts(user, "width_bucket(f.value, %s::numeric[])", (list(EDGES),))
    return [
        (EDGES[place - 1] if place else None, EDGES[place] if place < len(EDGES) else None, found[place])
        for place in sorted(found)
    ]


def by_level(user: User) -> dict[str, Part]:
    """Value per warning level, all four."""
    found = _parts(user, "f.level", ())
    return {key: found.get(key, Part()) for key in LEVELS}


def _parts(user: User, key: str, parameters: tuple[object, ...]) -> dict[Any, Part]:
    scope, scoped = scope_sql(user, "f.customer_id")
    rows = bulk.rows(
        f"""
        SELECT {key}, {_PART}
        FROM insight_forecast f LEFT JOIN insight_score s ON s.customer_id = f.customer_id
        WHERE {scope} GROUP BY 1
        """,
        [*parameters, *scoped],
    )
    return {
        found: Part(
            customers=number,
            value=value,
            off=Decimal(str(off)),
            lost=lost,
            own=(low, high) if number == 1 else None,
        )
        for found, number, value, off, lost, low, high in rows
    }


def by_reason(user: User) -> list[tuple[str, int]]:
    """Customers with a warning per reason, the most frequent first; a customer has up to three."""
    scope, scoped = scope_sql(user, "f.customer_id")
    return bulk.rows(
        f"""
        SELECT one.value->>0, count(*)
        FROM insight_forecast f, jsonb_array_elements(f.reasons) one
        WHERE {scope} GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        list(scoped),
    )


def highest_value(user: User, most: int) -> list[Forecast]:
    """The customers of the highest value within the user's scope."""
    return list(forecasts(user).select_related("customer").order_by("-value", "customer")[:most])


def at_risk(user: User, most: int) -> list[Any]:
    """Customers with a warning whose churn would cost most, with `lost`."""
    warned = forecasts(user).exclude(level=Forecast.Level.NONE).annotate(lost=F("churn") * F("value"))
    return list(warned.select_related("customer").order_by("-lost", "customer")[:most])


def forecast_of(customer_id: int) -> ForecastCard | None:
    """The forecast of one customer, for callers that have checked the scope; None for who has not bought yet."""
    return forecast_cards(Forecast.objects.filter(pk=customer_id)).get(customer_id)


def forecast_cards(found: Iterable[Forecast]) -> dict[int, ForecastCard]:
    """Some forecasts by customer id, with horizon, method and reasons in words."""
    rows = list(found)
    value, churn = latest(Run.Kind.VALUE), latest(Run.Kind.CHURN)
    if not rows or value is None or churn is None:
        return {}
    warned = [row.pk for row in rows if row.reasons]
    last = dict(Score.objects.filter(bulk.among("pk", warned)).values_list("pk", "last_purchase_on"))
    return {row.pk: _card(row, value, churn, last.get(row.pk)) for row in rows}


def _card(found: Forecast, value: Run, churn: Run, last: date | None) -> ForecastCard:
    silent = (churn.as_of - last).days if last else None
    return ForecastCard(
        as_of=churn.as_of,
        value=found.value,
        low=found.low,
        high=found.high,
        purchases=found.purchases,
        alive=found.alive,
        churn=found.churn,
        level=found.level,
        horizon=churn.params["horizon_days"],
        method=forecast_words.method(value.method),
        reasons=forecast_words.reasons(found.reasons, churn.params, silent),
    )
