"""The page of trends: live series, the stored forecast, and what is said when there is none."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.shop import TODAY, buys, customer, placed, ran, tiers
from tests.stages.insight.test_pages import behind

from zhike.customers.models import Customer
from zhike.insight import actions
from zhike.insight.models import Run
from zhike.insight.queries.trends import feasts
from zhike.kernel import jobs
from zhike.kernel import lake as kernel_lake
from zhike.kernel import queries as kernel
from zhike.kernel.models import Job, User
from zhike.tiers.models import Placement

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
PAGE = "insight:trends"


def base(manager: User, months: int = 12) -> None:
    """One customer buys every month, one only in December, twice as much."""
    tiers()
    faithful, late = customer(manager), customer(manager)
    buys(faithful, *(30 * place + 1 for place in range(months)), amount="100")
    buys(late, 2, amount="200", channel="线上")
    placed(faithful, "core")
    ran(champions=2)
    kernel_lake.sync()


def test_it_works(client_for, li: User, wang: User) -> None:
    base(wang)
    response = client_for(li).get(reverse(PAGE))
    text, page = response.content.decode(), response.page
    assert response.status_code == 200 and "<c-" not in text
    first = page.rows[0]
    assert (first.label, [value for _label, value in first.figures][1:4]) == ("2017-12", ["2", "2", "1"])
    assert behind(li, first.url) == 2 and "下一次每日更新" in " ".join(page.words)
    assert client_for(li).get(reverse(PAGE) + "?channel=线上").page.rows[0].figures[1][1] == "1"


def test_the_first_month_is_said_to_count_earlier_customers_as_new(client_for, li: User, wang: User) -> None:
    base(wang)
    pages = {of: client_for(li).get(reverse(PAGE) + f"?of={of}").page for of in ("new", "returning", "sales")}
    first = min(row.label for row in pages["new"].rows)
    said = [f"订单自 {first} 起才有记录" in " ".join(pages[of].words) for of in pages]
    assert said == [True, True, False]


def test_a_run_foretells_the_whole_base_only(client_for, li: User, wang: User) -> None:
    base(wang)
    run = actions.trend(as_of=TODAY)
    assert run is not None and len(run.params["of"]["sales"]["ahead"]) == 6
    assert actions.trend(as_of=TODAY + timedelta(days=6)) is None
    page = client_for(li).get(reverse(PAGE)).page
    assert [row[0] for row in page.chart.table.rows][-1] == "2018-06" and len(page.chart.table.columns) == 5
    assert "少于 24 个月" in " ".join(page.words)
    for query in ("?tier=core", "?by=week", "?channel=线上"):
        assert len(client_for(li).get(reverse(PAGE) + query).page.chart.table.columns) == 2
    assert len(client_for(wang).get(reverse(PAGE)).page.chart.table.columns) == 2


def crowd(manager: User, months: int = 12, size: int = 12) -> None:
    """Core customers who buy every month, more and more of it, and one who is none of them."""
    tiers()
    for _ in range(size):
        one = customer(manager)
        for place in range(months):
            buys(one, 30 * place + 1, amount=f"{200 - 10 * place}")
        placed(one, "core")
    buys(customer(), 1, amount="900000")
    ran(champions=size + 1)
    kernel_lake.sync()


def test_a_group_is_foretold_by_a_job_once(client_for, li: User, wang: User) -> None:
    crowd(wang)
    client, where = client_for(li), reverse(PAGE) + "?tier=core"
    page = client.get(where).page
    assert page.asking is not None and page.asking.job is None and len(page.chart.table.columns) == 2
    assert "正在计算" in " ".join(page.words)
    ask = client.post(page.asking.ask_url)
    assert ask.status_code == 303 and "tier=core" in ask["Location"]
    client.post(page.asking.ask_url)
    (job,) = Job.objects.filter(name="insight.foretell")
    assert client.get(where).page.asking.job == job
    assert client.get(page.asking.poll_url, headers={"HX-Request": "true"}).status_code == 200
    jobs.run(job.pk)
    assert client.get(page.asking.poll_url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = client.get(where).page
    assert page.asking is None and [row[0] for row in page.chart.table.rows][-1] == "2018-06"
    assert "今天符合" in " ".join(page.words)
    assert len(client.get(where + "&of=orders").page.chart.table.columns) == 5, (
        "one job foretells every series"
    )
    # The outsider's 900,000 is not in it; the manager's own customers are the same and need no second job.
    assert max(page.chart.table.rows[-1][2:]) != "" and page.words == client.get(where).page.words
    assert len(client_for(wang).get(reverse(PAGE)).page.chart.table.columns) == 5


def test_a_region_is_a_group_too(client_for, li: User, wang: User) -> None:
    crowd(wang)
    Customer.objects.filter(manager=wang).update(values={"region": "310115"})
    kernel_lake.sync()
    page = client_for(li).get(reverse(PAGE) + "?region=310000").page
    assert page.asking is not None and page.rows[0].figures[1][1] == "12"
    assert client_for(li).get(reverse(PAGE) + "?region=440000").page.rows == []


def test_new_orders_are_a_new_question(client_for, li: User, wang: User) -> None:
    crowd(wang)
    where = reverse(PAGE) + "?tier=core"
    client_for(li).post(client_for(li).get(where).page.asking.ask_url)
    jobs.run(Job.objects.get(name="insight.foretell").pk)
    assert client_for(li).get(where).page.asking is None
    buys(Placement.objects.earliest("pk").customer, 40)
    kernel_lake.sync()
    assert client_for(li).get(where).page.asking is not None


def test_too_little_for_a_group_is_said(client_for, li: User, wang: User) -> None:
    crowd(wang, size=9)
    page = client_for(li).get(reverse(PAGE) + "?tier=core").page
    assert page.asking is None and "9 位" in " ".join(page.words) and "10 位" in " ".join(page.words)
    assert client_for(li).post(reverse("insight:trends_foretell") + "?tier=core").status_code == 303
    assert not Job.objects.filter(name="insight.foretell").exists()


def test_too_few_months_of_a_group_are_said(client_for, li: User, wang: User) -> None:
    crowd(wang, months=5)
    assert "8 个月" in " ".join(client_for(li).get(reverse(PAGE) + "?tier=core").page.words)


def test_a_failed_forecast_can_be_tried_again(client_for, li: User, wang: User, monkeypatch) -> None:
    crowd(wang)
    where = reverse(PAGE) + "?tier=core"
    client_for(li).post(client_for(li).get(where).page.asking.ask_url)
    Job.objects.update(state="failed")
    page = client_for(li).get(where)
    assert page.page.asking.refusal is not None and "再试一次" in page.content.decode()
    assert "load, submit" not in page.content.decode(), "a broken job is not started again and again"


def test_progress_of_nothing_is_not_found(client_for, li: User) -> None:
    assert client_for(li).get(reverse("insight:asking", args=["foretell", "x"])).status_code == 404
    assert client_for(li).get(reverse("insight:asking", args=["daily", "x"])).status_code == 404


def test_too_short_is_said(client_for, li: User, wang: User) -> None:
    base(wang, 3)
    actions.trend(as_of=TODAY)
    assert "8 个月" in " ".join(client_for(li).get(reverse(PAGE)).page.words)


def test_what_stands_out_is_told_with_what_was_expected(client_for, li: User, wang: User) -> None:
    base(wang)
    actions.trend(as_of=TODAY)
    run = Run.objects.get(kind=Run.Kind.TREND)
    run.params["of"]["sales"] |= {"odd": [run.params["months"].index("2017-11-01")]}
    run.save()
    rows: dict[str, Any] = {row.label: row for row in client_for(li).get(reverse(PAGE)).page.rows}
    assert "双十一" in rows["2017-11"].odd and rows["2017-10"].odd == ""


def test_the_spring_festival_is_where_the_moon_says() -> None:
    assert "2017-01-28" in feasts(date(2017, 1, 1))[0].zh
    assert feasts(date(2017, 2, 1))[0].zh == "上一年春节在此月" and feasts(date(2017, 3, 1)) == []


def test_it_works_empty(client_for, li: User) -> None:
    assert "还没有人购买" in client_for(li).get(reverse(PAGE)).content.decode()


def test_it_refuses_others(client_for, chen: User, wang: User) -> None:
    assert Client().get(reverse(PAGE)).status_code == 302
    base(wang)
    assert client_for(chen).get(reverse(PAGE)).page.rows == []


def test_it_survives_nonsense(client_for, li: User, wang: User) -> None:
    base(wang)
    assert client_for(li).get(reverse(PAGE) + "?of=x&by=x&channel='--&tier=x").status_code == 200
    assert behind(li, "?bought_in=2017-13") == behind(li, "?bought_in='") == 0


def test_it_asks_as_often_for_more(client_for, li: User, wang: User) -> None:
    base(wang)
    client = client_for(li)

    def asked() -> int:
        client.get(reverse(PAGE))
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(PAGE)).status_code == 200
        return len(found)

    few = asked()
    for number in range(50):
        buys(customer(wang), number * 5, channel=f"渠道{number}")
    kernel_lake.sync()
    assert asked() == few
