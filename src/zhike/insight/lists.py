"""Columns and filters of the customer list that come from scores."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from zhike.core import figures
from zhike.core.rules import CLASSES
from zhike.core.text import Text
from zhike.engine.churn.words import ALL
from zhike.engine.large_orders import LABELS
from zhike.engine.metrics import CATALOGUE
from zhike.insight import queries
from zhike.insight.cross_words import HABITS
from zhike.insight.dimensions import GAP, UNKNOWN, Facts, band_label
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.models import Forecast, Score
from zhike.insight.queries.narrowing import BEYOND, NONE, NONE_TOLD, UNSCORED, WARNED
from zhike.kernel import bulk, slots

LAST_MONTH = "9999-12"  # has no month after it
FACTS: dict[Facts, Promise] = {
    Facts.CATEGORY: _("Bought in category"),
    Facts.CHANNEL: _("Bought through"),
    Facts.PAYMENT: _("Paid by"),
    Facts.CONTACT_CHANNEL: _("Contacted through"),
    Facts.CONTACT_PURPOSE: _("Contacted about"),
}


def _of(name: str, model: type[Score | Forecast] = Score) -> Callable[[list[int]], Mapping[int, Any]]:
    def values(customer_ids: list[int]) -> Mapping[int, Any]:
        return dict(model._default_manager.filter(bulk.among("pk", customer_ids)).values_list("pk", name))

    return values


classes_of, spend_of, orders_of, last_purchase_of = map(
    _of, ("rfm_class", "spend", "orders", "last_purchase_on")
)


def _with(name: str) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    """Customers with one figure of their score, to sort by: each further one would be looked up for every customer."""

    def annotated(customers: QuerySet[Any]) -> QuerySet[Any]:
        score = Score.objects.filter(pk=OuterRef("pk"))
        found: QuerySet[Any] = customers.annotate(**{f"score_{name}": Subquery(score.values(name))})
        return found

    return annotated


with_spend, with_orders, with_last_purchase = map(_with, ("spend", "orders", "last_purchase_on"))


value_of, level_of = (_of(name, Forecast) for name in ("value", "level"))


def with_forecast(customers: QuerySet[Any]) -> QuerySet[Any]:
    """Customers with the figures of their forecast, to sort by."""
    told = Forecast.objects.filter(pk=OuterRef("pk"))
    found: QuerySet[Any] = customers.annotate(
        forecast_value=Subquery(told.values("value")), forecast_churn=Subquery(told.values("churn"))
    )
    return found


def whole_money(amount: Decimal | None) -> str:
    """Value to come, without cents that nobody can foretell."""
    return "" if amount is None else figures.money_whole(amount)


def level_name(key: str | None) -> str:
    """A warning level in words."""
    return str(Forecast.Level(key).label) if key else ""


def level_choices() -> list[tuple[str, str]]:
    """The warning levels to choose from."""
    return [
        *((key, str(words)) for key, words in Forecast.Level.choices),
        (WARNED, str(_("Likely to stay away (watch or above)"))),
        (NONE_TOLD, str(_("Never bought"))),
    ]


def worth_in_words(value: str) -> str:
    """A band of value as its chip says it."""
    low, high = ([*value.split(GAP), ""])[:2]
    ends = _ends(low, high)
    if ends is None or value.count(GAP) > 1:
        return ""
    return band_label("spend", *ends) if any(end is not None for end in ends) else str(_("Has bought"))


def _ends(low: str, high: str) -> tuple[Decimal | None, Decimal | None] | None:
    """The two ends of a band, each of which may be open; None where one is no number that a figure can have."""
    try:
        first, second = (Decimal(end) if end else None for end in (low, high))
    except InvalidOperation:
        return None
    if any(end is not None and not (end.is_finite() and abs(end) < BEYOND) for end in (first, second)):
        return None
    return first, second


def reason_in_words(value: str) -> str:
    """A reason for churn as its chip says it."""
    return str(ALL[value].label) if value in ALL else ""


def month_in_words(value: str) -> str:
    """A month as its chip says it: 2017-06."""
    try:
        return f"{date.fromisoformat(f'{value}-01'):%Y-%m}" if value < LAST_MONTH else ""
    except ValueError:
        return ""


def sign_choices() -> list[tuple[str, str]]:
    """The signs of a large order to choose from."""
    return [("any", str(_("Any sign"))), *((key, str(label)) for key, label in LABELS.items())]


def item_in_words(value: str) -> str:
    """An item recommended as its chip says it."""
    return queries.item_label(value)


def class_name(key: str | None) -> str:
    """An RFM class in words."""
    return str(RFM_CLASSES[key].label) if key and key in RFM_CLASSES else ""


def money(amount: Decimal | None) -> str:
    """Spend, to the cent."""
    return "" if amount is None else figures.money(amount)


def count(number: int | None) -> str:
    """A number of orders."""
    return "" if number is None else figures.count(number)


def day(value: date | None) -> str:
    """A day."""
    return "" if value is None else figures.day(value)


def class_choices() -> list[tuple[str, str]]:
    """The classes to choose from."""
    return [
        *((one.key, str(one.label)) for one in RFM_CLASSES.values()),
        (UNSCORED, str(_("Not computed yet"))),
    ]


def did(facts: Facts) -> Callable[[QuerySet[Any], str], QuerySet[Any]]:
    """The filter of one kind of facts."""

    def apply(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queries.did(facts, customers, value)

    return apply


def no_choices() -> list[tuple[str, str]]:
    """A filter that is only reached by clicking a number."""
    return []


def band_in_words(value: str) -> str:
    """Bands of metrics as the filter spells them, in words: 累计消费额 ¥ 500 – ¥ 1,000."""
    said = [_band_in_words(band) for band in value.split(",")]
    return " · ".join(said) if all(said) else ""


def _band_in_words(value: str) -> str:
    key, low, high = ([*value.split(GAP), "", ""])[:3]
    if key not in CATALOGUE or value.count(GAP) > 2:
        return ""
    label = CATALOGUE[key].label
    if low == NONE:
        return f"{label} · {CATALOGUE[key].null_means}"
    ends = _ends(low, high)
    if ends is None:
        return ""
    return (
        f"{label} {band_label(key, *ends)}"
        if any(end is not None for end in ends)
        else f"{label} {_('known')}"
    )


def habit_in_words(value: str) -> str:
    """A habit as its chip says it: 常用渠道:线上."""
    kind, _gap, key = value.partition(GAP)
    if kind not in HABITS or not key:
        return ""
    label = CLASSES[kind].label
    return str(Text(f"{label.zh}:{key}", f"{label.en}: {key}"))


def did_in_words(value: str) -> str:
    """A category or channel as its chip says it."""
    return str(UNKNOWN) if value == NONE else value


def metric_column(key: str) -> slots.Column:
    """A column of any metric, for those who choose it; sorted by what the latest run kept in the lake."""
    found = CATALOGUE[key]

    def values(customer_ids: list[int]) -> Mapping[int, Any]:
        return queries.values(key, customer_ids)

    def annotated(customers: QuerySet[Any]) -> QuerySet[Any]:
        told = {str(pk): _sortable(value) for pk, value in queries.values(key).items()}
        sql = "(%s::jsonb ->> customers_customer.id::text)::numeric"
        ranked: QuerySet[Any] = customers.annotate(
            **{f"metric_{key}": RawSQL(sql, (json.dumps(told),), output_field=DecimalField())}  # noqa: S611 — own constants only
        )
        return ranked

    return slots.Column(
        key=f"metric.{key}",
        label=_spoken(found.label),
        order=200,
        values=values,
        annotate=annotated,
        sort_by=f"metric_{key}",
        show=lambda value: figure_of(key, value),
        align_end=True,
        usual=False,
    )


_spoken = lazy(str, str)  # a label is asked for in the language of the request, not when it is registered


def _sortable(value: object) -> str:
    return str(value.toordinal()) if isinstance(value, date) else str(value)


def figure_of(key: str, value: Any) -> str:
    """A value of a metric in full, as lists and the customer's page show it."""
    unit = CATALOGUE[key].unit
    if value is None:
        return ""
    if unit == "flag":
        return str(_("Yes") if value else _("No"))
    if unit == "date":
        return figures.day(value)
    if unit == "money":
        return figures.money(value)
    if unit == "share":
        return figures.share(value)
    return figures.days(value) if unit == "days" else figures.plain(value)
