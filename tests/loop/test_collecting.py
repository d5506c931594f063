"""From a file to customers and orders: what a receipt says of rows that wait, and of a file that comes again."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.stages.intake.making import csv

from zhike.cli.importing import sentence
from zhike.intake import actions, problem_files, queries
from zhike.intake.models import Batch
from zhike.kernel import jobs
from zhike.kernel.models import User

pytestmark = pytest.mark.usefixtures("retail")
Send = Callable[[list[list[str]], str], Batch]
PEOPLE = [["会员编号", "姓名", "客户经理"], ["C1", "王小明", "wang@example.com"], ["C2", "李小红", "张三丰"]]
ORDERS = [
    ["订单编号", "客户编号", "下单时间", "金额"],
    ["S1", "C1", "2024-03-05", "10"],
    ["S2", "C9", "2024-03-05", "5"],
]


@pytest.fixture
def send(retail: object, li: User, wang: User) -> Send:
    def sending(rows: list[list[str]], kind: str) -> Batch:
        source = actions.ensure_source("crm", by=li)
        batch = actions.receive(blocks=[csv(rows)], name=f"{kind}.csv", kind=kind, source=source, by=li)
        actions.confirm(
            batch=batch, mapping={one.index: one.field for one in actions.suggestions(batch)}, by=li
        )
        batch.refresh_from_db()
        assert batch.job
        jobs.run(batch.job.pk)
        batch.refresh_from_db()
        return batch

    return sending


def test_a_waiting_row_names_the_cell_it_waits_for(send: Send) -> None:
    people, orders = send(PEOPLE, "customers"), send(ORDERS, "orders")
    told = [queries.receipt(one, notes=5).problems[0] for one in (people, orders)]
    assert [(note.row, note.column, note.value) for note in told] == [
        (3, "客户经理", "张三丰"),
        (3, "客户编号", "C9"),
    ]
    assert "姓名或邮箱" in told[0].remedy.zh
    [(cells, marked)] = list(problem_files.rows(people))
    assert marked == {2} and cells[3].startswith("客户经理:")


def test_a_receipt_says_what_is_new_and_what_changed(send: Send, li: User, client: Client) -> None:
    first, again = send(PEOPLE[:2], "customers"), send(PEOPLE[:2], "customers")
    other = send([PEOPLE[0], ["C1", "王晓明", ""], ["C3", "赵六", ""]], "customers")
    assert [(one.added, one.changed) for one in (first, again, other)] == [(1, 0), (0, 0), (1, 1)]
    assert queries.receipt(again).changes_nothing and not queries.receipt(other).changes_nothing
    assert queries.receipt(other).as_json()["added"] == 1
    assert "没有变化" in sentence(queries.receipt(again))[0]
    assert "新增 1 条,更改 1 条" in sentence(queries.receipt(other))[0]
    client.force_login(li)
    page = client.get(reverse("intake:batch", args=[again.key])).content.decode()
    assert "没有变化" in page and str(first.key) in page


def test_a_manager_given_to_a_known_customer_is_a_change(send: Send) -> None:
    send([["会员编号", "姓名"], ["C1", "王小明"]], "customers")
    given = send(PEOPLE[:2], "customers")
    assert (given.added, given.changed) == (0, 1)


def test_orders_told_again_change_nothing(send: Send) -> None:
    send(PEOPLE[:2], "customers")
    first, again = send(ORDERS[:2], "orders"), send(ORDERS[:2], "orders")
    assert [(one.added, one.changed) for one in (first, again)] == [(1, 0), (0, 0)]
