"""The metric catalogue: what each figure means, where it comes from, and how it is spread."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhike.blueprint import queries as blueprints
from zhike.core import charts, figures
from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.charts import Chart
from zhike.core.rules import metrics_used
from zhike.engine.metrics import CATALOGUE, Metric
from zhike.engine.metrics.store import Spread
from zhike.engine.rfm import v1
from zhike.insight import queries
from zhike.insight.dimensions import band_label, spelled
from zhike.insight.facts import GROUPS
from zhike.insight.methods import method_of
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
    "records": gettext_lazy("Execution records"),
}


BOX = 100  # width of the drawn spread


@dataclass(frozen=True, slots=True)
class Box:
    """Where the middle nine tenths, the middle half and the median lie, on a line of BOX."""

    start: int
    low: int
    width: int
    middle: int
    end: int


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric in words, and how it is spread: median, mean, share of customers with a value."""

    metric: Metric
    unit: str
    sources: str
    url: str
    known: str = ""
    median: str = ""
    mean: str = ""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """The metrics under one heading."""

    key: str
    label: str
    rows: list[MetricRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePage(Page):
    """All metrics, or those that a word finds."""

    template: ClassVar[str] = "insight/metrics.html"
    tabs: list[Tab]
    groups: list[MetricGroup]
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a spread in words."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class TierRow:
    """A metric within one tier."""

    label: str
    customers: str
    median: str
    mean: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPage(Page):
    """One metric: definition, spread, and what relies on it."""

    template: ClassVar[str] = "insight/metric.html"
    tabs: list[Tab]
    row: MetricRow
    facts: list[Fact]
    chart: Chart | None
    tiers: list[TierRow]
    uses: list[str]
    listed: str


@needs(Right.INSIGHT_VIEW)
@require_GET
def metrics(request: StaffRequest) -> HttpResponse:
    """The catalogue."""
    words = request.GET.get("q", "").strip()[:60]
    spreads = queries.overview(request.user)
    found = [_row(one, spreads.get(one.key)) for one in CATALOGUE.values() if _meant(one, words)]
    groups = [
        MetricGroup(group, str(label), [row for row in found if row.metric.group is group])
        for group, label in GROUPS.items()
    ]
    page = CataloguePage(
        title=_("Metrics"),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        groups=[one for one in groups if one.rows],
        words=words,
        number=len(found),
    )
    return show(request, page, fragment="rows")


@needs(Right.INSIGHT_VIEW)
@require_GET
def metric(request: StaffRequest, key: str) -> HttpResponse:
    """One metric over the customers the user may see."""
    found = CATALOGUE.get(key)
    if found is None:
        raise Http404
    shape = queries.shape(request.user, key)
    spec = blueprints.current_or_none()
    page = MetricPage(
        title=str(found.label),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        row=_row(found, shape.spread if shape else None),
        facts=_facts(found, shape.spread) if shape else [],
        chart=_chart(found, shape) if shape and shape.bands else None,
        tiers=_tiers(found, shape, spec) if shape and spec else [],
        uses=_uses(key, spec) if spec else [],
        listed=f"{reverse('customers:list')}?{urlencode({'columns': f'code,metric.{key}', 'sort': f'-metric.{key}'})}",
    )
    return show(request, page)


def _meant(found: Metric, words: str) -> bool:
    texts = (found.key, found.label.zh, found.label.en, found.formula.zh, found.formula.en)
    return words.lower() in " ".join(texts).lower()


def _row(found: Metric, spread: Spread | None) -> MetricRow:
    sources = ", ".join(str(SOURCES[one]) for one in found.sources if one in SOURCES)
    row = MetricRow(found, str(UNITS[found.unit.value]), sources, reverse("insight:metric", args=[found.key]))
    if spread is None or not spread.known:
        return replace(row, known=figures.share(0, 0) if spread else "")
    return replace(
        row,
        known=figures.share(spread.share, 0),
        median=written(found, spread.points[2]),
        mean="" if spread.mean is None else written(found, spread.mean),
        box=_box(spread),
    )


def _box(spread: Spread) -> Box | None:
    """The spread drawn from the lowest twentieth to the highest, zero at the left where nothing lies below it."""
    start, low, middle, high, end = spread.points
    left = min(start, Decimal(0)) if start < end else start
    whole = end - left
    if whole <= 0:
        return None
    at = [round((point - left) / whole * BOX) for point in (start, low, middle, high, end)]
    return Box(at[0], at[1], max(1, at[3] - at[1]), at[2], at[4])


def _facts(found: Metric, spread: Spread) -> list[Fact]:
    told = [Fact(_("Customers with a value"), figures.count(spread.known))]
    if spread.unknown:
        nobody = str(found.null_means).capitalize()
        told.append(Fact(nobody, figures.count(spread.unknown), _customers(found.key, "none", None)))
    if spread.mean is not None:
        told.append(Fact(_("Mean"), written(found, spread.mean)))
    if spread.points:
        _start, low, middle, high, end = spread.points
        told.append(Fact(_("Median"), written(found, middle)))
        told.append(Fact(_("Middle half"), f"{written(found, low)} – {written(found, high)}"))
        told.append(Fact(_("Top twentieth from"), written(found, end)))
        if found.unit != "date":
            told.append(
                Fact(_("At the median or above"), _("Customers"), _customers(found.key, middle, None))
            )
            told.append(Fact(_("Below the median"), _("Customers"), _customers(found.key, None, middle)))
    return told


def _tiers(found: Metric, shape: Shape, spec: BlueprintSpec) -> list[TierRow]:
    ordered = ((tier, shape.tiers[tier.key]) for tier in spec.tiers if tier.key in shape.tiers)
    return [
        TierRow(
            str(tier.label),
            figures.count(spread.known),
            written(found, spread.points[2]) if spread.points else "—",
            "—" if spread.mean is None else written(found, spread.mean),
        )
        for tier, spread in ordered
    ]


def _uses(key: str, spec: BlueprintSpec) -> list[str]:
    """What of the blueprint in force relies on a metric."""
    kinds = ((_("Tier"), spec.tiers), (_("Tag"), spec.tags), (_("KPI"), spec.kpis))
    named = [
        f"{kind}: {one.label}"
        for kind, several in kinds
        for one in several
        if getattr(one, "metric", None) == key or (one.rule is not None and key in metrics_used(one.rule))
    ]
    return [*named, *([_("RFM")] if key in v1.inputs(method_of(spec.rfm)) else [])]


def written(found: Metric, value: object) -> str:
    """A value of a metric; a date counts as days up to the run's day."""
    if found.unit == "money":
        return figures.money_short(value)
    if found.unit == "share":
        return figures.share(value)
    if found.unit == "date":
        return figures.days_ago(value)
    if found.unit == "days":
        return figures.days(value)
    return figures.plain(value)


def _chart(found: Metric, shape: Shape) -> Chart:
    items = [
        charts.Item(label=_band(found, low, high), value=number, url=_customers(found.key, low, high))
        for low, high, number in shape.bands
    ]
    return charts.bar(items, columns=(str(found.label), _("Customers")))


def _band(found: Metric, low: object, high: object) -> str:
    if found.unit == "share":
        return (
            f"{figures.share(low, 0)} – {figures.share(high, 0)}"
            if high is not None
            else f"≥ {figures.share(low, 0)}"
        )
    return band_label(found.key, low, high)  # type: ignore[arg-type]


def _customers(key: str, low: object, high: object) -> str:
    return f"{reverse('customers:list')}?{urlencode({'metric': spelled(key, low, high)})}"
