"""What customers say in their own words: for or against over time, by topic, the terms that stand out, and the words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.activity import queries as activity
from zhike.core import charts, masks
from zhike.core.charts import Chart
from zhike.core.text import listed
from zhike.customers import queries as customers
from zhike.engine.opinions.words import SENTIMENTS
from zhike.insight import queries
from zhike.insight.models import Opinion, Run
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.whom import Pick, Whom, whom
from zhike.insight.queries import Split
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right
from zhike.kernel.workbooks import Cell

SAMPLES = 20
MOST_IN_EXCEL = 20_000
PERIODS = ("30", "90", "365")
TONES = {"positive": "green", "negative": "red", "unclear": "secondary", "unjudged": "secondary"}


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic, how much of it is negative, and the address of its words."""

    label: str
    split: Split
    negative: float
    url: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One piece of feedback as the reader may see it."""

    opinion: Opinion
    customer: str
    url: str
    words: str
    tone: str
    topics: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionsPage(Page):
    """Sentiment, topics, terms and samples."""

    template: ClassVar[str] = "insight/opinions.html"
    tabs: list[Tab]
    whom: Whom
    run: Run | None
    whole: Split
    positive: float
    negative: float
    months: Chart | None
    rows: list[TopicRow]
    against: list[str]
    in_favour: list[str]
    samples: list[Sample]
    export: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for: the customers, and which of their feedback."""

    whom: Whom
    found: QuerySet[Opinion]
    narrowed: QuerySet[Opinion]


@needs(Right.INSIGHT_VIEW)
@require_GET
def opinions(request: StaffRequest) -> HttpResponse:
    """The feedback of the customers the user may see, or of those left by filters."""
    asked = _asked(request)
    run = queries.latest(Run.Kind.OPINIONS)
    months = queries.by_month(asked.found)
    whole = _together(months.values())
    everybody = queries.sees_all(request.user)
    page = OpinionsPage(
        title=_("Opinions"),
        pretitle=as_of(_looked(run), request.user),
        tabs=tabs(),
        whom=asked.whom,
        run=run,
        whole=whole,
        positive=whole.share("positive"),
        negative=whole.share("negative"),
        months=_months(months) if whole.judged else None,
        rows=_topics(asked),
        against=run.params["against"] if run and everybody else [],
        in_favour=run.params["for"] if run and everybody else [],
        samples=_samples(request, asked.narrowed.order_by("-feedback__at", "-pk")[:SAMPLES]),
        export=asked.whom.listed(reverse("insight:opinions_export"))
        if may(request.user, Right.CUSTOMERS_EXPORT)
        else "",
    )
    return show(request, page)


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """The feedback that the filters leave, as an Excel workbook; numbers in the words are masked."""
    found = _asked(request).narrowed.order_by("-feedback__at", "-pk")[:MOST_IN_EXCEL]
    header = [
        _("Customer code"),
        _("Customer"),
        _("When"),
        _("Sentiment"),
        _("Topics"),
        _("Rating"),
        _("Channel"),
        _("Words"),
    ]
    audit.record("insight.exported", None, by=request.user, changes={"what": "opinions"})
    sheet = workbooks.Sheet(name="opinions", header=header, rows=_sheet(request, found))
    return workbooks.answer(f"opinions-{clock.today():%Y-%m-%d}", [sheet])


def _sheet(request: StaffRequest, found: QuerySet[Opinion]) -> Iterator[list[Cell]]:
    for one in _samples(request, found):
        said: Any = one.opinion.feedback
        yield [
            said.customer.code, one.customer, said.at, str(SENTIMENTS[one.opinion.sentiment]), listed(one.topics),
            said.rating, said.channel, masks.numbers(one.words),
        ]  # fmt: skip


def _asked(request: StaffRequest) -> Asked:
    """Read the address; what is not known narrows nothing."""
    given, known = request.GET, queries.topics()
    asked = whom(request)
    period = given.get("period", "") if given.get("period", "") in PERIODS else ""
    since = clock.today() - timedelta(days=int(period)) if period else None
    channel = given.get("channel", "")[:60]
    found = queries.opinions(asked.customers, channel=channel, since=since)
    sentiment = given.get("sentiment", "") if given.get("sentiment", "") in SENTIMENTS else ""
    topic = given.get("topic", "") if given.get("topic", "") in known else ""
    own = {"period": period, "channel": channel, "sentiment": sentiment, "topic": topic}
    narrowed = found.filter(sentiment=sentiment) if sentiment else found
    narrowed = narrowed.filter(topics__contains=[topic]) if topic else narrowed
    last = [(one, _("last %(days)s days") % {"days": one}) for one in PERIODS]
    channels = [(one, one) for one in activity.feedback_channels()]
    sentiments = [(key, str(label)) for key, label in SENTIMENTS.items()]
    about = [(key, str(one.label)) for key, one in known.items()]
    picks = [
        Pick(key="period", label=_("Period"), choices=last, now=period),
        Pick(key="channel", label=_("Channel"), choices=channels, now=channel),
        Pick(key="sentiment", label=_("Sentiment"), choices=sentiments, now=sentiment),
        Pick(key="topic", label=_("Topic"), choices=about, now=topic),
    ]
    chosen = asked.chosen | {key: value for key, value in own.items() if value}
    return Asked(
        whom=replace(asked, picks=[*asked.picks, *picks], chosen=chosen), found=found, narrowed=narrowed
    )


def _looked(run: Run | None) -> Run | None:
    """The run that tells how recent the opinions are: each day's looks for new words, but keeps no record where there are none."""
    day = queries.latest(Run.Kind.RFM) if run else None
    return day if run and day and day.as_of > run.as_of else run


def _together(splits: Any) -> Split:
    whole = Split()
    for one in splits:
        for key, number in one.counts.items():
            whole.counts[key] += number
    return whole


def _months(months: dict[str, Split]) -> Chart:
    """The share of each sentiment among the feedback judged in a month."""
    series = [
        charts.Series(
            name=str(SENTIMENTS[key]), color=color, values=[_share(one, key) for one in months.values()]
        )
        for key, color in (("positive", "core"), ("unclear", "ordinary"), ("negative", "risk"))
    ]
    return charts.line(list(months), series, first=_("Month"), unit="share")


def _share(split: Split, key: str) -> float | None:
    return round(split.share(key), 4) if split.judged else None


def _topics(asked: Asked) -> list[TopicRow]:
    """Topics by how many negative pieces speak of them, the most first."""
    known, splits = queries.topics(), queries.by_topic(asked.found)
    kept = {key: value for key, value in asked.whom.chosen.items() if key not in {"topic", "sentiment"}}
    rows = [
        TopicRow(
            label=str(known[key].label),
            split=split,
            negative=split.share("negative"),
            url="?" + urlencode(kept | {"topic": key}) + "#words",
        )
        for key, split in splits.items()
        if key in known
    ]
    return sorted(rows, key=lambda row: (-row.split.counts["negative"], row.label))


def _samples(request: StaffRequest, found: QuerySet[Opinion]) -> list[Sample]:
    """Nothing for those who may not read what customers say."""
    known = queries.topics()
    if not may(request.user, Right.ACTIVITY_VIEW):
        found = found.none()
    return [
        Sample(
            opinion=one,
            customer=customers.shown_name(request.user, one.feedback.customer),
            url=reverse("customers:customer", args=[one.feedback.customer.key]) + "?tab=feedback",
            words=activity.words_for(request.user, one.feedback.content),
            tone=TONES[one.sentiment],
            topics=[str(known[key].label) for key in one.topics if key in known],
        )
        for one in found.select_related("feedback__customer")
    ]
