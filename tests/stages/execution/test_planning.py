"""Strategies become tasks: once per customer, measure and cycle."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection
from tests.care import TODAY, customer, place, plan, task_of

from zhike.execution import actions
from zhike.execution.actions import Done
from zhike.execution.models import Task
from zhike.kernel.models import AuditEntry
from zhike.strategies import actions as strategies
from zhike.strategies.models import Strategy

FIRST, MONTHLY = "strategic_first_visit", "strategic_monthly_care"


@pytest.mark.django_db
def test_a_strategic_customer_gets_every_measure_once(in_force, wang):
    one = customer(wang, tier="strategic")
    receipt = plan()
    assert receipt.made == receipt.wanted == Task.objects.filter(customer=one).count() == 3
    first, monthly = task_of(one, FIRST), task_of(one, MONTHLY)
    assert (first.assignee, first.tier, first.state, first.source) == (wang, "strategic", "open", "loop")
    assert first.cycle.startswith("once:")
    assert monthly.cycle == "2017-03"
    assert first.name.zh == "专属客户经理首访"
    # A Wednesday and three working days: Thursday, Friday, Monday.
    assert first.due_on == first.act_on == date(2017, 3, 6)


@pytest.mark.django_db
def test_planning_again_changes_nothing(in_force, wang):
    for tier in ("strategic", "core", "risk", "ordinary"):
        customer(wang, tier=tier)
    first = plan()
    before = list(Task.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()
    again = plan()
    assert again.wanted == first.wanted == again.stood
    assert not again.changed
    assert list(Task.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.count() == entries


@pytest.mark.django_db
def test_holidays_are_not_working_days(in_force, wang):
    one = customer(wang, tier="strategic", since=date(2017, 9, 29))
    plan(date(2017, 9, 29))  # a Friday, then the Saturday is a make-up day and the National Day week begins
    assert task_of(one, FIRST).due_on == date(2017, 10, 10)


@pytest.mark.django_db
def test_the_next_month_brings_the_next_cycle_and_tells_what_was_missed(in_force, wang):
    one = customer(wang, tier="strategic")
    plan()
    receipt = plan(date(2017, 4, 5))
    assert (receipt.made, receipt.missed) == (
        2,
        2,
    )  # the month's call and the quarter's invitation were overdue
    old = Task.objects.get(customer=one, measure_key__endswith=MONTHLY, cycle="2017-03")
    assert (old.state, old.closing) == ("cancelled", "next_cycle")
    assert task_of(one, MONTHLY).missed == 1
    assert plan(date(2017, 5, 3)).missed == 1  # the April call
    assert task_of(one, MONTHLY).missed == 2


@pytest.mark.django_db
def test_a_done_task_is_not_missed(in_force, wang):
    one = customer(wang, tier="strategic")
    plan()
    actions.complete(
        task=task_of(one, MONTHLY),
        done=Done(on=TODAY, action="电话", result="success", feedback="好"),
        by=wang,
    )
    assert plan(date(2017, 4, 5)).missed == 1  # only the quarter's invitation
    assert task_of(one, MONTHLY).missed == 0


@pytest.mark.django_db
def test_tasks_of_a_tier_left_behind_are_cancelled_and_return_with_the_customer(in_force, wang):
    one = customer(wang, tier="strategic")
    plan()
    place(one, "core", date(2017, 3, 8))
    receipt = plan(date(2017, 3, 8))
    assert receipt.cancelled == 3
    assert set(Task.objects.filter(customer=one, tier="strategic").values_list("state", "closing")) == {
        ("cancelled", "left_tier")
    }
    place(one, "strategic", date(2017, 3, 9))
    back = plan(date(2017, 3, 9))
    assert back.revived == 2  # the month's and the quarter's; the first visit is called for anew
    assert Task.objects.filter(customer=one, measure_key__endswith=FIRST).count() == 2


@pytest.mark.django_db
def test_a_done_task_stays_done_when_the_tier_is_left(in_force, wang):
    one = customer(wang, tier="strategic")
    plan()
    actions.complete(
        task=task_of(one, FIRST), done=Done(on=TODAY, action="拜访", result="success", feedback="好"), by=wang
    )
    place(one, "core", date(2017, 3, 8))
    plan(date(2017, 3, 8))
    assert task_of(one, FIRST).state == "done"


@pytest.mark.django_db
def test_without_a_manager_the_task_waits_in_the_queue(in_force, wang):
    wang.is_active = False
    wang.save()
    customer(None, tier="strategic")
    customer(wang, tier="strategic")
    assert plan().unassigned == 6
    assert not Task.objects.exclude(assignee=None).exists()


@pytest.mark.django_db
def test_a_new_manager_takes_over_open_tasks_but_not_those_handed_over_by_hand(in_force, li, wang, chen):
    one = customer(wang, tier="strategic")
    plan()
    actions.reassign(task=task_of(one, FIRST), to=li, by=li)
    one.manager = chen
    one.save()
    assert plan().reassigned == 2
    assert task_of(one, FIRST).assignee == li
    assert task_of(one, MONTHLY).assignee == chen


@pytest.mark.django_db
def test_exceptions_are_honoured(in_force, li, wang, chen):
    skipped, owned, cycled, noted = (customer(wang, tier="strategic") for _ in range(4))
    key = f"strategic.{MONTHLY}"
    strategies.make_exception(customer=skipped, kind="skip", measure_key=key, reason="出国", by=li)
    strategies.make_exception(customer=owned, kind="owner", owner=li, reason="老总亲自跟", by=li)
    strategies.make_exception(
        customer=cycled, kind="cycle", every="quarterly", measure_key=key, reason="少打扰", by=li
    )
    strategies.make_exception(customer=noted, kind="note", note="只在下午打", reason="客户要求", by=li)
    plan()
    assert not Task.objects.filter(customer=skipped, measure_key=key).exists()
    assert set(Task.objects.filter(customer=owned).values_list("assignee", flat=True)) == {li.pk}
    assert task_of(cycled, MONTHLY).cycle == "2017-Q1"
    assert task_of(noted, FIRST).note == "只在下午打"


@pytest.mark.django_db
def test_an_exception_made_later_cancels_what_it_skips_and_its_end_brings_it_back(in_force, li, wang):
    one = customer(wang, tier="strategic")
    plan()
    made = strategies.make_exception(customer=one, kind="skip", reason="停用", by=li)
    assert plan().cancelled == 3
    assert set(Task.objects.filter(customer=one).values_list("closing", flat=True)) == {"excepted"}
    strategies.end_exception(exception=made, by=li)
    assert plan().revived == 3


@pytest.mark.django_db
def test_a_measure_no_longer_promised_is_not_asked_for(in_force, wang):
    one = customer(wang, tier="strategic")
    plan()
    Strategy.objects.filter(tier="strategic").update(until=date(2017, 3, 10))
    assert plan(date(2017, 3, 10)).cancelled == 3
    assert not Task.objects.filter(customer=one, state="open").exists()


@pytest.mark.django_db
def test_many_customers_take_seconds(in_force, wang, django_assert_max_num_queries):
    for number in range(200):
        customer(wang, tier="strategic" if number % 2 else "core")
    with django_assert_max_num_queries(30):
        receipt = plan()
    assert receipt.made == 100 * 3 + 100 * 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_no_task_twice(in_force, wang):
    for number in range(300):
        customer(wang, tier="strategic" if number % 2 else "core")
    ready, receipts = Barrier(3), []

    def work():
        try:
            ready.wait()
            receipts.append(plan())
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.made for receipt in receipts) == [0, 0, 150 * 3 + 150 * 2]
    assert Task.objects.count() == 750
    assert Task.objects.values("customer", "measure_key", "cycle").distinct().count() == 750
