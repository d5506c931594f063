"""Finding customers: by name, pinyin, initials, code, whole phone or e-mail, last four digits; in scope only."""

import pytest
from django.test import Client
from tests.chunks import take, the

from zhike.customers import actions, queries
from zhike.customers.models import Customer
from zhike.kernel.models import User

pytestmark = pytest.mark.usefixtures("retail")


@pytest.fixture(autouse=True)
def people(retail: object) -> None:
    take(
        {"code": "VIP-001", "name": "张三丰", "phone": "+8613800138000", "email": "zhang@example.com"},
        {"code": "VIP-002", "name": "曾国藩", "phone": "+8613900138000"},
        {"code": "X9", "name": "John Smith"},
    )


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("张三", {"VIP-001"}),
        ("三丰", {"VIP-001"}),
        ("zhangsanfeng", {"VIP-001"}),
        ("zsf", {"VIP-001"}),
        ("ZS", {"VIP-001"}),
        ("sanf", {"VIP-001"}),
        ("zeng", {"VIP-002"}),
        ("smith j", {"X9"}),
        ("vip-001", {"VIP-001"}),
        ("13800138000", {"VIP-001"}),
        ("+86 138 0013 8000", {"VIP-001"}),
        ("8000", {"VIP-001", "VIP-002"}),
        ("ZHANG@example.com", {"VIP-001"}),
        ("1380013800", set()),
        ("' & !*:()|<->", set()),
        ("", {"VIP-001", "VIP-002", "X9"}),
    ],
)
def test_it_finds(words: str, codes: set[str], li: User) -> None:
    assert set(queries.matching(Customer.objects.all(), words, li).values_list("code", flat=True)) == codes


def test_others_customers_are_not_found(wang: User, chen: User) -> None:
    actions.assign(customers=[the("VIP-001").pk], manager=wang, by=None)
    assert queries.matching(queries.visible_to(wang), "zsf", wang).count() == 1
    for words in ("zsf", "VIP-001", "13800138000", "8000", "zhang@example.com"):
        assert not queries.matching(queries.visible_to(chen), words, chen).exists()


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("张三丰", set()),
        ("zhangsanfeng", set()),
        ("zsf", set()),
        ("张", set()),
        ("smith", set()),
        ("vip 张三", set()),
        ("VIP-001", {"VIP-001"}),
        ("001", {"VIP-001"}),
        ("ip", set()),
        ("13800138000", {"VIP-001"}),
        ("8000", {"VIP-001", "VIP-002"}),
        ("华晟", {"B7"}),
        ("jmzz", {"B7"}),
        ("b7", {"B7"}),
    ],
)
def test_a_masked_name_is_not_confirmed(words: str, codes: set[str], zhou: User) -> None:
    take({"code": "B7", "name": "华晟精密制造有限公司", "credit_code": "91320508MA1N12348X"})
    Customer.objects.filter(code="B7").update(kind=Customer.Kind.COMPANY)
    assert set(queries.matching(Customer.objects.all(), words, zhou).values_list("code", flat=True)) == codes


def test_no_way_in_confirms_a_masked_name(zhou: User, client_for: type[Client]) -> None:
    client, key = client_for(zhou), str(the("VIP-001").key)
    for address in ("/search/?q={}", "/palette/?q={}", "/customers/?q={}"):
        assert key not in client.get(address.format("zsf")).content.decode()
        assert key in client.get(address.format("VIP-001")).content.decode()
    assert "zhangsanfeng" not in client.get("/customers/?q=zsf").content.decode()


def test_counts_are_exact_while_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    assert queries.count_of(Customer.objects.all()) == (3, True)
    monkeypatch.setattr(queries, "COUNT_UP_TO", 2)
    assert queries.count_of(Customer.objects.all()) == (2, False)
