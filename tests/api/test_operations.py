"""Reading, writing and many rows at once, with the scope, the masks and the errors of the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Program
from zhike.kernel.models import AuditEntry, User
from zhike.kernel.rights import Right

pytestmark = pytest.mark.usefixtures("published")
Make = Callable[..., Program]


def _made(program: Program, **values: Any) -> dict[str, Any]:
    answer = program.send(
        "POST", "/customers", {"values": {"name": "周小川", "phone": "13912345678", **values}}
    )
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_without_a_token_nothing_is_told(client: Any) -> None:
    answer = client.get("/api/v1/customers")
    assert answer.status_code == 401
    assert answer.json()["remedy"]["zh"]


def test_a_token_carries_only_its_rights(program: Make, wang: User) -> None:
    narrow = program(wang, Right.TIERS_VIEW)
    assert narrow.get("/api/v1/tiers").status_code == 200
    assert narrow.get("/api/v1/customers").status_code == 403


def test_a_customer_is_made_read_and_changed(program: Make, wang: User) -> None:
    mine = program(wang)
    made = _made(mine)
    assert made["values"]["phone"] == "139****5678" and "phone" in made["masked"]
    assert made["manager"] == wang.name
    changed = mine.send(
        "PATCH", f"/customers/{made['key']}", {"version": made["version"], "values": {"gender": "男"}}
    )
    assert changed.json()["values"]["gender"] == "male"
    late = mine.send(
        "PATCH", f"/customers/{made['key']}", {"version": made["version"], "values": {"gender": "女"}}
    )
    assert late.status_code == 422, "an outdated version must not overwrite"
    assert AuditEntry.objects.filter(what="customers.edited", by=wang).count() == 1


@pytest.mark.parametrize("body", ["{bad", '{"values": ', "\x00"])
def test_a_body_that_is_no_json_is_explained_like_everything_else(
    program: Make, wang: User, body: str
) -> None:
    answer = program(wang).generic("POST", "/api/v1/customers", body, content_type="application/json")
    said = answer.json()
    assert answer.status_code == said["status"] == 400
    for part in ("place", "reason", "remedy"):
        assert said[part]["zh"] and said[part]["en"]


@pytest.mark.parametrize("address", ["/api/v1/docs", "/api/v1/docs/"])
def test_the_usual_address_of_the_description_leads_to_it(
    address: str, li: User, client_for: type[Client]
) -> None:
    assert client_for(li).get(address, follow=True).status_code == 200
    assert Client().get(address, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_names_that_are_masked_are_not_found(program: Make, wang: User, zhou: User) -> None:
    made = _made(program(wang))
    auditor = program(zhou)
    for words, found in (("周小川", 0), ("zxc", 0), (made["code"], 1), ("13912345678", 1)):
        assert len(auditor.get("/api/v1/customers", {"q": words}).json()["items"]) == found, words


@pytest.mark.parametrize(
    ("values", "word"),
    [({"phone": "12"}, "12"), ({"nonsense": 1}, "nonsense"), ({"birth_date": "2024-02-30"}, "2024")],
)
def test_bad_values_are_explained(program: Make, wang: User, values: dict[str, Any], word: str) -> None:
    answer = program(wang).send("POST", "/customers", {"values": {"name": "周", **values}})
    assert answer.status_code == 422
    said = answer.json()
    assert word in said["reason"]["zh"] and said["remedy"]["en"]


def test_others_customers_look_like_none(program: Make, wang: User, chen: User) -> None:
    made = _made(program(wang))
    other = program(chen)
    assert other.get("/api/v1/customers").json()["items"] == []
    assert other.get(f"/api/v1/customers/{made['key']}").status_code == 404
    spoken = other.send("POST", "/interactions", {"customer": made["key"], "channel": "电话"})
    assert spoken.status_code == 404


def test_what_was_said_and_done_is_recorded(program: Make, wang: User) -> None:
    mine = program(wang)
    customer = _made(mine)["key"]
    assert mine.send("POST", "/interactions", {"customer": customer, "channel": "电话"}).status_code == 201
    assert mine.send("POST", "/feedback", {"customer": customer, "rating": "4.5"}).status_code == 201
    task = mine.send("POST", "/tasks", {"customer": customer, "title": "回访", "due_on": "2099-01-05"}).json()
    done = {"on": "2020-01-01", "action": "已回访", "result": "success"}
    assert mine.send("POST", f"/tasks/{task['key']}/complete", done).status_code == 422
    done["feedback"] = "很满意"
    later = mine.send("POST", f"/tasks/{task['key']}/complete", {**done, "result": "follow_up"})
    assert later.status_code == 422 and "待跟进" in later.json()["reason"]["zh"]
    for path in ("/interactions", "/feedback"):
        ahead = {"customer": customer, "channel": "电话", "content": "好", "at": "2098-01-01T09:00:00"}
        assert mine.send("POST", path, ahead).status_code == 422
        assert mine.send("POST", path, {**ahead, "at": "2024-03-05T09:00:00"}).status_code == 201
    assert mine.send("POST", f"/tasks/{task['key']}/complete", done).status_code == 201
    assert mine.get(f"/api/v1/records?customer={customer}").json()["items"][0]["action"] == "已回访"
    assert mine.get("/api/v1/tasks?state=done").json()["items"][0]["key"] == task["key"]


@pytest.mark.django_db(transaction=True)
def test_every_row_of_many_has_its_result(program: Make, li: User) -> None:
    many = program(li)
    rows = [
        {"code": "E1", "name": "张\n三", "phone": "13812345678"},
        {"code": "E2", "name": "李四", "phone": "1"},
        {"code": "E3", "name": "王五"},
    ]
    first = many.send("POST", "/bulk/customers", {"source": "erp", "rows": rows}).json()
    assert [one["state"] for one in first["results"]] == ["accepted", "refused", "accepted"]
    assert (first["read"], first["accepted"], first["held"], first["refused"]) == (3, 2, 0, 1)
    assert first["results"][1]["problems"][0]["column"] == "phone"
    written = AuditEntry.objects.filter(what__in=["customers.edited", "customers.created"]).count()
    again = many.send("POST", "/bulk/customers", {"source": "erp", "rows": rows}).json()
    assert again["accepted"] == 2
    assert (first["added"], again["added"], again["changed"]) == (2, 0, 0)
    assert AuditEntry.objects.filter(what__in=["customers.edited", "customers.created"]).count() == written
    orders = [{"number": "S1", "customer_code": "E1", "placed_at": "2024-03-05", "amount": "¥1,200.50"}]
    assert many.send("POST", "/bulk/orders", {"source": "erp", "rows": orders}).json()["accepted"] == 1
    assert many.get("/api/v1/orders").json()["items"][0]["amount"] == "1200.50"


def test_pages_of_a_list_follow_each_other(program: Make, wang: User) -> None:
    mine = program(wang)
    keys = {_made(mine, phone=f"1391234567{n}")["key"] for n in range(3)}
    first = mine.get("/api/v1/customers?limit=2").json()
    second = mine.get(f"/api/v1/customers?limit=2&after={first['next']}").json()
    assert {one["key"] for one in first["items"] + second["items"]} == keys and second["next"] is None
