"""Recommendations: from order lines to each customer's next purchases, who is left out, and the pages that tell of them."""

import random
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.shop import TODAY, customer

from zhike.activity import actions as activity
from zhike.activity.models import Order, OrderLine, Product
from zhike.customers import actions as customers
from zhike.customers import moving
from zhike.customers.models import Customer, Objection
from zhike.insight import actions, queries
from zhike.insight.models import Item, Recommendation, Run
from zhike.kernel import lake
from zhike.kernel import queries as kernel
from zhike.kernel.models import AuditEntry, User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
URL = "/insight/recommendations/"
TEA, COFFEE = ("绿茶", "红茶", "茶壶", "茶杯"), ("咖啡豆", "滤纸", "手冲壶", "奶泡器")


def sells(one: Customer, name: str, *days_ago: int) -> None:
    """The customer bought a product of a name so many days ago."""
    _sold([(one, name, days) for days in days_ago])


def _sold(rows: list[tuple[Customer, str, int]]) -> None:
    for name in {name for _, name, _ in rows}:
        Product.objects.get_or_create(
            code=f"P-{name}", defaults={"name": name, "category": "饮品", "source": "test"}
        )
    products = {one.name: one for one in Product.objects.all()}
    numbers = count(Order.objects.count() + 1)
    noon = timezone.make_aware(datetime.combine(TODAY, time(12)))
    orders = [
        Order(
            customer=one,
            source="sold",
            number=f"S{next(numbers)}",
            placed_at=noon - timedelta(days=days),
            amount=10,
        )
        for one, _, days in rows
    ]
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, product=products[name], position="1", quantity=1, amount=10)
        for order, (_, name, _) in zip(orders, rows, strict=True)
    )


def shop(manager: User | None = None, number: int = 60) -> list[Customer]:
    """Half of the customers drink tea, half drink coffee."""
    draw = random.Random(3)
    found = [customer(manager) for _ in range(number)]
    _sold(
        [
            (one, draw.choice((TEA, COFFEE)[place % 2]), draw.randrange(1, 360))
            for place, one in enumerate(found)
            for _ in range(8)
        ]
    )
    return found


def told(as_of: date = TODAY) -> Any:
    lake.sync()
    return actions.recommend(as_of=as_of)


def test_everybody_who_bought_is_told_of_again_and_new() -> None:
    found, never = shop(), customer()
    receipt = told()
    assert receipt.customers == receipt.written == len(found) == Recommendation.objects.count()
    assert not Recommendation.objects.filter(pk=never.pk).exists()
    run = queries.latest(Run.Kind.RECOMMEND)
    assert run is not None
    assert (run.method, run.params["grain"], run.params["items"]) == ("recommend/v1", "product", 8)
    names = {one.pk: one.label for one in Item.objects.all()}
    for one in found:
        bought = set(OrderLine.objects.filter(order__customer=one).values_list("product__name", flat=True))
        card = queries.recommended_to(one.pk)
        assert {one.item.label for one in card.again} == {
            names[key] for key in Recommendation.objects.get(pk=one.pk).again
        }
        assert {row.item.label for row in card.again} <= bought
        assert not {row.item.label for row in card.fresh} & bought
        assert len(card.again) == min(5, len(bought))


def test_the_reason_tells_the_rhythm() -> None:
    one = customer()
    sells(one, "大米", 44, 30, 16)
    sells(one, "盐", 3)
    told()
    reasons = {row.item.label: row.reason for row in queries.recommended_to(one.pk).again}
    assert reasons["大米"].zh == "平均每 14 天买一次(共 3 次),已过 16 天"
    assert reasons["盐"].en == "Bought once, the last 3 days ago"


def test_it_is_told_once_a_week_and_writes_only_changes() -> None:
    shop()
    assert told().written == 60
    assert told().written == 0
    assert Run.objects.filter(kind="recommend").count() == 1
    assert told(TODAY + timedelta(days=6)).as_of == TODAY
    later = told(TODAY + timedelta(days=7))
    assert (later.as_of, later.customers) == (TODAY + timedelta(days=7), 60)
    assert later.written < 60
    assert Run.objects.filter(kind="recommend").count() == 2


def test_whoever_objects_is_left_out_at_once_and_told_so(client_for, li: User) -> None:
    found = shop()
    told()
    one = found[0]
    customers.object_to_profile(customer=one, objects=True, by=li)
    card = queries.recommended_to(one.pk)
    assert (card.objects, card.again, card.fresh) == (True, (), ())
    assert [row.item.share for row in card.popular] == sorted(
        (row.item.share for row in card.popular), reverse=True
    )
    assert queries.recommended_number(one) == 0
    assert queries.coverage(li) == 59
    assert actions.recommend(as_of=TODAY).removed == 1
    told(TODAY + timedelta(days=7))
    assert queries.latest(Run.Kind.RECOMMEND).params["customers"] == 59
    text = (
        client_for(li)
        .get(reverse("customers:customer", args=[one.key]) + "?tab=recommendations")
        .content.decode()
    )
    assert "不使用个性化推荐" in text
    customers.object_to_profile(customer=one, objects=False, by=li)
    assert not queries.recommended_to(one.pk).objects
    assert AuditEntry.objects.filter(what__in=["customers.objected", "customers.agreed"]).count() == 2


def test_a_withheld_product_disappears_at_once_and_stays_out(li: User) -> None:
    found = shop()
    told()
    activity.withhold(product=Product.objects.get(code="P-绿茶"), why="stock", by=li)
    cards = [queries.recommended_to(one.pk) for one in found]
    assert all(row.item.label != "绿茶" for card in cards for row in (*card.again, *card.fresh))
    told(TODAY + timedelta(days=7))
    tea = Item.objects.get(mark="P-绿茶").pk
    assert not Recommendation.objects.filter(again__contains=[tea]).exists()
    assert not Recommendation.objects.filter(fresh__contains=[tea]).exists()


def test_merging_and_erasing(li: User) -> None:
    one, other = shop(number=2)
    told()
    customers.object_to_profile(customer=other, objects=True, by=li)
    actions.merge_recommendations(one.pk, other.pk)
    moving.move_objections(one.pk, other.pk)
    assert list(Objection.objects.values_list("pk", flat=True)) == [one.pk]
    assert not Recommendation.objects.filter(pk=other.pk).exists()
    customers.erase(customer=one, reason="客户要求删除", by=li)
    assert not Recommendation.objects.exists()
    assert not Objection.objects.exists()


def test_the_page_shows_items_and_leads_to_their_customers(
    client_for, li: User, wang: User, chen: User
) -> None:
    shop(wang, 30)
    shop(chen, 30)
    told()
    page = client_for(li).get(URL).page
    assert (page.told, page.items) == (60, 8)
    for row in page.rows:
        assert row.told.customers == len(client_for(li).get(row.url).page.rows) or row.told.customers > 20
    assert client_for(wang).get(URL).page.told == 30
    searched = client_for(li).get(URL, {"q": "茶壶"}).page
    assert (searched.items, searched.recommended) == (1, page.items)
    assert "没有这个名称" in client_for(li).get(URL, {"q": "没有的"}).content.decode()


def test_the_trial_is_shown(client_for, li: User) -> None:
    shop(number=120)
    told()
    page = client_for(li).get(URL).page
    run = queries.latest(Run.Kind.RECOMMEND)
    assert bool(page.marks) == (run.params["trial"] is not None)
    if page.marks:
        assert sum(one.for_again for one in page.marks) == sum(one.for_new for one in page.marks) == 1


def test_it_works_empty(client_for, li: User) -> None:
    assert "尚未" in client_for(li).get(URL).content.decode()
    told()
    assert "尚未" in client_for(li).get(URL).content.decode()


def test_it_refuses_others(client_for, zhou: User) -> None:
    assert Client().get(URL).status_code == 302
    assert client_for(zhou).get(URL).status_code == 200
    assert client_for(zhou).get(reverse("insight:recommendations_export")).status_code == 403
    assert client_for(zhou).post(URL).status_code == 405


def test_part_is_in_whole(client_for, li: User) -> None:
    shop()
    told()
    client = client_for(li)
    part = client.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert part.strip() in client.get(URL).content.decode()


def test_it_speaks_english(client_for, li: User) -> None:
    shop()
    told()
    li.language = "en"
    li.save()
    text = client_for(li).get(URL).content.decode()
    assert "Most recommended" in text and "推荐最多" not in text and "<c-" not in text


def test_it_asks_as_often_for_fifty_as_for_one(client_for, li: User) -> None:
    shop(number=2)
    told()
    client = client_for(li)
    client.get(URL)

    def asked() -> int:
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(URL).status_code == 200
        return len(found)

    few = asked()
    shop(number=50)
    _sold([(customer(), f"商品{number}", 3) for number in range(50)])
    assert told(TODAY + timedelta(days=7)).customers > 90
    assert asked() == few


def test_export(client_for, li: User) -> None:
    shop()
    told()
    response = client_for(li).get(reverse("insight:recommendations_export"))
    assert response.status_code == 200
    assert response["Content-Type"].endswith("sheet")


def test_the_customer_page_shows_the_tab(client_for, li: User, wang: User, chen: User) -> None:
    one = shop(wang)[0]
    told()
    address = reverse("customers:customer", args=[one.key]) + "?tab=recommendations"
    assert "可能再次购买" in client_for(wang).get(address).content.decode()
    assert client_for(chen).get(address).status_code == 404


def test_the_objection_is_asked_of_whom_may_edit(
    client_for, li: User, wang: User, zhou: User, chen: User
) -> None:
    one = customer(wang)
    address = reverse("customers:objection", args=[one.key])
    assert client_for(zhou).post(address, {"objects": "1"}).status_code == 403
    assert client_for(chen).post(address, {"objects": "1"}).status_code == 404
    assert client_for(li).get(address).status_code == 405
    assert client_for(wang).post(address, {"objects": "1"}).status_code == 303
    assert Objection.objects.get().by == wang
    assert client_for(wang).post(address, {"objects": ""}).status_code == 303
    assert not Objection.objects.exists()


def test_a_product_is_withheld_on_its_page(client_for, li: User, wang: User) -> None:
    product = Product.objects.create(code="P1", name="绿茶", source="test")
    address = reverse("activity:withhold", args=[product.pk])
    assert client_for(wang).get(address).status_code == 403
    assert client_for(li).get(address).status_code == 200
    assert client_for(li).post(address, {"withheld": "whatever"}).status_code == 422
    assert client_for(li).post(address, {"withheld": "ended"}).status_code == 303
    assert Product.objects.get().withheld == "ended"
    assert "停售" in client_for(li).get(reverse("activity:products")).content.decode()
    assert client_for(li).get(reverse("activity:withhold", args=[product.pk + 1])).status_code == 404


def test_the_filter_refuses_nonsense() -> None:
    every = Customer.objects.all()
    customer()
    for value in ("", "x", "-1", "²", "9" * 12, "1; DROP"):
        assert not queries.recommended(every, value).exists()
        assert queries.item_label(value) == ""
