"""Trends: sales, orders, active and new customers and who came back, by month or week, with forecast and what stands out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core import charts, figures
from zhike.core.charts import Chart, Series
from zhike.core.charts_band import Band, band
from zhike.core.text import Text
from zhike.engine.cohorts import months_after
from zhike.engine.trends.series import SHORTEST, Period, Step, over
from zhike.insight import answering, queries
from zhike.insight.answering import Question
from zhike.insight.pages.asking import Asking, asking
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.whom import Whom, whom
from zhike.insight.queries.trends import (
    FEWEST,
    OF,
    Course,
    buyers,
    channels,
    course,
    feasts,
    monthly,
    of_everybody,
    too_little,
)
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right

SHOWN = {"month": 36, "week": 53}
EVERYBODY = Text("我的全部客户", "all of my customers")
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
    figures: list[tuple[Text, str]]
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
    asking: Asking | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the address asks for: whose series, which one, by what step, of which channel; and the series, once there are any."""

    asked: Whom
    of: str
    step: Step
    channel: str
    found: Course | None
    question: Question | None

    @property
    def whole(self) -> bool:
        """Whether it is about everybody and everything."""
        return self.asked.everybody and not self.asked.chosen and not self.channel

    def address(self, url: str, **other: str) -> str:
        """The same, or with something else, as an address."""
        own = {"of": self.of, "by": self.step, "channel": self.channel} | other
        return self.asked.listed(url, **{key: value for key, value in own.items() if value})


@needs(Right.INSIGHT_VIEW)
@require_GET
def trends(request: StaffRequest) -> HttpResponse:
    """The course of the customers left by the filters, with its forecast or why there is none."""
    view = _view(request)
    found, of, step = view.found, view.of, view.step
    shown = found.periods[-SHOWN[step] :] if found else ()
    page = TrendsPage(
        title=_("Trends"),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        whom=view.asked,
        series=[_choice(view, str(kind.label), key == of, of=key) for key, kind in OF.items()],
        steps=[_choice(view, label, key == step, by=key) for key, label in _steps()],
        channels=_channels(view),
        heads=[kind.label for kind in OF.values()],
        rows=[_row(one, found, of, step, view.asked) for one in reversed(shown)] if found else [],
        chart=_chart(found, of, step, view.asked) if found and shown else None,
        seasons=_seasons(found, of) if found else None,
        words=[*_words(view, found), *_begins(found, len(shown), of, step)] if found and shown else [],
        asking=_asking(view) if view.question and shown else None,
    )
    return show(request, page)


@needs(Right.INSIGHT_VIEW)
@require_POST
def foretell(request: StaffRequest) -> HttpResponse:
    """Let a job foretell the series that the address describes."""
    view = _view(request)
    if view.question is not None:
        words = view.asked.words or str(EVERYBODY)
        title = Text(f"趋势预测:{words}", f"Forecast of the trends: {words}")
        answering.ask(view.question, by=request.user, title=title)
    return saved(request, view.address(reverse("insight:trends")))


def _view(request: StaffRequest) -> View:
    """Read the address, the series, and their forecast as far as it is known; what is not known is a question."""
    asked = whom(request)
    of = request.GET.get("of", "") if request.GET.get("of", "") in OF else "sales"
    step: Step = "week" if request.GET.get("by") == "week" else "month"
    channel = request.GET.get("channel", "")
    view = View(
        asked=asked, of=of, step=step, channel=channel, found=course(asked.ids, step, channel), question=None
    )
    if view.found is None or step == "week":
        return view
    if view.whole:
        return replace(view, found=replace(view.found, foretold=of_everybody()))
    if too_little(view.found):
        return view
    months, series = monthly(view.found.periods, view.found.as_of)
    question = Question(kind=answering.FORETELL, about={"months": months, "of": series})
    told = answering.answer(question)
    return replace(
        view, found=replace(view.found, foretold=told), question=None if told is not None else question
    )


def _asking(view: View) -> Asking | None:
    if view.question is None:
        return None
    return asking(
        view.question,
        view.address(reverse("insight:trends_foretell")),
        title=_("Making the forecast of these customers …"),
        hint=_("It takes seconds; you may leave and come back."),
    )


def _steps() -> list[tuple[str, str]]:
    return [("month", _("By month")), ("week", _("By week"))]


def _choice(view: View, label: str, active: bool, **other: str) -> Choice:
    return Choice(label, view.address(reverse("insight:trends"), **other), active)


def _channels(view: View) -> list[Choice]:
    named = [("", _("Every channel")), *((one, one) for one in channels())]
    return [_choice(view, label, key == view.channel, channel=key) for key, label in named]


def _row(one: Period, found: Course, of: str, step: Step, asked: Whom) -> Row:
    values = [(kind.label, figures.written(kind.value(one), kind.unit)) for kind in OF.values()]
    customers = reverse("customers:list")
    url = asked.listed(customers, bought_in=f"{one.begins:%Y-%m}") if step == "month" else ""
    running = not over(one.begins, found.as_of, step)
    return Row(_label(one, step), url, values, _odd(one, found, of), running)


def _label(one: Period, step: Step) -> str:
    return f"{one.begins:%Y-%m}" if step == "month" else figures.day(one.begins)


def _places(found: Course) -> dict[str, int]:
    return {month: place for place, month in enumerate(found.months)}


def _odd(one: Period, found: Course, of: str) -> str:
    place, told = _places(found).get(one.begins.isoformat()), found.told(of)
    if not told or place not in told["odd"]:
        return ""
    expected = figures.written(Decimal(str(round(told["expected"][place], 4))), OF[of].unit)
    said = _("expected %(value)s") % {"value": expected}
    why = ", ".join(str(words) for words in feasts(one.begins))
    return f"{said} · {why}" if why else said


def _chart(found: Course, of: str, step: Step, asked: Whom) -> Chart:
    """Months that are over, and what comes after them; an unfinished month would look like a fall."""
    done = [one for one in found.periods if over(one.begins, found.as_of, step)][-SHOWN[step] :]
    told, kind = _fitting(found, of, done), OF[of]
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


def _fitting(found: Course, of: str, done: Sequence[Period]) -> Any:
    """The forecast, where it follows the last month that is over; a run some days old may end a month earlier."""
    if not found.foretold or not done:
        return None
    return found.told(of) if found.months[-1:] == [done[-1].begins.isoformat()] else None


def _seasons(found: Course, of: str) -> Chart | None:
    told = found.told(of)
    if not told or not told["seasons"]:
        return None
    first = int(found.months[0][5:7])
    months = sorted(((first + place - 1) % 12 + 1, share) for place, share in enumerate(told["seasons"]))
    items = [
        charts.Item(label=_("Month %(number)s") % {"number": month}, value=share) for month, share in months
    ]
    return charts.bar(items, columns=(_("Month"), _("Above or below the usual")), unit="share")


def _words(view: View, found: Course) -> list[str]:
    """How the forecast came about, or why there is none."""
    if view.step == "week":
        return [_("The forecast is made by month; choose it to see it.")]
    if found.foretold is None:
        return _none(view, found)
    months, told = len(found.months), found.told(view.of)
    if not told:
        return [_("%(number)s months are over; a forecast takes eight.") % {"number": months}]
    said = [
        _("The forecast holds in 80 of 100 cases between its ends (exponential smoothing, %(model)s).")
        % {"model": told["model"]}
    ]
    if months < YEARS:
        said.append(
            _("%(number)s months are over: fewer than 24, so that seasons cannot be told.")
            % {"number": months}
        )
    if view.asked.chosen:
        said.append(
            _(
                "The past shown is that of the customers who fit the filters today. Whoever fits because they bought lately makes it look like a rise, and the forecast with it."  # noqa: E501
            )
        )
    return [
        *said,
        *_tried(told),
        _("Red points lie farther from what was expected a month before than 1 in 200 would by chance."),
    ]


def _begins(found: Course, shown: int, of: str, step: Step) -> list[str]:
    """What is to be known of the first period, in which everybody counts as new."""
    if of not in {"new", "returning"} or shown < len(found.periods):
        return []
    first = _label(found.periods[0], step)
    return [
        _("Orders are known from %(first)s on: earlier customers who bought then count as new there.")
        % {"first": first}
    ]


def _none(view: View, found: Course) -> list[str]:
    """Why nothing is foretold."""
    if view.whole:
        return [_("The forecast is made with the next daily run, once a week.")]
    if view.question is not None:
        return [_("The forecast of these customers is being made.")]
    months = sum(over(one.begins, found.as_of) for one in found.periods)
    if months < SHORTEST:
        return [_("%(number)s months are over; a forecast takes eight.") % {"number": months}]
    return [
        _(
            "In a middle month %(number)s of these customers bought. With fewer than %(least)s chance decides, so nothing is foretold."  # noqa: E501
        )
        % {"number": figures.plain(buyers(found)), "least": FEWEST}
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
