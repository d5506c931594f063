"""The metric catalogue: what each figure means, where it comes from, and how it is spread."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhike.core import charts, figures
from zhike.core.charts import Chart
from zhike.engine.metrics import CATALOGUE, Metric
from zhike.insight import queries
from zhike.insight.dimensions import band_label, spelled
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.queries import Shape
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right

UNITS = {
    "money": gettext_lazy("Amount"),
    "count": gettext_lazy("Number"),
    "days": gettext_lazy("Days"),
    "date": gettext_lazy("Date"),
    "share": gettext_lazy("Share"),
    "ratio": gettext_lazy("Ratio"),
    "rating": gettext_lazy("Rating"),
    "flag": gettext_lazy("Yes or no"),
}
SOURCES = {
    "customers": gettext_lazy("Customer record"),
    "orders": gettext_lazy("Orders"),
    "order_lines": gettext_lazy("Order lines"),
    "returns": gettext_lazy("Returns"),
    "interactions": gettext_lazy("Interactions"),
    "feedback": gettext_lazy("Feedback"),
    "events": gettext_lazy("Behaviour events"),
}


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric in words."""

    metric: Metric
    unit: str
    sources: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePage(Page):
    """All metrics."""

    template: ClassVar[str] = "insight/metrics.html"
    tabs: list[Tab]
    rows: list[MetricRow]


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a spread in words."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPage(Page):
    """One metric: definition and spread."""

    template: ClassVar[str] = "insight/metric.html"
    tabs: list[Tab]
    row: MetricRow
    facts: list[Fact]
    chart: Chart | None


@needs(Right.INSIGHT_VIEW)
@require_GET
def metrics(request: StaffRequest) -> HttpResponse:
    """The catalogue."""
    rows = [_row(one) for one in CATALOGUE.values()]
    page = CataloguePage(
        title=_("Metrics"), pretitle=as_of(queries.latest(), request.user), tabs=tabs(), rows=rows
    )
    return show(request, page)


@needs(Right.INSIGHT_VIEW)
@require_GET
def metric(request: StaffRequest, key: str) -> HttpResponse:
    """One metric over the customers the user may see."""
    found = CATALOGUE.get(key)
    if found is None:
        raise Http404
    shape = queries.shape(request.user, key)
    page = MetricPage(
        title=str(found.label),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        row=_row(found),
        facts=_facts(found, shape) if shape else [],
        chart=_chart(found, shape) if shape and shape.bands else None,
    )
    return show(request, page)


def _row(found: Metric) -> MetricRow:
    sources = ", ".join(str(SOURCES[one]) for one in found.sources if one in SOURCES)
    return MetricRow(
        found, str(UNITS[found.unit.value]), sources, reverse("insight:metric", args=[found.key])
    )


def _facts(found: Metric, shape: Shape) -> list[Fact]:
    told = [Fact(_("Customers with a value"), figures.count(shape.known))]
    if shape.unknown:
        told.append(
            Fact(
                str(found.null_means).capitalize(),
                figures.count(shape.unknown),
                _customers(found.key, "none", None),
            )
        )
    if shape.mean is not None:
        told.append(Fact(_("Mean"), _written(found, shape.mean)))
    if shape.quartiles:
        low, middle, high = shape.quartiles
        told.append(Fact(_("Median"), _written(found, middle)))
        told.append(Fact(_("Middle half"), f"{_written(found, low)} – {_written(found, high)}"))
    return told


def _written(found: Metric, value: object) -> str:
    if found.unit == "money":
        return figures.money_short(value)
    if found.unit == "share":
        return figures.share(value)
    if found.unit in {"days", "date"}:
        return figures.days(value)
    return figures.plain(value)


def _chart(found: Metric, shape: Shape) -> Chart:
    items = [
        charts.Item(label=_band(found, low, high), value=number, url=_customers(found.key, low, high))
        for low, high, number in shape.bands
    ]
    words = _("Days ago") if found.unit == "date" else str(found.label)
    return charts.bar(items, columns=(words, _("Customers")))


def _band(found: Metric, low: object, high: object) -> str:
    if found.unit == "date":
        return band_label("recency_days", low, high)  # type: ignore[arg-type]
    if found.unit == "share":
        return (
            f"{figures.share(low, 0)} – {figures.share(high, 0)}"
            if high is not None
            else f"≥ {figures.share(low, 0)}"
        )
    return band_label(found.key, low, high)  # type: ignore[arg-type]


def _customers(key: str, low: object, high: object) -> str:
    return f"{reverse('customers:list')}?{urlencode({'metric': spelled(key, low, high)})}"
