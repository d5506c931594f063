"""The figures at the top of the workbench: counted within the scope, each leading to what it counts."""

import pytest

from zhike.customers import queries as customers
from zhike.customers.models import Customer
from zhike.desk import overview
from zhike.execution import actions as execution
from zhike.execution.models import Task
from zhike.kernel import clock, paging
from zhike.kernel.models import User


def a_customer(code: str, manager: User) -> Customer:
    """The least that makes a customer."""
    now = clock.now()
    return Customer.objects.create(
        code=code,
        kind="person",
        manager=manager,
        department=manager.department,
        created_at=now,
        updated_at=now,
    )


def values(user: User) -> dict[str, str]:
    """The figures by their label."""
    return {one.label: one.value for one in overview.overview(user)}


def test_nothing_is_counted_before_the_first_customer(root: User) -> None:
    assert overview.overview(root) == []


def test_everybody_counts_what_they_see(root: User, wang: User, chen: User) -> None:
    for number in range(3):
        a_customer(f"W{number}", wang)
    a_customer("C1", chen)
    assert values(root)["客户"] == "4"
    assert values(wang)["客户"] == "3"
    assert values(chen)["客户"] == "1"


def test_an_overdue_task_is_named(wang: User) -> None:
    made = execution.add(
        customer=a_customer("W1", wang), title="回访", due_on=clock.today(), by=wang, assignee=wang
    )
    Task.objects.filter(pk=made.pk).update(due_on=clock.days_ago(9))
    to_do = next(one for one in overview.overview(wang) if one.label == "待办任务")
    assert (to_do.value, to_do.hint, to_do.worse) == ("1", "逾期 1", True)


def test_counting_stops(root: User, wang: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST", 2)
    for number in range(4):
        a_customer(f"W{number}", wang)
    assert values(root)["客户"] == "2+"


def test_a_base_of_many_thousands_is_counted_exactly(root: User) -> None:
    now = clock.now()
    Customer.objects.bulk_create(
        Customer(code=f"B{number}", kind="person", name="张三", created_at=now, updated_at=now)
        for number in range(10_001)
    )
    assert values(root)["客户"] == "10,001"
    assert paging.counted(customers.visible_to(root)) == "10,001"
    assert customers.count_of(customers.visible_to(root)) == (10_001, True)
