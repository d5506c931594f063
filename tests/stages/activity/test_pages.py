"""The pages and panels of the activity stage answer the same questions as every page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.chunks import chunk, source, take, the
from tests.stages.activity.test_absorb import TYPES

from zhike.activity import actions, queries
from zhike.activity.api import _interaction
from zhike.activity.listing import Wanted
from zhike.activity.models import Feedback, Interaction, Order, Product
from zhike.activity.pages.listing import _SHEETS
from zhike.customers import actions as customers
from zhike.customers.models import Customer
from zhike.kernel.models import User

pytestmark = pytest.mark.usefixtures("retail")
LISTS = ("orders", "interactions", "feedback", "products")
HTMX = {"HTTP_HX_REQUEST": "true"}


def buy(count: int, customer: str = "C1") -> None:
    start = datetime(2024, 3, 5, 4, tzinfo=UTC)
    rows = [
        {
            "number": f"{customer}-{n:03d}", "customer_code": customer, "placed_at": start + timedelta(hours=n),
            "product_code": f"P{n}", "product_name": f"商品{n}", "amount": Decimal("10.10"), "row_key": f"{n}-1",
        }
        for n in range(count)
    ]  # fmt: skip
    actions.absorb("orders", chunk(rows, TYPES), source=source("shop"), by=None)


@pytest.fixture
def zhang(retail: object, wang: User) -> Customer:
    take({"code": "C1", "name": "张三丰"}, {"code": "C2", "name": "李四"})
    customers.assign(customers=[the("C1").pk], manager=wang, by=None)
    actions.record_interaction(customer=the("C1"), channel="电话", content="住院三天", by=wang)
    actions.add_feedback(customer=the("C1"), rating=Decimal("4.5"), content="很满意", by=wang)
    buy(2)
    return the("C1")


def soup(response: HttpResponse) -> BeautifulSoup:
    text = response.content.decode()
    assert "<c-" not in text
    return BeautifulSoup(text, "html.parser")


def test_it_works(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    order = reverse("activity:order", args=[Order.objects.first().key])
    for url in (
        *(reverse(f"activity:{name}") for name in LISTS),
        order,
        "/activity/orders/?q=zsf&channel=x&since=2024-01-01",
    ):
        response = client.get(url)
        assert response.status_code == 200, url
        soup(response)
    for tab in ("", "?tab=orders", "?tab=feedback"):
        soup(client.get(f"/customers/{zhang.key}/{tab}"))
    for kind in LISTS[:3]:
        assert client.get(reverse("activity:export", args=[kind])).status_code == 200


def test_it_works_empty(retail: object, li: User, client_for: type[Client]) -> None:
    take({"code": "C1", "name": "张三丰"})
    for name in LISTS:
        assert soup(client_for(li).get(reverse(f"activity:{name}"))).select_one(".zk-empty")
    for tab in ("", "?tab=orders", "?tab=feedback"):
        assert client_for(li).get(f"/customers/{the('C1').key}/{tab}").status_code == 200


def test_it_refuses_others(zhang: Customer, chen: User, zhou: User, client_for: type[Client]) -> None:
    theirs = client_for(chen)
    assert theirs.get(reverse("activity:order", args=[Order.objects.first().key])).status_code == 404
    assert (
        theirs.post(reverse("activity:record_interaction", args=[zhang.key]), {"channel": "电话"}).status_code
        == 404
    )
    for name in LISTS[:3]:
        # The words only: a token in the page may hold any two characters.
        assert "C1" not in soup(theirs.get(reverse(f"activity:{name}"))).find("main").get_text()
    watching = client_for(zhou)
    assert (
        watching.post(
            reverse("activity:record_interaction", args=[zhang.key]), {"channel": "电话"}
        ).status_code
        == 403
    )
    assert watching.get(reverse("activity:export", args=["orders"])).status_code == 403
    assert queries.orders(chen).count() == 0 and queries.orders(zhou).count() == 2


def test_it_hides_masked_fields(zhang: Customer, zhou: User, wang: User, client_for: type[Client]) -> None:
    for url in (
        f"/customers/{zhang.key}/",
        "/activity/interactions/",
        f"/customers/{zhang.key}/?tab=feedback",
        "/activity/feedback/",
    ):
        hidden, shown = (client_for(person).get(url).content.decode() for person in (zhou, wang))
        said = "住院三天" if "feedback" not in url else "很满意"
        assert said not in hidden and "张三丰" not in hidden and "****" in hidden
        assert said in shown


def test_numbers_in_words_leave_the_house_masked(zhang: Customer, wang: User, zhou: User) -> None:
    said = "请打 13911112222,身份证 11010519491231002X"
    spoken = actions.record_interaction(customer=zhang, channel="电话", content=said, by=wang)
    assert queries.words_for(wang, said) == said and queries.words_for(zhou, said) == "****"
    taken = [
        *_SHEETS["interactions"](SimpleNamespace(user=wang), Wanted())[1],
        _interaction(wang, spoken),
    ]
    assert (
        "139****2222" in str(taken)
        and "13911112222" not in str(taken)
        and "11010519491231002X" not in str(taken)
    )


def test_part_is_in_whole(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    for name in LISTS:
        url = reverse(f"activity:{name}")
        whole, part = client.get(url), client.get(url, **HTMX)
        assert part.content.decode().strip() in whole.content.decode() and "HX-Request" in part["Vary"]


def test_recording_takes_two_clicks(zhang: Customer, wang: User, client_for: type[Client]) -> None:
    client = client_for(wang)
    page = soup(client.get(f"/customers/{zhang.key}/"))
    assert page.select_one("[data-open=record-interaction]")
    form = page.select_one("#record-interaction form")
    response = client.post(form["action"], {"channel": form.select_one("button[name=channel]")["value"]})
    assert response.status_code == 303 and response["Location"] == f"/customers/{zhang.key}/"
    newest = Interaction.objects.order_by("-pk").first()
    assert newest and (newest.by, newest.direction, newest.customer) == (wang, "out", zhang)


def test_it_explains_bad_input(zhang: Customer, wang: User, client_for: type[Client]) -> None:
    client = client_for(wang)
    assert (
        client.post(reverse("activity:record_interaction", args=[zhang.key]), {"channel": ""}).status_code
        == 422
    )
    empty = client.post(reverse("activity:add_feedback", args=[zhang.key]), {})
    assert empty.status_code == 422 and soup(empty).select_one(".alert-danger")
    assert (
        client.post(reverse("activity:add_feedback", args=[zhang.key]), {"rating": "11"}).status_code == 422
    )
    assert client.post(reverse("activity:add_feedback", args=[zhang.key]), {"rating": "3"}).status_code == 303
    assert Feedback.objects.count() == 2


def test_the_record_shows_spend_to_the_cent(zhang: Customer, li: User, client_for: type[Client]) -> None:
    page = soup(client_for(li).get(f"/customers/{zhang.key}/"))
    assert page.select_one("[data-spend]")["data-spend"] == "20.20"
    assert "商品1" in page.text


@pytest.mark.parametrize("url", ["/activity/orders/", "/customers/{key}/", "/customers/{key}/?tab=orders"])
def test_it_asks_as_often_for_fifty_as_for_one(
    zhang: Customer, li: User, client_for: type[Client], url: str
) -> None:
    client, at = client_for(li), url.format(key=zhang.key)
    client.get(at)
    with CaptureQueriesContext(connection) as few:
        client.get(at)
    buy(50)
    with CaptureQueriesContext(connection) as many:
        client.get(at)
    assert len(few) == len(many)


def test_a_day_of_shopping_is_one_moment(zhang: Customer, li: User, client_for: type[Client]) -> None:
    told = soup(client_for(li).get(f"/customers/{zhang.key}/")).select(".cu-moments .list-group-item")
    [shopping] = [one.get_text(" ", strip=True) for one in told if "次购买" in one.get_text()]
    assert shopping.startswith("2 次购买 商品1、商品0 · 2024-03-05 13:00") and shopping.endswith("20.20")
    assert any("住院三天" in one.get_text() for one in told)


def test_earlier_moments_follow_without_gap_or_double(
    zhang: Customer, li: User, chen: User, client_for: type[Client]
) -> None:
    for n in range(45):
        at = datetime(2023, 1, 1, 4, tzinfo=UTC) + timedelta(days=n // 2)
        actions.record_interaction(customer=zhang, channel=f"渠道{n:02d}", content="", by=li, at=at)
    client, seen = client_for(li), []
    page = soup(client.get(f"/customers/{zhang.key}/"))
    while True:
        seen += [one.get_text() for one in page.select(".cu-moments b")]
        more = page.find("a", string="更早的记录")
        if more is None:
            break
        assert len(seen) >= 20
        page = soup(client.get(more["hx-get"], **HTMX))
        assert page.html is None
    assert sorted(one for one in seen if "渠道" in one) == [f"渠道{n:02d}" for n in range(45)]
    earlier = reverse("customers:earlier", args=[zhang.key])
    assert client.get(f"{earlier}?before=nonsense").status_code == 200
    assert client_for(chen).get(earlier).status_code == 404


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("MEAT: BEEF BULK", "Meat: beef bulk"),
        ("USB", "USB"),
        ("T恤 XL", "T恤 XL"),
        ("Ginger Tea", "Ginger Tea"),
    ],
)
def test_products_do_not_shout(name: str, shown: str) -> None:
    assert Product(code="1", name=name).shown == shown
