"""Opinions: feedback is judged by the daily run, shown on its page and beside the feedback of a customer."""

from datetime import datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.shop import TODAY, customer

from zhike.activity.models import Feedback
from zhike.customers.models import Customer
from zhike.engine.opinions import v1
from zhike.insight import actions, opining, queries
from zhike.insight.models import Opinion, Run
from zhike.kernel import queries as kernel
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("retail", "today")]
URL = "/insight/opinions/"
GOOD = ["很好吃,下次再来", "送得快,包装好", "质量很好,满意", "服务热情,好评", "味道很好,分量足"]
BAD = ["难吃,再也不来", "送货太慢,凉了", "质量差,坏了", "客服态度差,投诉", "味道很差,分量少"]


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small model in place of the large one, kept in a home of its own."""
    reviews = ([*BAD, *GOOD] * 4, np.tile(np.repeat([False, True], 5), 4))
    monkeypatch.setattr(v1, "corpus", lambda: reviews)
    monkeypatch.setattr(settings, "CONFIG", type("Config", (), {"home": tmp_path})())


def says(one: Customer, words: str, days_ago: int = 3, **more: object) -> Feedback:
    at = timezone.make_aware(datetime.combine(TODAY - timedelta(days=days_ago), time(12)))
    number = f"F{Feedback.objects.count()}"
    return Feedback.objects.create(customer=one, source="test", number=number, at=at, content=words, **more)


def test_words_are_judged_once() -> None:
    one = customer()
    bad, good, english, silent = (says(one, text) for text in (BAD[3], GOOD[1], "Very good", ""))
    assert actions.judge(as_of=TODAY) == 3
    found = {said.pk: (said.sentiment, said.topics) for said in Opinion.objects.all()}
    assert found == {
        bad.pk: ("negative", ["service"]), good.pk: ("positive", ["packaging"]), english.pk: ("unjudged", []),
    }  # fmt: skip
    assert silent.pk not in found
    assert actions.judge(as_of=TODAY) == 0
    run = queries.latest(Run.Kind.OPINIONS)
    assert run is not None
    assert (run.method, run.counts["negative"], run.params["own"]) == ("opinions/v1", 1, 0)


def test_corrected_words_are_judged_again_and_deleted_ones_go() -> None:
    one = customer()
    said, other = says(one, BAD[0]), says(one, GOOD[0])
    actions.judge(as_of=TODAY)
    Feedback.objects.filter(pk=said.pk).update(content=GOOD[0])
    connection.cursor().execute("DELETE FROM activity_feedback WHERE id = %s", [other.pk])
    assert actions.judge(as_of=TODAY) == 1
    assert dict(Opinion.objects.values_list("pk", "sentiment")) == {said.pk: "positive"}


def test_the_companys_own_ratings_teach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opining, "OWN_AT_LEAST", 10)
    one = customer()
    for number in range(10):
        says(one, f"巴适得板{'一二三四五六七八九十'[number]}号", rating=5)
        says(one, f"恼火得很{'一二三四五六七八九十'[number]}号", rating=1)
    actions.judge(as_of=TODAY)
    assert queries.latest(Run.Kind.OPINIONS).params["own"] == 20
    counts = queries.latest(Run.Kind.OPINIONS).counts
    assert (counts["positive"], counts["negative"]) == (10, 10)


def test_the_page_shows_what_is_said(client_for, li: User, wang: User, chen: User) -> None:
    mine, other = customer(wang), customer(chen)
    for text in BAD:
        says(mine, text, channel="微信")
    says(other, GOOD[1] + "13812345678", 60)
    actions.judge(as_of=TODAY)
    page = client_for(li).get(URL).page
    assert (page.whole.every, page.whole.counts["negative"], len(page.samples)) == (6, 5, 6)
    assert {row.label for row in page.rows} >= {"服务", "质量"}
    assert client_for(wang).get(URL).page.whole.every == 5
    assert client_for(wang).get(URL).page.against == [], "terms come from everybody's feedback"
    assert client_for(li).get(URL, {"channel": "微信"}).page.whole.every == 5
    assert client_for(li).get(URL, {"period": "30"}).page.whole.every == 5
    narrowed = client_for(li).get(URL, {"topic": "service", "sentiment": "negative"}).page
    assert (len(narrowed.samples), narrowed.whole.every) == (1, 6)
    assert client_for(li).get(URL, {"topic": "x", "sentiment": "x", "period": "x"}).page.whole.every == 6


def test_terms_are_words_and_those_of_english_feedback_follow_its_rating(client_for, li: User) -> None:
    one = customer()
    for _ in range(6):
        says(one, "客服态度差,一改再改")
        says(one, "质量很好,很满意")
        says(one, "Delivery was too slow", rating=1)
        says(one, "Friendly staff", rating=5)
        says(one, "So it is", rating=3)
    actions.judge(as_of=TODAY)
    page = client_for(li).get(URL).page
    assert {"客服", "too slow"} <= set(page.against) and {"很满意", "friendly"} <= set(page.in_favour)
    assert not {"改再", "度差", "一改再改"} & {*page.against, *page.in_favour}


def test_numbers_and_names_are_masked(client_for, li: User, wang: User, zhou: User) -> None:
    one = customer(wang, name="欧阳锋")
    says(one, "质量差,坏了,打我电话 13812345678")
    actions.judge(as_of=TODAY)
    text = client_for(zhou).get(URL).content.decode()
    assert "13812345678" not in text and "欧阳锋" not in text
    response = client_for(li).get(reverse("insight:opinions_export"))
    assert response.status_code == 200
    assert client_for(zhou).get(reverse("insight:opinions_export")).status_code == 403


def test_the_customers_feedback_bears_its_sentiment(client_for, wang: User) -> None:
    one = customer(wang)
    says(one, BAD[3])
    actions.judge(as_of=TODAY)
    text = (
        client_for(wang).get(reverse("customers:customer", args=[one.key]) + "?tab=feedback").content.decode()
    )
    assert "负面" in text and "服务" in text


def test_it_works_empty_and_refuses_others(client_for, li: User) -> None:
    assert "还没有文字反馈" in client_for(li).get(URL).content.decode()
    assert Client().get(URL).status_code == 302
    assert client_for(li).post(URL).status_code == 405
    assert "没有文字反馈" in client_for(li).get(URL, {"channel": "微信"}).content.decode()


def test_it_speaks_english(client_for, li: User) -> None:
    says(customer(), BAD[0])
    actions.judge(as_of=TODAY)
    li.language = "en"
    li.save()
    text = client_for(li).get(URL).content.decode()
    assert "In their words" in text and "<c-" not in text


def test_it_asks_as_often_for_fifty_as_for_one(client_for, li: User) -> None:
    says(customer(), BAD[0])
    actions.judge(as_of=TODAY)
    client = client_for(li)
    client.get(URL)

    def asked() -> int:
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(URL).status_code == 200
        return len(found)

    few = asked()
    for number in range(50):
        says(customer(), (BAD + GOOD)[number % 10], number % 20)
    actions.judge(as_of=TODAY)
    assert asked() == few
