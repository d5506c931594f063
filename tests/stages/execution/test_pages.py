"""The same questions of every page of execution: works, refuses others, hides, explains, is a part of the whole, works empty."""

from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.care import TODAY, customer, plan, task_of

from zhike.execution import actions
from zhike.execution.actions import Done
from zhike.execution.models import ExecutionRecord, Task
from zhike.execution.rows import task_rows
from zhike.kernel import actions as kernel
from zhike.tiers.models import Tier

pytestmark = pytest.mark.django_db
FIRST = "strategic_first_visit"
LISTS = ["tasks", "calendar", "board", "records"]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def task(in_force, wang) -> Task:
    one = customer(wang, tier="strategic", name="欧阳娜娜")
    plan()
    return task_of(one, FIRST)


def url(name: str, *args: object) -> str:
    return reverse(f"execution:{name}", args=args)


def addresses(task: Task) -> list[str]:
    forms = [url(name, task.key) for name in ("complete", "postpone", "cancel")]
    new = [f"{url(name)}?customer={task.customer.key}" for name in ("add", "record")]
    tables = [url("table", name) for name in ("customers", "strategies", "records")]
    return [*(url(name) for name in LISTS), url("task", task.key), *forms, *new, *tables]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_works(task, wang, client_for, language):
    wang.language = language
    wang.save()
    client = client_for(wang)
    for address in addresses(task):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert "<c-" not in text
        assert ('<html lang="zh' in text) is (language == "zh-hans")


def test_it_refuses_others(task, chen, zhou, client_for):
    for name in ("task", "complete", "postpone", "cancel"):
        assert client_for(chen).get(url(name, task.key)).status_code == 404, "not yours looks like not there"
        assert client_for(chen).get(url(name, uuid4())).status_code == 404
    for name in ("complete", "postpone", "cancel", "take", "undo", "reopen"):
        assert client_for(zhou).post(url(name, task.key)).status_code == 403
    assert client_for(zhou).get(url("workbook")).status_code == 403
    assert client_for(chen).get(url("assign", task.key)).status_code == 403
    assert "欧阳" not in client_for(chen).get(f"{url('tasks')}?who=all").content.decode()
    for name in ("add", "record"):
        assert client_for(chen).get(f"{url(name)}?customer={task.customer.key}").status_code == 404
        assert client_for(chen).get(f"{url(name)}?customer=nobody").status_code == 404


def test_it_hides_masked_fields(task, wang, zhou, client_for):
    done = Done(on=TODAY, action="拜访,打 13911112222", result="success", feedback="家住幸福路八号")
    actions.complete(task=task, done=done, by=wang)
    for address in (
        f"{url('tasks')}?who=all&when=",
        url("records"),
        url("task", task.key),
        url("table", "records"),
    ):
        seen = client_for(zhou).get(address).content.decode()
        assert "欧阳**" in seen and "娜娜" not in seen, address
        assert "幸福路" not in seen and "13911112222" not in seen
        assert "娜娜" in client_for(wang).get(address).content.decode()
    assert "13911112222" in client_for(wang).get(url("records")).content.decode()
    book = str(rows_of(client_for(wang).get(url("records_export"))))
    assert "139****2222" in book and "13911112222" not in book
    book = str(rows_of(client_for(zhou).get(url("records_export"))))
    assert "幸福路" not in book and "欧阳**" in book


def rows_of(answer) -> list[list[list[object]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_it_explains_bad_input(task, wang, client_for):
    client = client_for(wang)
    for name in ("complete", "postpone", "cancel"):
        answer = client.post(url(name, task.key), {})
        assert answer.status_code == 422
        assert BeautifulSoup(answer.content, "html.parser").select(
            ".invalid-feedback, .errorlist, .alert-danger"
        )
    said = {"on": "2017-03-02", "action": "拜访", "result": "success", "feedback": "好"}
    answer = client.post(url("complete", task.key), said)
    assert answer.status_code == 422
    assert "执行日期在将来" in answer.content.decode()
    assert "拜访" in answer.content.decode(), "what was typed is kept"
    assert client.post(f"{url('add')}?customer={task.customer.key}", {}).status_code == 422


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-hans", ["请选择结果:成功,或待跟进。", "没有联系上也请写明"]),
        ("en", ["Choose the outcome", "if nobody was reached"]),
    ],
)
def test_a_form_as_it_comes_is_not_yet_a_record(task, wang, client_for, language, told):
    wang.language = language
    wang.save()
    client = client_for(wang)
    page = BeautifulSoup(client.get(url("complete", task.key)).content, "html.parser")
    assert page.select_one("[name=action]")["value"] and not page.select("[name=result][checked]")
    as_it_comes = {name: page.select_one(f"[name={name}]").get("value", "") for name in ("action", "on")}
    answer = client.post(url("complete", task.key), as_it_comes)
    assert answer.status_code == 422
    assert all(words in answer.content.decode() for words in told)
    assert not ExecutionRecord.objects.exists()


@pytest.mark.parametrize("name", LISTS)
def test_part_is_in_whole(task, wang, client_for, name):
    client = client_for(wang)
    whole, part = client.get(url(name)), client.get(url(name), **HTMX)
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" not in part.content.decode()
    assert part.content.decode().strip()[:200] in whole.content.decode()


@pytest.mark.parametrize("name", [*LISTS, "workbook"])
def test_it_works_empty(wang, client_for, name):
    assert client_for(wang).get(url(name)).status_code == 200


@pytest.mark.parametrize("address", ["tasks", "board", "calendar", "records"])
def test_it_asks_as_often_for_one_row_as_for_fifty(in_force, wang, client_for, address):
    client = client_for(wang)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url(address)).status_code == 200
        return len(queries)

    def grow(number: int) -> None:
        for _ in range(number):
            actions.record(
                customer=customer(wang, tier="core"),
                done=Done(on=TODAY, action="电话", result="success", feedback="好"),
                by=wang,
            )
        plan()

    grow(1)
    client.get(url(address))
    one = asked()
    grow(49)
    assert asked() == one


def test_a_task_is_completed_in_the_browser_and_undone(task, wang, client_for):
    client = client_for(wang)
    said = {
        "on": "2017-03-01",
        "action": "上门",
        "result": "follow_up",
        "feedback": "想先看样品",
        "next_step": "送样品",
        "next_on": "2017-03-09",
    }
    answer = client.post(url("complete", task.key), {**said, "back": url("board")})
    assert (answer.status_code, answer.headers["Location"]) == (303, url("board"))
    assert ExecutionRecord.objects.get().next_step == "送样品"
    client.post(url("undo", task.key))
    task.refresh_from_db()
    assert task.state == "open"


def test_to_follow_up_needs_a_next_step_and_its_day(task, wang, client_for):
    client = client_for(wang)
    said = {"on": "2017-03-01", "action": "上门", "result": "follow_up", "feedback": "想先看样品"}
    answer = client.post(url("complete", task.key), said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "待跟进:请写明下一步做什么。" in page and "待跟进:请选择下一步的日期。" in page
    assert client.post(url("complete", task.key), {**said, "result": "success"}).status_code == 303


def test_a_task_says_why_it_stands_with_the_manager(in_force, wang, li, client_for):
    theirs, nobodys = customer(wang, tier="potential"), customer(None, tier="potential")
    plan()
    client = client_for(wang)
    held = task_of(theirs, "potential_second_order")
    assert "策略由市场负责;任务分给客户自己的客户经理。" in client.get(url("task", held.key)).content.decode()
    Task.objects.filter(pk=held.pk).update(assignee=li, pinned=True)
    assert "策略由市场负责" not in client.get(url("task", held.key)).content.decode()
    waiting = task_of(nobodys, "potential_second_order")
    rows = task_rows(wang, [waiting], TODAY)
    assert rows[0].led_by == "市场"


def test_it_never_leads_elsewhere(task, wang, client_for):
    for back in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = client_for(wang).post(url("cancel", task.key), {"reason": "不需要", "back": back})
        assert answer.headers["Location"] == url("tasks")
        client_for(wang).post(url("reopen", task.key))


def test_bulk(task, li, wang, client_for):
    other = customer(None, tier="strategic")
    plan()
    keys = [str(task.key), str(task_of(other, FIRST).key), "rubbish"]
    client_for(li).post(url("bulk_postpone"), {"keys": keys, "to": "2017-03-20", "reason": "展会"})
    assert Task.objects.filter(act_on=date(2017, 3, 20)).count() == 2
    client_for(wang).post(url("bulk_postpone"), {"keys": keys, "to": "2017-03-25", "reason": "展会"})
    assert Task.objects.filter(act_on=date(2017, 3, 25)).count() == 1, "own customers only"
    client_for(li).post(url("bulk_assign"), {"keys": keys, "to": str(li.key)})
    assert Task.objects.filter(assignee=li).count() == 2
    assert client_for(wang).post(url("bulk_assign"), {"keys": keys}).status_code == 403


def test_filters(task, li, wang, client_for):
    def shown(query: str) -> int:
        html = client_for(wang).get(f"{url('tasks')}?{query}").content
        return len(BeautifulSoup(html, "html.parser").select("tbody tr"))

    assert shown("") == 3
    assert shown("when=overdue") == 0
    assert shown("who=none") == 0
    assert shown("tier=core") == 0
    assert shown(f"measure=strategic.{FIRST}") == 1
    assert shown("q=专属") == 1
    assert shown("when=rubbish&after=rubbish&source=loop") == 3


def test_pages_are_walked_by_key(in_force, wang, client_for):
    for _ in range(40):
        customer(wang, tier="strategic")
    plan()
    client, seen, address = client_for(wang), set(), url("tasks")
    for _ in range(3):
        soup = BeautifulSoup(client.get(address).content, "html.parser")
        seen |= {row["data-href"] for row in soup.select("tbody tr")}
        after = [link for link in soup.select(".zk-paging a[href]") if "after=" in link["href"]]
        address = after[0]["href"] if after else ""
    assert len(seen) == 120 and not address


def test_the_three_tables_in_one_workbook(task, li, wang, client_for):
    actions.complete(task=task, done=Done(on=TODAY, action="=1+1", result="success", feedback="好"), by=wang)
    tier = Tier.objects.get(key="strategic").name.zh
    base, strategies, records = rows_of(client_for(li).get(url("workbook")))
    assert base[0][:4] == ["客户编号", "客户", "层级", "客户经理"]
    assert base[1][:4] == [task.customer.code, "欧阳娜娜", tier, "wang"]
    assert strategies[0][0] == "层级" and len(strategies) > 5
    assert records[1][1:5] == [task.customer.code, "欧阳娜娜", "wang", "'=1+1"]


def test_customers_see_their_tasks_on_other_pages(task, wang, zhou, client_for, rf):
    from zhike.customers.timeline import EVER
    from zhike.execution import panels
    from zhike.kernel import slots

    request = rf.get("/")
    request.user = wang
    tab = panels.customer_tab(request, task.customer)
    assert "专属客户经理首访" in tab and Tier.objects.get(key="strategic").name.zh in tab
    assert "新建任务" in panels.customer_buttons(request, task.customer)
    assert "专属客户经理首访" in panels.my_tasks(request)
    actions.complete(
        task=task,
        done=Done(
            on=TODAY, action="拜访", result="follow_up", feedback="好", next_step="再访", next_on=TODAY
        ),
        by=wang,
    )
    [moment] = list(panels.moments(wang, task.customer, EVER))
    assert (moment.badge, moment.detail) == ("待跟进", "好 · wang")
    assert moment in slots.moments(wang, task.customer, EVER)
    assert panels.overdue(wang) == 0
    request.user = zhou
    assert panels.customer_buttons(request, task.customer) == ""


def test_other_programs_get_the_same_masks_and_scope(task, wang, zhou, chen, client):
    done = Done(on=TODAY, action="打 13911112222", result="success", feedback="家住幸福路八号")
    actions.complete(task=task, done=done, by=wang)

    def records(who) -> list[dict[str, object]]:
        _token, secret = kernel.issue_token(
            user=who, name="test", rights=["tasks.view"], expires_at=None, by=who
        )
        answer = client.get("/api/v1/records", HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert answer.status_code == 200
        return answer.json()["items"]

    assert records(wang)[0]["feedback"] == "家住幸福路八号"
    assert records(wang)[0]["action"] == "打 139****2222"
    assert records(zhou)[0]["feedback"] == "****"
    assert records(chen) == []


@pytest.mark.parametrize("address", ["tasks", "board", "calendar"])
def test_who_has_no_tasks_sees_everybodys(task, wang, li, client_for, address):
    assert str(task.key) in client_for(wang).get(url(address)).content.decode()
    assert str(task.key) in client_for(li).get(url(address)).content.decode()
    assert str(task.key) not in client_for(li).get(url(address), {"who": "mine"}).content.decode()
