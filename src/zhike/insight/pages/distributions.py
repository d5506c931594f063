"""How the customers split by one dimension at a time."""

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.blueprint import queries as blueprints
from zhike.core import charts
from zhike.core.charts import Chart
from zhike.insight import queries
from zhike.insight.dimensions import Dimension, Group, dimensions
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.queries import Distribution
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True)
class Choice:
    """A dimension to choose."""

    label: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """Dimensions under a common heading."""

    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionPage(Page):
    """One split and the others to choose from."""

    template: ClassVar[str] = "insight/distributions.html"
    tabs: list[Tab]
    headings: list[Heading]
    split: Distribution | None
    chart: Chart | None


@needs(Right.INSIGHT_VIEW)
@require_GET
def distributions(request: StaffRequest) -> HttpResponse:
    """The customers the user may see, split by `by` (the first dimension when none is named)."""
    spec = blueprints.current_or_none()
    offered = dimensions(spec) if spec else []
    chosen = _chosen(offered, request.GET.get("by", ""))
    split = queries.distribution(request.user, chosen) if chosen else None
    page = DistributionPage(
        title=_("Distributions"),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        headings=_headings(offered, chosen),
        split=split,
        chart=_chart(split) if split else None,
    )
    return show(request, page, fragment="split")


def _chosen(offered: list[Dimension], key: str) -> Dimension | None:
    if not key:
        return offered[0] if offered else None
    found = next((one for one in offered if one.key == key), None)
    if found is None:
        raise Http404
    return found


def _headings(offered: list[Dimension], chosen: Dimension | None) -> list[Heading]:
    words = {
        Group.PROFILE: _("Who they are"),
        Group.PURCHASES: _("What they buy"),
        Group.CONTACTS: _("How we are in touch"),
    }
    ordered = sorted(offered, key=lambda one: list(words).index(one.group))
    page = reverse("insight:distributions")
    return [
        Heading(
            words[group],
            [Choice(str(one.label), f"{page}?by={one.key}", one == chosen) for one in members],
        )
        for group, members in groupby(ordered, key=lambda one: one.group)
    ]


def _chart(split: Distribution) -> Chart:
    items = [charts.Item(label=one.label, value=one.customers, url=one.url) for one in split.buckets]
    columns = (split.dimension.label, _("Customers"))
    return charts.bar(items, columns=columns, across=not split.dimension.edges)
