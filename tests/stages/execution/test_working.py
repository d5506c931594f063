"""Working on tasks: what each action changes, records and refuses."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from tests.care import TODAY, customer, plan, task_of

from zhike.execution import actions, queries
from zhike.execution.actions import Done, TaskRefusal
from zhike.execution.models import ExecutionRecord, Task
from zhike.kernel.models import AuditEntry

FIRST = "strategic_first_visit"
VISITED = Done(on=TODAY, action="上门拜访", result="success", feedback="很满意")


@pytest.fixture
def task(in_force, wang) -> Task:
    one = customer(wang, tier="strategic")
    plan()
    return task_of(one, FIRST)


@pytest.mark.django_db
def test_completing_writes_a_record_and_an_audit_entry(task, wang):
    written = actions.complete(task=task, done=VISITED, by=wang)
    task.refresh_from_db()
    assert (task.state, task.closed_on, task.closed_by) == ("done", TODAY, wang)
    assert (written.customer, written.executor, written.on_date) == (task.customer, wang, TODAY)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.thing) == ("execution.completed", str(task.key))
    assert "满意" not in str(entry.changes)


@pytest.mark.django_db
def test_a_next_step_becomes_a_task(task, wang):
    done = Done(
        on=TODAY,
        action="拜访",
        result="follow_up",
        feedback="好",
        next_step="送样品",
        next_on=date(2017, 3, 9),
    )
    written = actions.complete(task=task, done=done, by=wang)
    following = Task.objects.get(from_record=written)
    assert (following.name.zh, following.due_on, following.assignee) == ("送样品", date(2017, 3, 9), wang)
    assert (following.source, following.tier) == ("next_step", "strategic")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "done",
    [
        Done(on=TODAY + timedelta(days=1), action="拜访", result="success", feedback="好"),
        Done(on=TODAY, action=" ", result="success", feedback="好"),
        Done(on=TODAY, action="拜访", result="success", feedback=" "),
        Done(on=TODAY, action="拜访", result="success", feedback="好", next_step="送样品"),
        Done(on=TODAY, action="拜访", result="success", feedback="好", next_on=TODAY),
        Done(on=TODAY, action="拜访", result="follow_up", feedback="好"),
        Done(on=TODAY, action="拜访", result="follow_up", feedback="好", next_step=" ", next_on=TODAY),
        Done(
            on=TODAY,
            action="拜访",
            result="success",
            feedback="好",
            next_step="送样品",
            next_on=TODAY - timedelta(days=1),
        ),
    ],
    ids=[
        "future",
        "no action",
        "no feedback",
        "step without a day",
        "day without a step",
        "no follow-up",
        "blank step",
        "past",
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(task, wang, done):
    with pytest.raises(TaskRefusal) as refused:
        actions.complete(task=task, done=done, by=wang)
    assert refused.value.reason.zh and refused.value.remedy.en
    task.refresh_from_db()
    assert task.state == "open"
    assert not ExecutionRecord.objects.exists()


@pytest.mark.django_db
def test_a_closed_task_is_not_done_twice(task, wang):
    actions.complete(task=task, done=VISITED, by=wang)
    with pytest.raises(TaskRefusal, match=r"已经是|already"):
        actions.complete(task=task, done=VISITED, by=wang)
    assert ExecutionRecord.objects.count() == 1


@pytest.mark.django_db
def test_undo_withdraws_the_record_and_its_next_step(task, wang):
    done = Done(
        on=TODAY,
        action="拜访",
        result="follow_up",
        feedback="好",
        next_step="送样品",
        next_on=date(2017, 3, 9),
    )
    written = actions.complete(task=task, done=done, by=wang)
    assert actions.undo(task=task, by=wang).state == "open"
    written.refresh_from_db()
    assert written.withdrawn_by == wang
    assert Task.objects.get(from_record=written).closing == "undone"
    assert not queries.records_visible_to(wang).exists()
    actions.complete(task=task, done=VISITED, by=wang)
    with pytest.raises(TaskRefusal):
        actions.reopen(task=task, by=wang)


@pytest.mark.django_db
def test_postponing_keeps_the_first_day_and_says_why(task, wang):
    due = task.due_on
    moved = actions.postpone(task=task, to=date(2017, 3, 20), reason="客户出差", by=wang)
    moved.refresh_from_db()
    assert (moved.state, moved.due_on, moved.act_on) == ("postponed", due, date(2017, 3, 20))
    with pytest.raises(TaskRefusal):
        actions.postpone(task=task, to=TODAY - timedelta(days=1), reason="昨天", by=wang)


@pytest.mark.django_db
def test_cancelling_and_opening_again(task, wang):
    gone = actions.cancel(task=task, reason="客户要求", by=wang)
    assert (gone.state, gone.closing, gone.reason) == ("cancelled", "by_hand", "客户要求")
    assert plan().revived == 0, "what a person cancelled is not revived by the loop"
    assert actions.reopen(task=task, by=wang).state == "open"


@pytest.mark.django_db
def test_only_who_sees_the_customer_gets_the_task(task, li, wang, chen):
    with pytest.raises(TaskRefusal, match=r"看不到|cannot see"):
        actions.reassign(task=task, to=chen, by=li)
    with pytest.raises(TaskRefusal, match=r"只能|only"):
        actions.reassign(task=task, to=li, by=wang)
    assert actions.reassign(task=task, to=None, by=li).assignee is None
    assert actions.reassign(task=task, to=wang, by=wang).assignee == wang


@pytest.mark.django_db
def test_many_at_once_name_those_that_could_not(in_force, li, wang, chen):
    mine, theirs = customer(wang, tier="strategic"), customer(chen, tier="strategic")
    plan()
    tasks = [task_of(mine, FIRST), task_of(theirs, FIRST)]
    moved, refused = actions.assign_many(tasks=tasks, to=wang, by=li)
    assert (moved, [task for task, _ in refused]) == (1, [tasks[1]])
    moved, refused = actions.postpone_many(tasks=tasks, to=date(2017, 3, 30), reason="展会", by=li)
    assert (moved, refused) == (2, [])


@pytest.mark.django_db
def test_by_hand(in_force, li, wang):
    one = customer(wang)
    made = actions.add(customer=one, title="寄样品", due_on=TODAY, by=wang, assignee=wang)
    again = actions.add(customer=one, title="寄样品", due_on=TODAY, by=wang, assignee=wang)
    assert made.pk != again.pk, "what a person adds never collides"
    written = actions.record(customer=one, done=VISITED, by=wang)
    assert written.task is None


@pytest.mark.django_db
def test_the_database_keeps_the_promises(task):
    for broken in ({"state": "postponed"}, {"state": "done"}, {"closed_on": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(
            customer=task.customer,
            measure_key=task.measure_key,
            cycle=task.cycle,
            title={},
            due_on=TODAY,
            source="loop",
            created_on=TODAY,
            created_at=task.created_at,
        )


@pytest.mark.django_db(transaction=True)
def test_two_people_finish_a_task_at_once_and_one_is_told(task, wang):
    ready, told = Barrier(2), []

    def work():
        try:
            ready.wait()
            actions.complete(task=task, done=VISITED, by=wang)
        except TaskRefusal as refusal:
            told.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert ExecutionRecord.objects.filter(task=task).count() == 1


@pytest.mark.django_db
def test_own_customers_only(in_force, li, wang, chen):
    mine, theirs = customer(wang, tier="strategic"), customer(chen, tier="core")
    plan()
    actions.record(customer=mine, done=VISITED, by=wang)
    actions.record(customer=theirs, done=VISITED, by=chen)
    assert set(queries.visible_to(wang).values_list("customer", flat=True)) == {mine.pk}
    assert queries.records_visible_to(wang).count() == 1
    assert queries.visible_to(li).count() == 5
    assert set(queries.work_by_tier(wang, TODAY, TODAY)) == {"strategic"}
    assert queries.timing_counts(wang, "all", TODAY)["open"] == 3


@pytest.mark.django_db
def test_two_customers_become_one(in_force, wang):
    from zhike.execution.actions.merging import merge_tasks, one_task_per_cycle

    kept, gone = customer(wang, tier="strategic"), customer(wang, tier="strategic")
    plan()
    merge_tasks(kept.pk, gone.pk)
    assert not Task.objects.filter(customer=gone).exists()
    assert Task.objects.filter(customer=kept, closing="merged").count() == 2  # each had its own first visit
    assert one_task_per_cycle() == []
