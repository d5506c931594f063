"""The same questions of every page of strategies."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.care import customer

from zhike.strategies import actions, queries
from zhike.strategies.models import StrategyException

pytestmark = pytest.mark.django_db


def url(name: str, *args: object) -> str:
    return reverse(f"strategies:{name}", args=args)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_works(in_force, li, wang, client_for, language):
    li.language = language
    li.save()
    one = customer(wang, tier="strategic")
    actions.make_exception(customer=one, kind="note", note="下午打", reason="要求", by=li)
    client = client_for(li)
    form = f"{url('exception')}?customer={one.key}"
    for address in (url("table"), url("tier", "strategic"), url("exceptions"), form):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "<c-" not in answer.content.decode()


def test_it_refuses_others(in_force, wang, chen, li, client_for):
    one = customer(chen, tier="strategic")
    made = actions.make_exception(customer=one, kind="skip", reason="出国", by=li)
    assert client_for(wang).get(f"{url('exception')}?customer={one.key}").status_code == 403
    assert client_for(wang).post(url("exception_end", made.key)).status_code == 403
    assert one.code not in client_for(wang).get(url("exceptions")).content.decode()
    assert client_for(li).get(f"{url('exception')}?customer=nobody").status_code == 404
    assert client_for(li).get(url("tier", "nothing")).status_code == 404


def test_it_hides_masked_fields(in_force, li, zhou, wang, client_for):
    actions.make_exception(customer=customer(wang, name="欧阳娜娜"), kind="skip", reason="出国", by=li)
    assert "欧阳**" in client_for(zhou).get(url("exceptions")).content.decode()
    assert "欧阳娜娜" in client_for(wang).get(url("exceptions")).content.decode()


def test_it_explains_bad_input(in_force, li, wang, client_for):
    one = customer(wang, tier="strategic")
    form = f"{url('exception')}?customer={one.key}"
    for said in (
        {},
        {"kind": "owner", "reason": "x"},
        {"kind": "skip", "reason": "x", "until": "2017-02-01"},
    ):
        assert client_for(li).post(form, said).status_code == 422
    assert not StrategyException.objects.exists()


def test_an_exception_is_made_and_ended(in_force, li, wang, client_for):
    one = customer(wang, tier="strategic")
    form = f"{url('exception')}?customer={one.key}&back=/tasks/"
    said = {"kind": "owner", "owner": str(li.key), "reason": "老总亲自跟", "measure_key": ""}
    answer = client_for(li).post(form, said)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tasks/")
    made = StrategyException.objects.get()
    assert made.owner == li
    client_for(li).post(url("exception_end", made.key))
    made.refresh_from_db()
    assert made.ended_by == li


@pytest.mark.parametrize("name", ["table", "exceptions"])
def test_it_works_empty(li, client_for, name):
    assert client_for(li).get(url(name)).status_code == 200


def test_it_asks_as_often_for_one_row_as_for_fifty(in_force, li, wang, client_for):
    client = client_for(li)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(url("exceptions"))
        return len(found)

    def grow(number: int) -> None:
        for _ in range(number):
            actions.make_exception(customer=customer(wang), kind="skip", reason="x", by=li)

    grow(1)
    client.get(url("exceptions"))
    one = asked()
    grow(49)
    assert asked() == one


def test_the_table_counts_the_asker_s_customers(in_force, li, wang, chen, client_for):
    for manager in (wang, chen, chen):
        customer(manager, tier="strategic")
    assert (
        next(
            row for row in queries.table(li, in_force.effective_from) if row.mark.key == "strategic"
        ).customers
        == 3
    )
    assert (
        next(
            row for row in queries.table(wang, in_force.effective_from) if row.mark.key == "strategic"
        ).customers
        == 1
    )


def test_a_strategy_says_with_whom_its_tasks_stand(in_force, li, client_for):
    said = "任务分给客户自己的客户经理;没有客户经理的,在部门待领取。"
    table = client_for(li).get(url("table")).content.decode()
    assert table.count(said) == 2  # 潜力:市场, 普通:客服
    assert said in client_for(li).get(url("tier", "ordinary")).content.decode()
    assert said not in client_for(li).get(url("tier", "core")).content.decode()
