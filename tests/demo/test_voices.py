"""What the demonstration's members say: about the topics there are, in the tone of its rating, and shown on the page."""

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from tests.personas import SignedIn
from zhike.activity.models import Feedback
from zhike.engine.opinions import words
from zhike.insight.models import Opinion
from zhike.kernel.models import User
from zhike.loop.demo import voices

START = datetime(2017, 1, 1, 12)


def spoken() -> list[dict[str, str]]:
    baskets = [voices.Basket(str(10**6 + n), str(n % 900), START + timedelta(hours=n)) for n in range(8_760)]
    return list(voices.said(baskets, datetime(2017, 12, 31, 23, 59)))


def test_every_clause_is_about_its_topic_and_no_other() -> None:
    known = words.topics()
    for topic, sides in tomllib.loads(
        files("zhike.loop.demo").joinpath("data", "voices.toml").read_text(encoding="utf-8")
    ).items():
        for clause in [] if topic == "filler" else [*sides["for"], *sides["against"]]:
            assert words.about(clause, known) == [topic], clause


def test_every_demonstration_hears_the_same_and_nothing_after_its_end() -> None:
    found = spoken()
    assert found == spoken()
    assert 200 < len(found) < 400
    assert max(row["时间"] for row in found) <= "2017-12-31 23:59:59"
    assert {row["评分"] for row in found} == set("12345")
    late = [row for row in found if row["时间"] >= "2017-11"]
    assert share_sore(late) > share_sore(found)


def share_sore(rows: list[dict[str, str]]) -> float:
    return sum(int(row["评分"]) <= 2 for row in rows) / len(rows)


def test_sentiment_agrees_with_the_rating(figures: dict[str, Any]) -> None:
    judged = Opinion.objects.filter(sentiment__in=("positive", "negative"))
    agreeing = sum(
        (sentiment == "positive") == (rating >= 4)
        for sentiment, rating in judged.exclude(feedback__rating=3).values_list(
            "sentiment", "feedback__rating"
        )
    )
    assert agreeing >= 0.95 * judged.exclude(feedback__rating=3).count()
    assert Opinion.objects.count() == Feedback.objects.exclude(content="").count() > 1000


def test_the_page_shows_topics_trends_and_customers(
    figures: dict[str, Any], person: Callable[[str], User]
) -> None:
    page = SignedIn(person("li")).get("/insight/opinions/").page
    assert page.pretitle.endswith("2017-12-31")
    # Whichever language 李 reads: the journeys of this folder switch it.
    assert {row.label for row in page.rows} in [
        {words.topics()[key].label.in_(language) for key in voices.TOPICS} for language in ("zh", "en")
    ]
    assert page.months is not None and len(page.months.table.rows) == 12
    assert page.against and page.in_favour and len(page.samples) == 20
    assert 0.2 < page.negative < page.positive < 0.8
    own = SignedIn(person("wang")).get("/insight/opinions/").page
    assert 0 < own.whole.every < page.whole.every
