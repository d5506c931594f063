"""Why customers stay away: asked of those at risk, kept with the record, and summed up by tier and month."""

from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.care import TODAY, customer

from zhike.customers.models import Customer
from zhike.execution import actions, reasons
from zhike.execution.actions import Done
from zhike.execution.actions.working import TaskRefusal
from zhike.execution.models import ExecutionRecord
from zhike.kernel import queries as kernel
from zhike.kernel.models import User
from zhike.tiers.models import Tier

pytestmark = pytest.mark.django_db


@pytest.fixture
def risky(in_force: object) -> str:
    """The key of a tier at risk."""
    return str(Tier.objects.filter(color="risk").values_list("key", flat=True)[0])


@pytest.fixture
def lost(risky: str, wang: User) -> Customer:
    return customer(wang, tier=risky)


def done(reason: str = "", **more: object) -> Done:
    return Done(
        on=TODAY, action="电话挽回", result="success", feedback="说了原因", churn_reason=reason, **more
    )


def test_only_those_at_risk_are_asked(lost: Customer, wang: User, client_for) -> None:
    happy = customer(wang, tier="core")
    form = f"{reverse('execution:record')}?customer="
    assert "客户为什么流失" in client_for(wang).get(f"{form}{lost.key}").content.decode()
    assert "客户为什么流失" not in client_for(wang).get(f"{form}{happy.key}").content.decode()
    assert reasons.reasons_to_ask(happy.pk) == {}


def test_the_answer_is_kept(lost: Customer, wang: User, client_for) -> None:
    given = {
        "action": "电话",
        "result": "success",
        "feedback": "太贵了",
        "on": TODAY.isoformat(),
        "churn_reason": "price",
    }
    address = f"{reverse('execution:record')}?customer={lost.key}"
    assert client_for(wang).post(address, given | {"churn_reason": "whatever"}).status_code == 422
    assert client_for(wang).post(address, given).status_code == 303
    assert ExecutionRecord.objects.get().churn_reason == "price"


def test_an_unknown_reason_is_refused(lost: Customer, wang: User) -> None:
    with pytest.raises(TaskRefusal, match="whatever"):
        actions.record(customer=lost, done=done("whatever"), by=wang)


def test_what_was_said_is_summed_up(
    lost: Customer, risky: str, wang: User, chen: User, li: User, client_for
) -> None:
    for reason in ("price", "price", "rival", ""):
        actions.record(customer=lost, done=done(reason), by=wang)
    actions.record(customer=customer(chen, tier="core"), done=done("service"), by=chen)
    address = reverse("execution:reasons")
    page = client_for(li).get(address).page
    assert page.total == sum(row.number for row in page.rows) == 4
    assert (page.rows[0].label, page.rows[0].number, sum(page.rows[0].tiers)) == ("价格", 2, 2)
    assert len(page.tiers) == 2
    assert client_for(wang).get(address).page.total == 3
    assert client_for(chen).get(address).page.total == 1
    ExecutionRecord.objects.filter(churn_reason="rival").update(
        withdrawn_at="2017-12-31T00:00:00Z", withdrawn_by=wang
    )
    assert client_for(wang).get(address).page.total == 2
    assert "客户自述的流失原因" in reasons_card(li, client_for)


def reasons_card(user: User, client_for) -> str:
    from django.test import RequestFactory

    from zhike.execution import panels

    request = RequestFactory().get("/")
    request.user = user
    return panels.churn_reasons(request, None)


def test_it_is_exported(lost: Customer, wang: User, client_for) -> None:
    actions.record(customer=lost, done=done("price"), by=wang)
    answer = client_for(wang).get(reverse("execution:reasons_export"))
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    assert book.get_sheet_by_name("按层级").to_python()[1][:2] == ["价格", 1]
    records = client_for(wang).get(reverse("execution:records_export"))
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(records.streaming_content))).get_sheet_by_index(0)
    assert sheet.to_python()[1][-1] == "价格"


def test_it_works_empty_and_refuses_others(in_force: object, li: User, client_for) -> None:
    address = reverse("execution:reasons")
    assert "还没有记录流失原因" in client_for(li).get(address).content.decode()
    assert Client().get(address).status_code == 302
    assert client_for(li).post(address).status_code == 405
    li.language = "en"
    li.save()
    assert "Nobody has named a reason yet" in client_for(li).get(address).content.decode()


def test_it_asks_as_often_for_fifty_as_for_one(lost: Customer, wang: User, client_for) -> None:
    client, address = client_for(wang), reverse("execution:reasons")
    actions.record(customer=lost, done=done("price"), by=wang)
    client.get(address)

    def asked() -> int:
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    few = asked()
    for number in range(50):
        actions.record(customer=lost, done=done(("price", "rival", "service")[number % 3]), by=wang)
    assert asked() == few
