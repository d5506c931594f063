"""Questions about scores and runs; whoever asks sees the customers within their scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import ibis.expr.types as ir
from django.db.models import Count, QuerySet, Sum

from zhike.customers import queries as customers
from zhike.engine.lake import Session
from zhike.engine.metrics import metric
from zhike.insight.facts import RFM_CLASSES, ScoreCard
from zhike.insight.models import Run, Score
from zhike.insight.storing import AGEING, FROM_COLUMN
from zhike.kernel import bulk
from zhike.kernel.models import Scope, User
from zhike.kernel.scope import within


def latest(kind: str = Run.Kind.RFM) -> Run | None:
    """The latest run of a kind."""
    return runs(kind).first()


def runs(kind: str = Run.Kind.RFM) -> QuerySet[Run]:
    """All runs of a kind, latest first."""
    return Run.objects.filter(kind=kind).select_related("by", "version").order_by("-as_of", "-id")


def run_on(as_of: date, kind: str = Run.Kind.RFM) -> Run | None:
    """The last run of a kind for one day."""
    return runs(kind).filter(as_of=as_of).first()


def scores(user: User) -> QuerySet[Score]:
    """The scores of the customers the user may see."""
    return Score.objects.filter(within(user, "customer__"))


def sees_all(user: User) -> bool:
    """Whether figures of the whole base may be shown to the user."""
    return user.scope == Scope.ALL


def counted(session: Session, user: User) -> ir.Table | None:
    """Whose facts count for the user, for the lake: None for everybody; PostgreSQL decides, not the lake."""
    if sees_all(user):
        return None
    return session.ids(customers.visible_to(user).order_by().values_list("pk", flat=True))


def customers_seen(user: User) -> int:
    """How many customers the user may see, scored or not."""
    return customers.visible_to(user).count()


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmTotals:
    """Scored customers of a scope by class, with their spend, and by the score of each dimension."""

    classes: Mapping[str, tuple[int, Decimal]]
    realised: Mapping[str, Mapping[int, int]]

    @property
    def customers(self) -> int:
        """All scored customers."""
        return sum(number for number, _ in self.classes.values())

    @property
    def spend(self) -> Decimal:
        """What they spent together."""
        return sum((spend for _, spend in self.classes.values()), Decimal(0))


def rfm_totals(user: User) -> RfmTotals:
    """Customers and spend per RFM class (all eight) and customers per score, within the user's scope."""
    classes = {key: (0, Decimal(0)) for key in RFM_CLASSES}
    realised: dict[str, Counter[int]] = {key: Counter() for key in "rfm"}
    grouped = scores(user).order_by().values_list("rfm_class", "r", "f", "m")
    for name, r, f, m, number, spend in grouped.annotate(number=Count("pk"), total=Sum("spend")):
        had = classes[name]
        classes[name] = (had[0] + number, had[1] + spend)
        for key, score in zip("rfm", (r, f, m), strict=True):
            realised[key][score] += number
    return RfmTotals(classes=classes, realised=realised)


def class_counts(user: User) -> dict[str, int]:
    """Customers per RFM class within the user's scope, all eight classes; the scored customers are their sum."""
    return {key: number for key, (number, _) in rfm_totals(user).classes.items()}


def score_of(customer: object) -> ScoreCard | None:
    """The score of one customer (an instance or an id), or None before the first run that knew them."""
    found = cards([_id(customer)])
    return next(iter(found.values()), None)


def cards(customer_ids: Iterable[int]) -> dict[int, ScoreCard]:
    """The scores of some customers by id, for callers that have checked the scope."""
    run = latest()
    if run is None:
        return {}
    found = Score.objects.filter(bulk.among("pk", customer_ids))
    return {score.pk: _card(score, run.as_of) for score in found}


def _id(customer: object) -> int:
    return customer if isinstance(customer, int) else int(getattr(customer, "pk"))  # noqa: B009


def _card(score: Score, as_of: date) -> ScoreCard:
    as_of = max(as_of, score.as_of)
    columns: dict[str, object] = {
        "spend": score.spend,
        "orders": score.orders,
        "last_purchase_on": score.last_purchase_on,
    }
    kept = {key: _value(key, value, as_of) for key, value in score.metrics.items()}
    derived = {key: _days(columns[column], as_of) for key, column in FROM_COLUMN.items()}
    return ScoreCard(
        as_of=as_of,
        spend=score.spend,
        orders=score.orders,
        last_purchase_on=score.last_purchase_on,
        r=score.r,
        f=score.f,
        m=score.m,
        rfm_class=score.rfm_class,
        metrics={**kept, **columns, **derived},
    )


def _value(key: str, value: object, as_of: date) -> object:
    """A stored JSON value in the type of its metric."""
    if value is None:
        return None
    if key in AGEING:
        return _days(date.fromisoformat(str(value)[:10]), as_of)
    if metric(key).unit == "date":
        return date.fromisoformat(str(value)[:10])
    return value if isinstance(value, int) else Decimal(str(value))


def _days(day: object, as_of: date) -> int | None:
    return (as_of - day).days if isinstance(day, date) else None


def scope_sql(user: User, column: str) -> tuple[str, tuple[object, ...]]:
    """The user's data scope as a SQL condition on a column of customer ids, for set statements."""
    visible = customers.visible_to(user)
    if sees_all(user):
        return "TRUE", ()
    sql, parameters = visible.order_by().values("pk").query.sql_with_params()
    return f"{column} IN ({sql})", tuple(parameters)
