"""The pages of the insight stage, asked the same questions as every page."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.shop import TODAY, buys, customer, line, ran, scored

from zhike.blueprint import queries as blueprints
from zhike.core import charts
from zhike.customers import listing
from zhike.customers import queries as customers
from zhike.insight import queries
from zhike.insight.dimensions import dimensions
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.pages.tabs import Tab, tabs
from zhike.insight.templatetags.rooms import rooms
from zhike.kernel import jobs, lake
from zhike.kernel import queries as kernel
from zhike.kernel.models import Job, User

pytestmark = [pytest.mark.usefixtures("retail", "today")]
PAGES = ["insight:rfm", "insight:distributions", "insight:cohorts", "insight:metrics"]


@pytest.fixture
def base(wang: User, chen: User) -> None:
    """Three customers of 王, one of 陈, one of nobody; one came in after the run."""
    for rfm, spend in (("champions", "900.50"), ("champions", "100.25"), ("dormant", "10.00")):
        scored(customer(wang, gender="female", region="320500"), rfm, spend=spend)
    scored(customer(chen, gender="male", region="110105"), "cannot_lose", spend="500.00")
    customer(None)
    ran(champions=2, dormant=1, cannot_lose=1)


def behind(user: User, url: str) -> int:
    """How many customers the list shows where a number leads."""
    asked = listing.Wanted.read(_query(url), user)
    return listing.narrowed(user, asked, listing.filters(user, customers.fields())).count()


def _query(url: str):
    from django.http import QueryDict

    return QueryDict(urlparse(url).query)


@pytest.mark.parametrize("page", PAGES)
def test_it_works(page: str, client_for, li: User, base: None) -> None:
    response = client_for(li).get(reverse(page))
    assert response.status_code == 200
    assert "<c-" not in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_it_works_empty(page: str, client_for, li: User) -> None:
    assert client_for(li).get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_it_speaks_english(page: str, client_for, li: User, base: None) -> None:
    li.language = "en"
    li.save()
    assert "Structure" in client_for(li).get(reverse(page)).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_it_refuses_others(page: str) -> None:
    assert Client().get(reverse(page)).status_code == 302


def test_only_those_with_the_right_recompute(client_for, wang: User, li: User, monkeypatch) -> None:
    monkeypatch.setitem(
        jobs._definitions, "loop.daily", jobs.Definition("loop.daily", "bulk", lambda run: None)
    )
    assert client_for(wang).post(reverse("insight:recompute")).status_code == 403
    assert client_for(li).post(reverse("insight:recompute")).status_code == 303
    assert Job.objects.get().name == "loop.daily"
    assert client_for(li).get(reverse("insight:recompute")).status_code == 405


def test_classes_and_those_not_computed_sum_to_the_customers(
    client_for, li: User, wang: User, base: None
) -> None:
    for user, everybody in ((li, 5), (wang, 3)):
        page = client_for(user).get(reverse("insight:rfm")).page
        assert page.customers + page.unscored == everybody
        assert len(page.rows) == len(RFM_CLASSES)
        assert [behind(user, row.url) for row in page.rows] == [row.customers for row in page.rows]
        assert behind(user, page.unscored_url) == page.unscored


def test_an_account_manager_sees_own_figures_and_no_run_of_the_whole_base(
    client_for, wang: User, base: None
) -> None:
    response = client_for(wang).get(reverse("insight:rfm"))
    assert {row.rfm.key: row.customers for row in response.page.rows}["cannot_lose"] == 0
    assert response.page.runs == [] and response.page.history is None
    run = queries.latest()
    assert client_for(wang).get(reverse("insight:run", args=[run.key])).status_code == 404


def test_a_run_shows_its_method_and_counts(client_for, li: User, base: None) -> None:
    run = queries.latest()
    text = client_for(li).get(reverse("insight:run", args=[run.key])).content.decode()
    assert "rfm/v1" in text and "151.62" in text


@pytest.mark.parametrize(
    "key", ["gender", "region", "spend", "orders_12m", "recency_days", "interactions_90d"]
)
def test_every_bar_leads_to_its_customers(key: str, li: User, wang: User, base: None) -> None:
    chosen = next(one for one in dimensions(blueprints.current()) if one.key == key)
    for user in (li, wang):
        found = queries.distribution(user, chosen)
        assert found.buckets
        for bucket in found.buckets:
            assert behind(user, bucket.url) == bucket.customers, bucket


def test_metrics_that_do_not_exist_are_not_found(client_for, li: User) -> None:
    assert client_for(li).get(reverse("insight:metric", args=["wishes"])).status_code == 404
    assert client_for(li).get(reverse("insight:distributions") + "?by=wishes").status_code == 404


def test_part_is_in_whole(client_for, li: User, base: None) -> None:
    url = reverse("insight:distributions") + "?by=gender"
    whole = client_for(li).get(url).content.decode()
    response = client_for(li).get(url, headers={"HX-Request": "true"})
    assert response.content.decode().strip() in whole
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("page", PAGES)
def test_it_asks_as_often_for_fifty_as_for_one(page: str, client_for, li: User) -> None:
    ran(champions=1)
    ran(champions=1, as_of=TODAY - timedelta(days=1))
    scored(customer(gender="female"))
    client = client_for(li)
    client.get(reverse(page))

    def asked() -> int:
        kernel.forget_installation()  # remembered for some seconds only
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(page)).status_code == 200
        return len(found)

    one = asked()
    for number in range(50):
        scored(customer(gender=f"g{number}"), list(RFM_CLASSES)[number % 8], spend=f"{number * 99}.10")
    assert asked() == one


def test_it_shows_no_names(client_for, zhou: User, base: None) -> None:
    for page in PAGES:
        assert "张三丰" not in client_for(zhou).get(reverse(page)).content.decode()


@pytest.mark.usefixtures("lake")
def test_facts_are_counted_within_the_scope(li: User, wang: User, chen: User) -> None:
    mine, other = customer(wang), customer(chen)
    line(buys(mine, 5, channel="线上")[0], "乳品")
    line(buys(other, 5, channel="门店")[0], "乳品")
    lake.sync()
    ran(champions=2)
    for key, everybody, own in (
        ("bought_category", {"乳品": 2}, {"乳品": 1}),
        ("bought_through", {"线上": 1, "门店": 1}, {"线上": 1}),
    ):
        chosen = next(one for one in dimensions(blueprints.current()) if one.key == key)
        for user, expected in ((li, everybody), (wang, own)):
            found = queries.distribution(user, chosen)
            assert {bucket.label: bucket.customers for bucket in found.buckets} == expected
            assert all(behind(user, bucket.url) == bucket.customers for bucket in found.buckets)


def test_a_filter_says_what_its_value_means(li: User, base: None) -> None:
    known = listing.filters(li, customers.fields())
    assert "¥ 500 – ¥ 1,000" in known["metric"].words("spend~500~1000")
    assert "31–60 天" in known["metric"].words("recency_days~31~61")
    assert "31–60 天前" in known["metric"].words("last_purchase_on~31~61")
    assert "≥ 366 天" in known["metric"].words("recency_days~366~")
    assert "2–3" in known["metric"].words("orders_12m~2~4")
    assert "从未购买" in known["metric"].words("recency_days~none~")
    assert parse_qs("metric=spend~500~1000")["metric"] == ["spend~500~1000"]
    assert behind(li, "?metric=spend~abc~") == 0
    assert behind(li, "?metric=nothing~1~2") == 0


def test_a_class_has_one_colour_in_charts_and_lists() -> None:
    css = (Path(charts.__file__).parents[1] / "desk/static/desk/zhike.css").read_text()
    for one in RFM_CLASSES.values():
        assert f".rfm-{one.key} {{ --c: {one.color}; }}" in css, one.key


@pytest.mark.usefixtures("lake")
def test_cohorts_are_counted_within_the_scope_and_lead_to_their_customers(
    client_for, li: User, wang: User, chen: User
) -> None:
    mine, other = customer(wang), customer(chen)
    for one, first in ((mine, "2017-11-11"), (other, "2017-11-30")):
        scored(one, first_purchase_on=first)
    buys(mine, 50, 5, amount="80.00")
    buys(other, 31, amount="20.00")
    lake.sync()
    ran(champions=2)
    for user, number, value, back in ((li, 2, "90.00", "0.5000"), (wang, 1, "160.00", "1.0000")):
        answer = client_for(user).get(reverse("insight:cohorts"))
        (row,) = answer.page.rows
        assert "订单自 2017-11 起才有记录" in answer.content.decode()
        assert (row.month, row.customers, f"{row.value}", f"{row.back[0][1]}") == (
            "2017-11",
            number,
            value,
            back,
        )
        assert behind(user, row.url) == number


def test_every_page_stands_in_one_room_and_shows_where_it_is(client_for, li: User) -> None:
    answer = client_for(li).get(reverse("insight:cohorts"))
    shown = BeautifulSoup(answer.content, "html.parser").select_one("nav:has(.zk-rooms)")
    assert shown.select_one("[aria-current]").get_text() == "走势"
    found = rooms([*tabs(), Tab("novel", "N", "/novel/")], "value")
    keys = [tab.key for room in found for tab in room.tabs]
    assert sorted(keys) == sorted({*keys}) and {*keys} == {"novel", *(tab.key for tab in tabs())}
    assert [bool(room.active) for room in found].count(True) == 1


@pytest.mark.usefixtures("lake")
def test_cohorts_of_some_customers_lead_to_just_those(client_for, li: User, wang: User) -> None:
    loyal, gone = customer(wang), customer(wang)
    scored(loyal, first_purchase_on="2017-11-11")
    scored(gone, rfm_class="dormant", first_purchase_on="2017-11-11")
    for one in (loyal, gone):
        buys(one, 50, amount="80.00")
    lake.sync()
    ran(champions=2)
    url = reverse("insight:cohorts")
    page = client_for(li).get(f"{url}?rfm=dormant&nonsense=1").page
    (row,) = page.rows
    assert (row.customers, page.whom.chosen) == (1, {"rfm": "dormant"})
    assert behind(li, row.url) == 1 and "rfm=dormant" in row.url
    (row,) = client_for(li).get(url).page.rows
    assert behind(li, row.url) == row.customers == 2
    assert "选择其他客户" in client_for(li).get(f"{url}?rfm=newcomers").content.decode()
