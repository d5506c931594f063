"""The portrait of one customer: a page to print, and a tab of the customer's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import charts
from zhike.core.charts import Chart, Item, Series
from zhike.core.charts_portrait import SMALLEST, radar
from zhike.core.rules import CLASSES
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.engine.metrics import metric
from zhike.insight import likeness_words, portrait_words
from zhike.insight.cross_words import HABITS
from zhike.insight.pages.portrait import MiddleRow
from zhike.insight.queries.likeness import Habit, Likeness, Place, likeness
from zhike.insight.queries.portraits import telling
from zhike.kernel import slots
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True)
class HabitRow:
    """One habit and its values, the most frequent first."""

    label: Text
    values: tuple[Habit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the tab and the page show."""

    found: Likeness | None
    words: list[Text]
    radar: Chart | None
    months: Chart | None
    weekdays: Chart | None
    parts: Chart | None
    habits: list[HabitRow]
    places: list[MiddleRow]
    tier: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessPage(Page):
    """One customer, to be printed."""

    template: ClassVar[str] = "insight/likeness.html"
    badges: list[str]
    manager: str
    customer_url: str
    drawn: Drawn


@needs(Right.INSIGHT_VIEW)
@require_GET
def customer(request: StaffRequest, key: UUID) -> HttpResponse:
    """The portrait of a customer within the asker's scope; the name as the asker may see it."""
    one = customers.customer_for(request.user, key)
    drawn = draw(request.user, one)
    day = drawn.found.as_of.isoformat() if drawn.found else _("not computed yet")
    page = LikenessPage(
        title=customers.shown_name(request.user, one),
        pretitle=f"{one.code} · {day}",
        badges=[panel.render(request, one) for panel in slots.panels("customer.header", request.user)],
        manager=one.manager.name if one.manager else "",
        customer_url=reverse("customers:customer", args=[one.key]),
        drawn=drawn,
    )
    return show(request, page)


def tab(request: HttpRequest, one: Any) -> str:
    """The portrait as a tab of the customer's page."""
    user = request.user
    assert isinstance(user, User)
    context = {"drawn": draw(user, one), "print_url": reverse("insight:likeness", args=[one.key])}
    return render_to_string("insight/likeness_tab.html", context, request)


def draw(user: User, one: Any) -> Drawn:
    """The portrait in words and pictures."""
    found = likeness(user, one)
    bought = found is not None and found.score.orders > 0
    tier = found.tier.label if found and found.tier else None
    return Drawn(
        found=found,
        words=likeness_words.of_customer(found) if found else [],
        radar=_radar(found.places, tier) if found and bought else None,
        months=_months(found) if found and bought else None,
        weekdays=_bars(likeness_words.WEEKDAYS, found.weekdays, _("Day of the week"))
        if found and bought
        else None,
        parts=_bars(_parts(), found.parts, _("Time of day")) if found and found.timed else None,
        habits=[
            HabitRow(CLASSES[kind].label, found.habits[kind]) for kind in HABITS if found.habits.get(kind)
        ]
        if found
        else [],
        places=[_place(one) for one in found.places if telling(one.own, one.median)] if found else [],
        tier=tier,
    )


def _place(one: Place) -> MiddleRow:
    own, median = (portrait_words.value(one.metric, given) for given in (one.own, one.median))
    return MiddleRow(metric(one.metric).label, own, median, one.position)


def _radar(places: Sequence[Place], tier: Text | None) -> Chart | None:
    known = [one for one in places if one.position is not None and telling(one.own, one.median)]
    if len(known) < SMALLEST:
        return None
    series = [
        Series(name=_("This customer"), values=[one.position for one in known], color="core"),
        Series(name=_("Middle of the tier") if tier else _("Middle of all"), values=[0.5 for _one in known]),
    ]
    return radar([metric(one.metric).label for one in known], series, first=_("Metric"))


def _months(found: Likeness) -> Chart:
    items = [Item(label=f"{month:%Y-%m}", value=amount) for month, _number, amount in found.months]
    chart = charts.bar(items, columns=(_("Month"), _("Amount")), unit="money_short")
    chart.options["series"][0]["label"] = {"show": False}
    return chart


def _bars(labels: Sequence[Text], values: Sequence[int], first: str) -> Chart:
    items = [Item(label=label, value=value) for label, value in zip(labels, values, strict=True)]
    return charts.bar(items, columns=(first, _("Orders")))


def _parts() -> list[Text]:
    hours = ("5–11", "11–14", "14–18", "18–23", "23–5")
    named = (
        Text("上午", "Morning"), Text("中午", "Noon"), Text("下午", "Afternoon"), Text("晚上", "Evening"), Text("夜间", "Night"),
    )  # fmt: skip
    return [Text(f"{one.zh} {hour}", f"{one.en} {hour}") for one, hour in zip(named, hours, strict=True)]
