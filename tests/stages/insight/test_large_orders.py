"""Large orders in sight: written by the daily run, shown on the workbench, reached by a filter of the customer list."""

import pytest
from django.test import RequestFactory
from django.urls import reverse
from tests.shop import TODAY, buys, customer

from zhike.customers import actions as customers
from zhike.customers.models import Customer
from zhike.insight import actions, panels, queries
from zhike.insight.models import LargeOrder, Run
from zhike.kernel import lake
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]


@pytest.fixture
def due(wang: User, chen: User) -> Customer:
    """A customer of 王 whose next large order is due, among many small ones of 陈's."""
    one = customer(wang, name="欧阳锋")
    buys(one, 120, 80, 40, amount="900.00")
    buys(customer(chen), *range(1, 300, 7), amount="10.00")
    lake.sync()
    assert actions.sight(as_of=TODAY) == 1
    return one


def card(user: User) -> str:
    request = RequestFactory().get("/")
    request.user = user
    return panels.large_orders(request, None)


def test_it_is_written_once_and_goes_when_it_no_longer_holds(due: Customer) -> None:
    held = LargeOrder.objects.get()
    assert (held.customer, held.points, held.signs) == (due, 2, ["due"])
    assert actions.sight(as_of=TODAY) == 1
    assert Run.objects.filter(kind="large").count() == 1
    buys(due, 0, amount="900.00")
    lake.sync()
    assert actions.sight(as_of=TODAY) == 0
    assert not LargeOrder.objects.exists()


def test_the_workbench_shows_it_within_the_scope(due: Customer, wang: User, chen: User, zhou: User) -> None:
    text = card(wang)
    assert "欧阳锋" in text and "大单信号" in text and "10%" in text and "%%" not in text
    assert "样本太少" in card(zhou) and "样本太少" not in text, "the trial counts customers of others"
    assert card(chen) == ""
    assert "欧阳锋" not in card(zhou), "names are masked for the auditor"


def test_the_list_narrows_to_them(due: Customer, wang: User, client_for) -> None:
    every = Customer.objects.all()
    assert list(queries.with_large_order(every, "any")) == [due]
    assert list(queries.with_large_order(every, "due")) == [due]
    assert not queries.with_large_order(every, "quote").exists()
    address = f"{reverse('customers:list')}?large_order=any"
    assert "欧阳锋" in client_for(wang).get(address).content.decode()


def test_merging_and_erasing(due: Customer, li: User) -> None:
    actions.merge_large_orders(0, due.pk)
    assert not LargeOrder.objects.exists()
    actions.sight(as_of=TODAY)
    customers.erase(customer=due, reason="客户要求删除", by=li)
    assert not LargeOrder.objects.exists()
