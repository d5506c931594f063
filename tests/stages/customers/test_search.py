"""Finding customers: by name, pinyin, initials, code, whole phone or e-mail, last four digits; in scope only."""

import pytest
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
def test_it_finds(words: str, codes: set[str]) -> None:
    assert set(queries.matching(Customer.objects.all(), words).values_list("code", flat=True)) == codes


def test_others_customers_are_not_found(wang: User, chen: User) -> None:
    actions.assign(customers=[the("VIP-001").pk], manager=wang, by=None)
    assert queries.matching(queries.visible_to(wang), "zsf").count() == 1
    for words in ("zsf", "VIP-001", "13800138000", "8000", "zhang@example.com"):
        assert not queries.matching(queries.visible_to(chen), words).exists()


def test_counts_are_exact_while_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    assert queries.count_of(Customer.objects.all()) == (3, True)
    monkeypatch.setattr(queries, "COUNT_UP_TO", 2)
    assert queries.count_of(Customer.objects.all()) == (2, False)
