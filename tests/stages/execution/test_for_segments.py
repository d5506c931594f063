"""A task for each customer of a segment: within the scope, for whoever can do it, and never twice."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.care import TODAY, customer

from zhike.execution.models import Task
from zhike.kernel.models import AuditEntry
from zhike.tiers import actions as tiers
from zhike.tiers import queries
from zhike.tiers.models import Segment

pytestmark = pytest.mark.django_db
SENT = {"title": "生日问候", "due_on": str(TODAY + timedelta(days=7)), "note": "附上优惠券"}


@pytest.fixture
def segment(in_force, pinned, li, wang) -> Segment:
    one = tiers.make_segment(
        name="试", rule=queries.readable({"metric": "spend", "op": ">", "value": 1}), by=None, start=False
    )
    people = [
        customer(wang, tier="strategic"),
        customer(wang, tier="strategic"),
        customer(None, tier="strategic"),
    ]
    tiers.pick_in(segment=one, customers=people, by=li)
    return one


def test_each_customer_gets_one_for_their_manager(client_for, li, wang, segment) -> None:
    url = reverse("execution:for_segment", args=[segment.key])
    assert client_for(li).get(url).page.customers == 3
    assert client_for(li).post(url, SENT).status_code == 303
    made = Task.objects.filter(source="hand")
    assert sorted((one.assignee and one.assignee.name) or "" for one in made) == ["", "wang", "wang"]
    assert {(one.name.zh, one.note, one.tier, one.state) for one in made} == {
        ("生日问候", "附上优惠券", "strategic", "open")
    }
    client_for(li).post(url, SENT)
    assert made.count() == 3
    assert [
        one.changes for one in AuditEntry.objects.filter(what="execution.added_for_segment").order_by("pk")
    ] == [
        {"tasks": 3},
        {"tasks": 0},
    ]
    assert "建任务" in client_for(li).get(reverse("tiers:segment", args=[segment.key])).content.decode()


def test_it_refuses_others_and_explains_bad_input(client_for, li, wang, segment) -> None:
    url = reverse("execution:for_segment", args=[segment.key])
    assert client_for(wang).get(url).status_code == 403
    assert client_for(wang).post(url, SENT).status_code == 403
    late = client_for(li).post(url, {**SENT, "due_on": "2001-01-01"})
    assert (
        late.status_code == 422
        and "已经过去" in late.content.decode()
        and "生日问候" in late.content.decode()
    )
    assert client_for(li).post(url, {**SENT, "title": ""}).status_code == 422
    assert not Task.objects.filter(source="hand").exists()
