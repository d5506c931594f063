"""Trends: sales, orders, active and new customers and who came back, by month or week, with forecast and what stands out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import charts, figures
from zhike.core.charts import Chart, Series
from zhike.core.charts_band import Band, band
from zhike.core.text import Text
from zhike.engine.cohorts import months_after
from zhike.engine.trends.series import Period, Step, over
from zhike.insight import queries
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.whom import Whom, whom
from zhike.insight.queries.trends import OF, Course, channels, course, feasts
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right

SHOWN = {"month": 36, "week": 53}
YEARS = 24  # months, below which a season cannot be told


@dataclass(frozen=True, slots=True)
class Choice:
    """One series, step or channel to choose."""

    label: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One period in numbers; `odd` says what was expected instead, and why it may differ."""

    label: str
    url: str
    values: list[str]
    odd: str
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsPage(Page):
    """One series as a picture, all of them as a table."""

    template: ClassVar[str] = "insight/trends.html"
    tabs: list[Tab]
    whom: Whom
    series: list[Choice]
    steps: list[Choice]
    channels: list[Choice]
    heads: list[Text]
    rows: list[Row]
    chart: Chart | None
    seasons: Chart | None
    words: list[str]


@needs(Right.INSIGHT_VIEW)
@require_GET
def trends(request: StaffRequest) -> HttpResponse:
    """The course of the customers left by the filters; the forecast is that of the whole base."""
    asked = whom(request)
    of = request.GET.get("of", "") if request.GET.get("of", "") in OF else "sales"
    step: Step = "week" if request.GET.get("by") == "week" else "month"
    channel = request.GET.get("channel", "")
    whole = not asked.chosen and asked.everybody
    found = course(asked.ids, of, step, channel, whole=whole)
    shown = found.periods[-SHOWN[step] :] if found else ()
    page = TrendsPage(
        title=_("Trends"),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        whom=asked,
        series=[
            _choice(asked, str(OF[key].label), key == of, of=key, by=step, channel=channel) for key in OF
        ],
        steps=[
            _choice(asked, label, key == step, of=of, by=key, channel=channel)
            for key, label in (("month", _("By month")), ("week", _("By week")))
        ],
        channels=_channels(asked, of, step, channel),
        heads=[kind.label for kind in OF.values()],
        rows=[_row(one, found, of, step, asked) for one in reversed(shown)] if found else [],
        chart=_chart(found, of, step, asked) if found and shown else None,
        seasons=_seasons(found) if found and found.told else None,
        words=_words(found, of, step, whole=whole and not channel) if found and shown else [],
    )
    return show(request, page)


def _choice(asked: Whom, label: str, active: bool, **more: str) -> Choice:
    kept = {key: value for key, value in more.items() if value}
    return Choice(label, asked.listed(reverse("insight:trends"), **kept), active)


def _channels(asked: Whom, of: str, step: Step, now: str) -> list[Choice]:
    named = [("", _("Every channel")), *((one, one) for one in channels())]
    return [_choice(asked, label, key == now, of=of, by=step, channel=key) for key, label in named]


def _row(one: Period, found: Course, of: str, step: Step, asked: Whom) -> Row:
    values = [figures.written(kind.value(one), kind.unit) for kind in OF.values()]
    customers = reverse("customers:list")
    url = asked.listed(customers, bought_in=f"{one.begins:%Y-%m}") if step == "month" else ""
    running = not over(one.begins, found.as_of, step)
    return Row(_label(one, step), url, values, _odd(one, found, of), running)


def _label(one: Period, step: Step) -> str:
    return f"{one.begins:%Y-%m}" if step == "month" else figures.day(one.begins)


def _places(found: Course) -> dict[str, int]:
    return {month: place for place, month in enumerate(found.run.params["months"])} if found.run else {}


def _odd(one: Period, found: Course, of: str) -> str:
    place = _places(found).get(one.begins.isoformat())
    if not found.told or place not in found.told["odd"]:
        return ""
    expected = figures.written(Decimal(str(round(found.told["expected"][place], 4))), OF[of].unit)
    said = _("expected %(value)s") % {"value": expected}
    why = ", ".join(str(words) for words in feasts(one.begins))
    return f"{said} · {why}" if why else said


def _chart(found: Course, of: str, step: Step, asked: Whom) -> Chart:
    """Months that are over, and what comes after them; an unfinished month would look like a fall."""
    done = [one for one in found.periods if over(one.begins, found.as_of, step)][-SHOWN[step] :]
    told, kind = _fitting(found, done), OF[of]
    labels = [_label(one, step) for one in done]
    urls = [asked.listed(reverse("customers:list"), bought_in=f"{one.begins:%Y-%m}") for one in done]
    past = Series(
        name=kind.label, values=[kind.value(one) for one in done], urls=urls if step == "month" else ()
    )
    if not done:
        return charts.line([], [past], first=_("Month"), unit=kind.unit)
    ahead = [
        f"{months_after(done[-1].begins, step_ + 1):%Y-%m}"
        for step_ in range(len(told["ahead"]) if told else 0)
    ]
    places = _places(found)
    odd = [n for n, one in enumerate(done) if told and places.get(one.begins.isoformat()) in told["odd"]]
    return band(
        [*labels, *ahead],
        past,
        names=(_("Forecast"), _("Lower end"), _("Upper end")),
        told=Band(ahead=told["ahead"], low=told["low"], high=told["high"]) if told else None,
        odd=odd,
        first=_("Month") if step == "month" else _("Week"),
        unit=kind.unit,
    )


def _fitting(found: Course, done: Sequence[Period]) -> Any:
    """The forecast, where it follows the last month that is over; a run some days old may end a month earlier."""
    if not found.told or not found.run or not done:
        return None
    return found.told if found.run.params["months"][-1:] == [done[-1].begins.isoformat()] else None


def _seasons(found: Course) -> Chart | None:
    told = found.told
    if not told or not told["seasons"] or not found.run:
        return None
    first = int(found.run.params["months"][0][5:7])
    months = sorted(((first + place - 1) % 12 + 1, share) for place, share in enumerate(told["seasons"]))
    items = [
        charts.Item(label=_("Month %(number)s") % {"number": month}, value=share) for month, share in months
    ]
    return charts.bar(items, columns=(_("Month"), _("Above or below the usual")), unit="share")


def _words(found: Course, of: str, step: Step, *, whole: bool) -> list[str]:
    """How the forecast came about, or why there is none."""
    if not whole or step == "week":
        return [_("The forecast is made for all customers, by month; choose them to see it.")]
    if not found.run:
        return [_("The forecast is made with the next daily run, once a week.")]
    months = len(found.run.params["months"])
    if not found.told:
        return [_("%(number)s months are over; a forecast takes eight.") % {"number": months}]
    said = [
        _("The forecast holds in 80 of 100 cases between its ends (exponential smoothing, %(model)s).")
        % {"model": found.told["model"]}
    ]
    if months < YEARS:
        said.append(
            _("%(number)s months are over: fewer than 24, so that seasons cannot be told.")
            % {"number": months}
        )
    return [
        *said,
        *_tried(found.told),
        _("Red points lie farther from what was expected a month before than 1 in 200 would by chance."),
    ]


def _tried(told: Any) -> list[str]:
    if told["error"] is None:
        return [_("There is too little past to try the forecast on.")]
    about = {
        "months": told["held_out"], "error": figures.share(told["error"]), "naive": figures.share(told["naive"]),
    }  # fmt: skip
    return [
        _(
            "Tried on the last %(months)s months: off by %(error)s on average; the simple guess (as a year before, or as last) by %(naive)s."  # noqa: E501
        )
        % about
    ]
