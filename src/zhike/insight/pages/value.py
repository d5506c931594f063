"""Value to come: what customers are expected to bring within a year, where it lies, and how well the past was foretold."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import charts
from zhike.core.charts import Chart
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.insight import forecast_words, queries
from zhike.insight.dimensions import GAP, band_label
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.models import Run
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.queries import Part
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right

TOP = 10
ANY = GAP  # the filter of everybody with a forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One class or band, and the customers behind it."""

    label: str
    key: str
    part: Part
    share: Decimal
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopRow:
    """One customer by name, and the forecast."""

    name: str
    code: str
    url: str
    told: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePage(Page):
    """The total, its parts, the top customers and the fit."""

    template: ClassVar[str] = "insight/value.html"
    tabs: list[Tab]
    run: Run | None
    whole: Part
    whole_url: str
    untold: int
    untold_url: str
    classes: list[PartRow]
    bands: list[PartRow]
    chart: Chart
    top: list[TopRow]
    words: list[Text]
    warnings: list[Text]
    holdout: dict[str, Any] | None
    trial_days: int
    fit_chart: Chart | None
    may_run: bool


@needs(Right.INSIGHT_VIEW)
@require_GET
def value(request: StaffRequest) -> HttpResponse:
    """The value of the customers the user may see."""
    user = request.user
    run = queries.latest(Run.Kind.VALUE)
    classes, whole = class_rows(user)
    bands = _bands(user, whole)
    params = run.params if run else {}
    holdout = params.get("holdout")
    page = ValuePage(
        title=_("Value to come"),
        pretitle=as_of(run, user),
        tabs=tabs(),
        run=run,
        whole=whole,
        whole_url=listed(forecast=ANY),
        untold=queries.customers_seen(user) - whole.customers,
        untold_url=listed(risk="untold"),
        classes=classes,
        bands=bands,
        chart=_chart(classes),
        top=[top_row(user, one) for one in queries.highest_value(user, TOP)],
        words=forecast_words.value(params) if run else [],
        warnings=forecast_words.value_warnings(params) if run else [],
        holdout=holdout,
        trial_days=params.get("trial_days", 0),
        fit_chart=_fit(holdout["bins"]) if holdout else None,
        may_run=may(user, Right.INSIGHT_RUN),
    )
    return show(request, page)


def listed(**narrowed: str) -> str:
    """The customer list behind a number."""
    return f"{reverse('customers:list')}?{urlencode(narrowed)}"


def top_row(user: User, told: Any) -> TopRow:
    """A customer as this user may see them."""
    one = told.customer
    url = reverse("customers:customer", args=[one.key])
    return TopRow(name=customers.shown_name(user, one), code=one.code, url=url, told=told)


def class_rows(user: User) -> tuple[list[PartRow], Part]:
    """Value by RFM class, and together."""
    found = queries.by_class(user)
    whole = queries.together(found.values())
    rows = [
        PartRow(
            label=str(RFM_CLASSES[key].label) if key in RFM_CLASSES else _("Not computed yet"),
            key=key,
            part=part,
            share=part_of(part.value, whole.value),
            url=listed(rfm=key, forecast=ANY),
        )
        for key, part in found.items()
    ]
    return rows, whole


def part_of(part: Decimal, whole: Decimal) -> Decimal:
    """A share; of nothing, nothing."""
    return part / whole if whole else Decimal(0)


def _bands(user: User, whole: Part) -> list[PartRow]:
    return [
        PartRow(
            label=band_label("spend", low, high),
            key="",
            part=part,
            share=part_of(part.value, whole.value),
            url=listed(forecast=f"{low or ''}{GAP}{high or ''}"),
        )
        for low, high, part in reversed(queries.bands(user))
    ]


def _chart(rows: list[PartRow]) -> Chart:
    items = [
        charts.Item(
            label=row.label,
            value=row.part.value,
            color=RFM_CLASSES[row.key].color if row.key in RFM_CLASSES else "",
            url=row.url,
        )
        for row in rows
    ]
    return charts.treemap(items, columns=(_("Class"), _("12-month value")), unit="money_short")


def _fit(bins: list[dict[str, Any]]) -> Chart:
    """Purchases per customer in the trial, foretold and real, by repeat purchases before it."""
    labels = [f"{one['frequency']}{'+' if one['open_ended'] else ''}" for one in bins]
    series = [
        charts.Series(name=_("Expected"), values=[_places(one["expected"]) for one in bins], color="core"),
        charts.Series(name=_("Actual"), values=[_places(one["actual"]) for one in bins], color="ordinary"),
    ]
    return charts.bars(labels, series, first=_("Repeat purchases before"), unit="plain")


def _places(number: float) -> float:
    return round(number, 2)
