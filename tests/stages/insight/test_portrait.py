"""Portraits of a customer and of groups: what they say, to whom, and that it agrees with plain counting."""

from datetime import UTC
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.shop import TODAY, buys, customer, line, placed, ran, scored, tiers
from tests.stages.insight.test_pages import behind

from zhike.customers.models import Customer
from zhike.insight import answering, likeness_words
from zhike.insight.models import Answer
from zhike.insight.pages import portrait as pages
from zhike.insight.queries.likeness import likeness
from zhike.insight.queries.portraits import portrait
from zhike.kernel import jobs
from zhike.kernel import lake as kernel_lake
from zhike.kernel import queries as kernel
from zhike.kernel.models import Job, User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
GROUP = "insight:portrait"


def base(manager: User, size: int = 40) -> list[Customer]:
    """Half are core women who buy tea in the shop for much; the others are men who buy wine online for little."""
    tiers()
    made = []
    for number in range(size):
        good = number % 2 == 0
        one = customer(manager, gender="female" if good else "male", preferences=["food"] if good else [])
        orders = buys(one, 3 + number, 200, amount="90" if good else "10", channel="门店" if good else "线上")
        line(orders[0], "茶" if good else "酒")
        scored(
            one,
            "champions" if good else "dormant",
            spend="180" if good else "20",
            orders=2,
            spend_12m=180 + number if good else 20 + number,
            discount_share=0.1,
        )
        placed(one, "core" if good else "ordinary")
        made.append(one)
    ran(champions=size // 2, dormant=size // 2)
    kernel_lake.sync()
    return made


def test_a_group_is_set_apart_by_what_was_planted(li: User, wang: User, client_for) -> None:
    mine = base(wang)
    found = portrait(li, Customer.objects.filter(pk__in=[one.pk for one in mine[::2]]), ["tier"])
    assert found is not None and (found.customers, found.everybody) == (20, 40)
    assert (found.spend, found.all_spend) == (3600, 4000)
    said = {(one.named.key, one.named.value): one.seen for one in found.leanings}
    wanted = [("field.gender", "female"), ("rfm", "champions"), ("channel", "门店"), ("category", "茶")]
    assert {*wanted} <= {*said} and ("tier", "core") not in said
    assert all(
        (one.both, one.group, one.trait, one.whole) == (20, 20, 20, 40)
        for one in (said[key] for key in wanted)
    )
    spent = next(one for one in found.middles if one.metric == "spend_12m")
    # The 20 of the group have 180, 182, … 218; the middle one 198 (the tenth); all others are below.
    assert (spent.here, spent.overall) == (198, 59) and spent.position == pytest.approx((20 + 9.5) / 40)
    for row in client_for(li).get(reverse(GROUP) + "?tier=core").page.leanings:
        assert behind(li, row.url) == row.one.seen.both


def test_a_large_base_is_drawn_by_a_job(client_for, li: User, wang: User, monkeypatch) -> None:
    base(wang)
    where = reverse(GROUP) + "?tier=core"
    at_once = client_for(li).get(where).page
    monkeypatch.setattr(pages, "LIVE", 10)
    waiting = client_for(li).get(where)
    assert waiting.page.portrait is None and waiting.page.asking is not None
    assert "画像" in waiting.content.decode() and "load, submit" in waiting.content.decode()
    assert client_for(li).post(waiting.page.asking.ask_url)["Location"] == where
    job = Job.objects.get(name="insight.portrait")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"customers": 20})
    drawn = client_for(li).get(where).page
    assert (drawn.asking, drawn.portrait, drawn.words) == (None, at_once.portrait, at_once.words)
    assert client_for(wang).get(where).page.asking is not None, "an answer is for whoever asked"
    assert client_for(li).get(reverse(GROUP)).page.asking is not None


def test_answers_do_not_pile_up(monkeypatch) -> None:
    monkeypatch.setattr(answering, "KEPT", 2)
    for number in range(4):
        answering.keep("portrait", f"{number}", {"number": number})
    answering.keep("portrait", "3", {"number": 33})
    assert sorted(Answer.objects.values_list("told__number", flat=True)) == [2, 33]


def test_it_works(client_for, li: User, wang: User) -> None:
    base(wang)
    response = client_for(li).get(reverse(GROUP) + "?tier=core")
    text = response.content.decode()
    assert "画像:核心会员" in text and "<c-" not in text
    assert "其中 100% 最常通过「门店」购买,为全体的 2 倍。" in text
    assert "近12个月消费额的中位数为" in text
    assert BeautifulSoup(text, "html.parser").select_one("[data-chart]") is not None
    whole = client_for(li).get(reverse(GROUP))
    assert "全体客户画像" in whole.content.decode() and whole.page.words == []


def test_it_works_empty(client_for, li: User, wang: User) -> None:
    assert "尚无画像" in client_for(li).get(reverse(GROUP)).content.decode()
    base(wang, 4)
    assert "客户太少" in client_for(li).get(reverse(GROUP) + "?tier=core").content.decode()
    assert "没有符合的客户" in client_for(li).get(reverse(GROUP) + "?tier=risk").content.decode()


def test_only_customers_within_the_scope_count(client_for, wang: User, chen: User) -> None:
    base(wang)
    page = client_for(chen).get(reverse(GROUP) + "?tier=core").page
    assert page.portrait.everybody == 0
    assert client_for(wang).get(reverse(GROUP) + "?tier=core").page.portrait.everybody == 40


def test_it_refuses_others() -> None:
    assert Client().get(reverse(GROUP)).status_code == 302


def test_it_speaks_english(client_for, li: User, wang: User) -> None:
    base(wang)
    li.language = "en"
    li.save()
    text = client_for(li).get(reverse(GROUP) + "?tier=core").content.decode()
    assert (
        "100% of them buy mostly through “门店”, 2 times the share among all." in text and "其中" not in text
    )


def test_nonsense_narrows_to_nobody(client_for, li: User, wang: User) -> None:
    base(wang, 4)
    url = reverse(GROUP) + "?tier=nonsense&rfm='--"
    assert "未作筛选:层级、RFM 类别。" in client_for(li).get(url).content.decode()
    User.objects.filter(pk=li.pk).update(language="en")
    assert "left out: Tier, RFM class." in client_for(li).get(url).content.decode()


def test_a_customer_has_words_and_pictures(client_for, wang: User) -> None:
    one = base(wang)[0]
    response = client_for(wang).get(reverse("insight:likeness", args=[one.key]))
    text = response.content.decode()
    assert response.status_code == 200 and "<c-" not in text
    assert "最常通过「门店」购买(100%)" in text and "在「茶」上花得最多(100%)" in text
    assert "与「核心会员」层级相比" in text
    drawn = response.page.drawn
    assert sum(row[1] for row in drawn.weekdays.table.rows) == 2
    assert drawn.found.peers == 20
    spent = next(one for one in drawn.found.places if one.metric == "spend_12m")
    assert (spent.own, spent.median) == (180, 198) and spent.position == pytest.approx(0.5 / 20)
    assert any("低于「核心会员」层级中 98% 的客户" in one.zh for one in drawn.words)


def test_days_and_hours_are_those_of_the_shop(wang: User) -> None:
    from datetime import datetime

    one = base(wang, 2)[0]
    # 23:30 UTC on a Saturday is Sunday half past seven in Shanghai.
    order = buys(one, 8)[0]
    type(order).objects.filter(pk=order.pk).update(placed_at=datetime(2017, 12, 23, 23, 30, tzinfo=UTC))
    found = likeness(wang, one)
    assert found is not None and found.weekdays[6] == 1 and found.parts[0] == 1
    assert [months for months in found.months if months[1]][-1][0].isoformat() == "2017-12-01"


def test_the_name_is_masked_for_who_may_not_see_it(client_for, zhou: User, wang: User) -> None:
    one = base(wang, 2)[0]
    text = client_for(zhou).get(reverse("insight:likeness", args=[one.key])).content.decode()
    assert "张三丰" not in text and "张" in text


def test_a_customer_of_another_is_not_found(client_for, chen: User, wang: User) -> None:
    one = base(wang, 2)[0]
    assert client_for(chen).get(reverse("insight:likeness", args=[one.key])).status_code == 404
    assert Client().get(reverse("insight:likeness", args=[one.key])).status_code == 302


def test_who_never_bought_or_was_never_scored_has_little_to_tell(client_for, wang: User) -> None:
    base(wang, 2)
    unknown, idle = customer(wang), customer(wang)
    scored(idle, "dormant", spend="0", orders=1)
    from zhike.insight.models import Score

    Score.objects.filter(customer=idle).update(orders=0, last_purchase_on=None)
    client = client_for(wang)
    assert "尚无画像" in client.get(reverse("insight:likeness", args=[unknown.key])).content.decode()
    assert "还没有购买过。" in client.get(reverse("insight:likeness", args=[idle.key])).content.decode()


def test_the_tab_shows_the_same(client_for, wang: User) -> None:
    one = base(wang)[0]
    text = (
        client_for(wang).get(reverse("customers:customer", args=[one.key]) + "?tab=portrait").content.decode()
    )
    assert "最常通过「门店」购买(100%)" in text and reverse("insight:likeness", args=[one.key]) in text


@pytest.mark.parametrize("whose", ["group", "customer"])
def test_it_asks_as_often_for_fifty_as_for_few(whose: str, client_for, li: User, wang: User) -> None:
    one = base(wang, 12)[0]
    url = reverse(GROUP) + "?tier=core" if whose == "group" else reverse("insight:likeness", args=[one.key])
    client = client_for(li)

    def asked() -> int:
        client.get(url)
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    few = asked()
    for _ in range(50):
        buys(one, 4)
        placed(scored(customer(wang, gender="female")).customer, "core")
    assert asked() == few


def test_sentences_keep_to_what_is_known(wang: User) -> None:
    one = base(wang)[1]
    found: Any = likeness(wang, one)
    said = " ".join(words.en for words in likeness_words.of_customer(found))
    assert "None" not in said and "buys mostly through “线上”" in said.replace("Buys", "buys")
    assert found.as_of == TODAY
