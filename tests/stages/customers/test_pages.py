"""The pages of the customers stage answer the same questions as every page."""

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.chunks import take, the

from zhike.customers import actions
from zhike.customers.models import Customer, SavedView
from zhike.kernel.models import AuditEntry, User

pytestmark = pytest.mark.usefixtures("retail")
LIST = "/customers/"
ZHANG = {
    "code": "C1", "name": "张三丰", "phone": "+8613800138000", "email": "zhang@example.com", "region": "320600",
    "birth_date": None, "address": "上海市静安区南京西路 1 号", "gender": "male",
}  # fmt: skip
SECRETS = ("13800138000", "zhang@example.com", "南京西路")
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def zhang(retail: object, wang: User) -> Customer:
    take(ZHANG, {"code": "C2", "name": "李四"})
    actions.assign(customers=[the("C1").pk], manager=wang, by=None)
    return the("C1")


def urls(customer: Customer) -> Iterator[str]:
    at = [customer.key]
    yield from (reverse(f"customers:{name}", args=at) for name in ("customer", "edit"))
    yield reverse("customers:customer", args=at) + "?tab=changes"


def soup(response: HttpResponse) -> BeautifulSoup:
    text = response.content.decode()
    assert "<c-" not in text
    return BeautifulSoup(text, "html.parser")


def body(response: object) -> str:
    content = (
        b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content
    )  # type: ignore[attr-defined]
    return bytes(content).decode(errors="replace")


def test_it_works(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    for url in (LIST, f"{LIST}new/", f"{LIST}?sort=-name&columns=email,gender&q=zsf", *urls(zhang)):
        response = client.get(url)
        assert response.status_code == 200, url
        soup(response)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_speaks_both_languages(zhang: Customer, li: User, client_for: type[Client], language: str) -> None:
    User.objects.filter(pk=li.pk).update(language=language)
    words = body(client_for(User.objects.get(pk=li.pk)).get(LIST))
    assert ("新建客户" in words) is (language == "zh-hans")


def test_it_works_empty(li: User, client_for: type[Client]) -> None:
    found = soup(client_for(li).get(LIST))
    assert found.select_one(".zk-empty a[href*=intake]")


def test_it_refuses_others(zhang: Customer, chen: User, zhou: User, client_for: type[Client]) -> None:
    for url in urls(zhang):
        assert client_for(chen).get(url).status_code == 404
    assert "C1" not in body(client_for(chen).get(LIST))
    assert "C1" not in body(client_for(chen).get(f"{LIST}export/csv/"))
    watching = client_for(zhou)
    assert watching.get(f"{LIST}new/").status_code == 403
    assert watching.get(f"{LIST}export/csv/").status_code == 403
    assert watching.post(reverse("customers:restore", args=[zhang.key, 1])).status_code == 403
    assert watching.get(reverse("customers:reveal", args=[zhang.key, "phone"])).status_code == 403
    assert client_for(chen).get(reverse("customers:erase", args=[zhang.key])).status_code == 403


def test_it_hides_masked_fields(zhang: Customer, li: User, zhou: User, client_for: type[Client]) -> None:
    columns = f"{LIST}?columns=phone,email,address"
    for person, pages in (
        (li, (columns, f"{LIST}export/csv/", *urls(zhang))),
        (zhou, (columns, *list(urls(zhang))[::2])),
    ):
        for url in pages:
            words = body(client_for(person).get(url))
            assert "138****8000" in words or "tab=changes" in url or "edit" in url
            assert not [secret for secret in SECRETS if secret in words], (person, url)
    assert "张三丰" not in body(client_for(zhou).get(columns)) and "张**" in body(
        client_for(zhou).get(columns)
    )


def test_part_is_in_whole(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    whole, part = client.get(f"{LIST}?q=zsf"), client.get(f"{LIST}?q=zsf", **HTMX)
    assert body(part).strip() in body(whole)
    assert "HX-Request" in part["Vary"] and "<html" not in body(part)
    again = client.get(f"{LIST}?q=zsf", **HTMX, HTTP_HX_HISTORY_RESTORE_REQUEST="true")
    assert "<html" in body(again)


def test_the_list_asks_as_often_for_fifty_as_for_one(li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    take(ZHANG)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    take(*({"code": f"N{n}", "name": f"客户{n}", "phone": f"+8613{n:09d}"} for n in range(50)))
    with CaptureQueriesContext(connection) as fifty:
        client.get(LIST)
    assert len(one) == len(fifty)


def test_pages_of_the_list_miss_nobody(li: User, client_for: type[Client]) -> None:
    take(*({"code": f"N{n:02d}", "name": f"客户{n % 7}"} for n in range(55)))
    client = client_for(li)
    for sort in ("", "name", "-name", "code", "-code", "-updated", "newest"):
        seen: list[str] = []
        page = client.get(f"{LIST}?sort={sort}").page
        back = page
        while True:
            seen += [row.code for row in page.rows]
            if not page.pager.next:
                break
            back, page = page, client.get(page.pager.next).page
        assert len(seen) == 55 == len(set(seen)), sort
        assert [row.code for row in client.get(page.pager.previous).page.rows] == [
            row.code for row in back.rows
        ]


def test_filters_narrow_and_can_be_taken_off(
    zhang: Customer, li: User, wang: User, client_for: type[Client]
) -> None:
    client = client_for(li)
    for query in ("region=320000", "gender=male", f"manager={wang.key}"):
        page = client.get(f"{LIST}?{query}").page
        assert [row.code for row in page.rows] == ["C1"], query
        assert len(page.chips) == 1 and query.split("=")[0] + "=" not in page.chips[0].without
    assert [row.code for row in client.get(f"{LIST}?region=none").page.rows] == ["C2"]
    assert client.get(f"{LIST}?manager=nonsense").page.rows == []


def test_creating_by_the_form(li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    response = client.post(
        f"{LIST}new/", {"name": "王五", "phone": "139 0013 9000", "region": "江苏苏州", "accepts_sms": "true"}
    )
    made = Customer.objects.get(name="王五")
    assert response.status_code == 303 and response["Location"].endswith(f"{made.key}/")
    assert made.values == {"region": "320500", "accepts_sms": True}


def test_it_explains_bad_input(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    response = client.post(f"{LIST}new/", {"name": "", "phone": "12345", "email": "x"})
    assert response.status_code == 422
    found = soup(response)
    assert found.select_one("#id_phone.is-invalid") and found.select_one("#id_phone")["value"] == "12345"
    assert {"name", "phone", "email"} <= set(response.page.form.errors)
    assert len(response.page.form.errors["name"]) == 1
    unborn = client.post(f"{LIST}new/", {"name": "张三丰", "birth_date": "2098-01-01"})
    assert unborn.status_code == 422 and "不能晚于今天" in unborn.page.form.errors["birth_date"][0]
    taken = client.post(f"{LIST}new/", {"name": "张三丰", "phone": "13800138000"})
    assert taken.status_code == 422 and "C1" in taken.page.problem and taken.page.there
    assert (
        client.post(f"{LIST}new/", {"name": "张三丰", "phone": "13800138000", "anyway": "yes"}).status_code
        == 303
    )


def typed_in(form: Tag) -> dict[str, str]:
    """What a browser would send of a form nobody touched."""
    sent = {one["name"]: one.get("value", "") for one in form.select("input[name]:not([type=checkbox])")}
    chosen = {one["name"]: one.select_one("option[selected]") for one in form.select("select[name]")}
    return sent | {name: option["value"] if option else "" for name, option in chosen.items()}


def test_editing_keeps_what_is_not_shown(zhang: Customer, wang: User, client_for: type[Client]) -> None:
    client = client_for(wang)
    url = reverse("customers:edit", args=[zhang.key])
    form = soup(client.get(url)).select_one("main form[method=post]")
    sent = typed_in(form)
    assert client.post(url, sent | {"name": "张三"}).status_code == 303
    changed = the("C1")
    assert (changed.name, changed.values, changed.version) == (
        "张三",
        {"region": "320600", "gender": "male"},
        2,
    )
    assert set(changed.digests) == {"phone", "email", "address"}


def test_two_editors_see_each_other(zhang: Customer, li: User, wang: User, client_for: type[Client]) -> None:
    url = reverse("customers:edit", args=[zhang.key])
    sent = {"name": "张三丰", "region": "江苏南通", "gender": "male", "version": "1"}
    assert client_for(li).post(url, {**sent, "region": "江苏苏州"}).status_code == 303
    response = client_for(wang).post(url, {**sent, "region": "广东广州", "gender": "female"})
    assert response.status_code == 409 and response.page.version == 2
    (difference,) = response.page.differences
    assert "苏州" in difference.after and "广州" in difference.mine
    assert the("C1").values["region"] == "320500"
    initial = response.page.form.initial
    assert "广州" in initial["region"] and initial["gender"] == "female"


def test_sealed_values_of_two_editors_are_masked_alike(
    zhang: Customer, li: User, wang: User, client_for: type[Client]
) -> None:
    url = reverse("customers:edit", args=[zhang.key])
    sent = {"name": "张三丰", "region": "江苏南通", "gender": "male", "version": "1"}
    theirs = {"phone": "13811112222", "email": "same@example.com", "address": "上海市静安区北京西路 9 号"}
    assert client_for(li).post(url, {**sent, **theirs}).status_code == 303
    response = client_for(wang).post(url, {**sent, "phone": "13833332222", "email": "same@example.com"})
    told = {one.label: one for one in response.page.differences}
    assert told["手机"].after == "138****2222" and told["手机"].mine.startswith("138****2222(另一个值")
    assert told["邮箱"].mine == "s***@example.com(相同的值)"
    assert told["地址"].after == "上海市****" and told["地址"].mine == "(没有改动)"
    assert not [secret for secret in ("13811112222", "13833332222", "北京西路") if secret in body(response)]


def test_revealing(zhang: Customer, wang: User, client_for: type[Client]) -> None:
    client = client_for(wang)
    url = reverse("customers:reveal", args=[zhang.key, "phone"])
    assert "13800138000" not in body(client.get(url, **HTMX))
    assert client.post(url, {"reason": ""}, **HTMX).status_code == 422
    told = client.post(url, {"reason": "回访约定的时间"}, **HTMX)
    assert "138 0013 8000" in body(told).replace("+86 ", "") or "13800138000" in body(told)
    assert (
        told["Cache-Control"] == "no-store"
        and AuditEntry.objects.filter(what="customers.revealed").count() == 1
    )
    assert client.get(reverse("customers:reveal", args=[zhang.key, "nonsense"])).status_code == 404


def test_history_shows_and_restores(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    actions.edit(customer=zhang, given={"name": "张三", "phone": "+8613911112222"}, seen=1, by=li)
    words = body(client.get(f"/customers/{zhang.key}/?tab=changes"))
    assert "张三丰" in words and "li" in words and "13911112222" not in words
    assert client.post(reverse("customers:restore", args=[zhang.key, 1])).status_code == 303
    assert the("C1").name == "张三丰"
    assert client.post(reverse("customers:restore", args=[zhang.key, 99])).status_code == 404


def test_assigning_ticked_customers(zhang: Customer, li: User, chen: User, client_for: type[Client]) -> None:
    keys = [str(one) for one in Customer.objects.values_list("key", flat=True)]
    response = client_for(li).post(
        f"{LIST}assign/", {"keys": [*keys, "nonsense"], "manager": str(chen.key), "query": "sort=code"}
    )
    assert response.status_code == 303 and response["Location"].endswith("?sort=code")
    assert set(Customer.objects.values_list("manager", flat=True)) == {chen.pk}
    assert client_for(chen).post(f"{LIST}assign/", {"keys": keys}).status_code == 403


def test_assigning_everybody_whom_the_list_describes(
    zhang: Customer, li: User, chen: User, wang: User, client_for: type[Client]
) -> None:
    take(*({"code": f"D{n}", "name": "赵四"} for n in range(25)))
    client = client_for(li)
    asked = {"everyone": "1", "query": "q=赵四", "manager": str(chen.key), "keys": [str(zhang.key)]}
    page = client.post(f"{LIST}assign/", asked).page  # type: ignore[attr-defined]
    assert (page.count, page.manager) == (25, chen)
    assert not Customer.objects.filter(manager=chen).exists()
    take({"code": "D25", "name": "赵四"})
    late = client.post(f"{LIST}assign/", {**asked, "confirmed": "25"})
    assert late.status_code == 409 and late.page.changed  # type: ignore[attr-defined]
    assert not Customer.objects.filter(manager=chen).exists()
    assert client.post(f"{LIST}assign/", {**asked, "confirmed": "26"}).status_code == 303
    assert set(Customer.objects.filter(manager=chen).values_list("name", flat=True)) == {"赵四"}
    entry = AuditEntry.objects.filter(what="customers.assigned").latest("pk")
    assert entry.changes["customers"] == 26
    assert client_for(wang).post(f"{LIST}assign/", {**asked, "confirmed": "26"}).status_code == 403


def test_a_phone_in_the_search_is_not_written_down(
    zhang: Customer, li: User, wang: User, client_for: type[Client]
) -> None:
    client = client_for(li)
    plain = client.get(f"{LIST}?q=13800138000&sort=code")
    assert plain.status_code == 302 and "138" not in plain["Location"] and "sort=code" in plain["Location"]
    found = client.get(plain["Location"])
    assert [row.code for row in found.page.rows] == ["C1"]  # type: ignore[attr-defined]
    assert "加密" in body(found)
    typed = client.get(LIST, {"q": "13800138000"}, headers={"HX-Request": "true"})
    assert typed.status_code == 200 and "13800138000" not in typed["HX-Push-Url"]
    assert "q=13800138000" not in body(typed)
    others = client_for(wang).get(plain["Location"])
    assert others.page.rows == []  # type: ignore[attr-defined]
    query = plain["Location"].partition("?")[2]
    assert len(body(client.get(f"{LIST}export/csv/?{query}")).splitlines()) == 2
    client.post(f"{LIST}views/", {"name": "一个人", "query": query})
    assert SavedView.objects.get(name="一个人").query == "sort=code"
    assert client.get("/search/?q=13800138000")["Location"].startswith("/search/?q=sealed")


def test_views_are_kept_and_shared(zhang: Customer, li: User, wang: User, client_for: type[Client]) -> None:
    client = client_for(li)
    client.post(f"{LIST}views/", {"name": "上海", "query": "region=320000", "shared": "on"})
    client.post(f"{LIST}views/", {"name": "我的", "query": "q=zsf"})
    assert {view.name for view in client_for(wang).get(LIST).page.views} == {"上海"}
    view = SavedView.objects.get(name="上海")
    assert client_for(wang).post(reverse("customers:drop_view", args=[view.key])).status_code == 404
    assert client.post(reverse("customers:drop_view", args=[view.key])).status_code == 303
    assert client.post(f"{LIST}views/", {"name": ""}).status_code == 303 and SavedView.objects.count() == 1


def test_exports_are_inert_and_written_down(zhang: Customer, li: User, client_for: type[Client]) -> None:
    take({"code": "=1+1", "name": "@SUM(A1)"})
    client = client_for(li)
    words = body(client.get(f"{LIST}export/csv/"))
    assert (
        words.startswith("\ufeff")
        and "'=1+1" in words
        and "'@SUM(A1)" in words
        and len(words.splitlines()) == 4
    )
    assert client.get(f"{LIST}export/xlsx/").status_code == 200
    assert client.get(f"{LIST}export/pdf/").status_code == 404
    entry = AuditEntry.objects.filter(what="customers.exported").first()
    assert entry and entry.changes["clear"] is False
    assert "13800138000" in re.sub(r"\D", "", body(client.post(f"{LIST}export/csv/", {"reason": "寄送年历"})))
    assert AuditEntry.objects.filter(what="customers.exported", note="寄送年历").exists()
    refused = client.post(f"{LIST}export/csv/", {"reason": ""})
    assert refused.status_code == 303


def test_erasing_asks_why(zhang: Customer, li: User, client_for: type[Client]) -> None:
    client = client_for(li)
    url = reverse("customers:erase", args=[zhang.key])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "本人要求删除"}).status_code == 303
    assert not Customer.objects.filter(code="C1").exists()


def test_the_palette_finds_own_customers_only(
    zhang: Customer, wang: User, chen: User, client_for: type[Client]
) -> None:
    assert str(zhang.key) in body(client_for(wang).get("/search/?q=zsf"))
    assert str(zhang.key) not in body(client_for(chen).get("/search/?q=zsf"))
