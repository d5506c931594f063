"""Staged rows become customers: one record each, whatever number of sources tell of them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.chunks import source, take, the

from zhike.blueprint.models import BlueprintVersion
from zhike.customers import queries
from zhike.customers.models import ContactPoint, Customer, CustomerVersion, Identity
from zhike.kernel.models import User

ZHANG = {
    "code": "C1",
    "name": "张三",
    "phone": "+8613800138000",
    "email": "zhang@example.com",
    "region": "310100",
}
pytestmark = pytest.mark.usefixtures("retail")


def snapshot() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        found: list[tuple[object, ...]] = []
        for table in ("customer", "identity", "contactpoint", "customerversion"):
            cursor.execute(f"SELECT t::text, t.xmin::text FROM customers_{table} t ORDER BY 1")
            found += cursor.fetchall()
        return found


def test_a_new_customer_has_everything_that_was_said() -> None:
    outcome = take({**ZHANG, "address": "上海市静安区南京西路 1 号"})
    assert (outcome.accepted, outcome.added, outcome.held) == (1, 1, ())
    found = the("C1")
    assert (found.name, found.kind, found.values) == ("张三", "person", {"region": "310100"})
    assert set(found.origins) == {"name", "phone", "email", "region", "address"} and set(
        found.origins.values()
    ) == {"crm"}
    points = {
        point.field: queries.unseal_contact(point) for point in queries.contact_points([found.pk])[found.pk]
    }
    assert points == {
        "phone": "+8613800138000",
        "email": "zhang@example.com",
        "address": "上海市静安区南京西路 1 号",
    }


def test_nothing_personal_stands_in_clear() -> None:
    take({**ZHANG, "address": "上海市静安区南京西路 1 号"})
    everything = str(snapshot())
    for secret in ("13800138000", "zhang@example.com", "南京西路"):
        assert secret not in everything


def test_sending_the_same_again_changes_nothing() -> None:
    rows = [
        ZHANG,
        {"code": "C2", "name": "李四", "phone": "+8613800138001"},
        {"name": "无编号", "region": "320500"},
    ]
    take(*rows)
    before = snapshot()
    outcome = take(*rows)
    assert (outcome.accepted, outcome.added, outcome.changed) == (3, 0, 0)
    assert snapshot() == before


def test_a_change_keeps_what_was(li: User) -> None:
    take(ZHANG)
    outcome = take({"code": "C1", "name": "张三丰", "region": "310100"})
    assert outcome.changed == 1
    found = the("C1")
    assert (found.name, found.version) == ("张三丰", 2)
    version = CustomerVersion.objects.get(customer=found)
    assert (version.number, version.changed, version.prior["name"]) == (1, {"name": "value"}, "张三")
    assert found.pk in queries.matching(Customer.objects.all(), "zsf", li).values_list("pk", flat=True)


def test_two_ids_of_one_source_are_two_customers_even_with_one_phone() -> None:
    outcome = take(ZHANG, {**ZHANG, "code": "C2"})
    assert outcome.added == 2
    assert take({**ZHANG, "code": "C3"}).added == 1


@pytest.mark.parametrize("shared", ["phone", "email"])
def test_across_sources_a_shared_mark_and_a_fitting_name_mean_one_customer(shared: str) -> None:
    take(ZHANG)
    outcome = take({"code": "M-77", "name": "张先生", shared: ZHANG[shared], "gender": "male"}, of="shop")
    assert (outcome.added, outcome.changed) == (0, 1)
    assert the("C1").values["gender"] == "male"
    assert queries.by_source_codes("shop", ["M-77"]) == {"M-77": the("C1").pk}


def test_across_sources_another_name_waits_for_a_person() -> None:
    take(ZHANG)
    outcome = take({"code": "M-77", "name": "李四", "phone": ZHANG["phone"]}, of="shop")
    assert (outcome.accepted, outcome.added) == (0, 0)
    (held,) = outcome.held
    assert held.row == 2 and "C1" in held.reason.zh and "C1" in held.remedy.en


def test_marks_of_two_customers_wait_for_a_person() -> None:
    take(ZHANG, {"code": "C2", "name": "张三", "email": "other@example.com"})
    outcome = take(
        {"code": "M-1", "name": "张三", "phone": ZHANG["phone"], "email": "other@example.com"}, of="shop"
    )
    assert len(outcome.held) == 1 and "C2" in outcome.held[0].reason.en


def test_one_code_twice_in_a_chunk_is_one_customer_and_the_later_row_wins() -> None:
    outcome = take(ZHANG, {"code": "C1", "name": "张三", "region": "320500"})
    assert (outcome.accepted, outcome.added) == (2, 1)
    assert the("C1").values["region"] == "320500"


def test_equal_codes_of_two_sources_are_two_customers_unless_nothing_speaks_against_one() -> None:
    take({"code": "C1", "name": "张三"})
    assert take({"code": "C1", "name": "李四"}, of="shop").added == 1
    assert Customer.objects.filter(code="C1@shop", name="李四").exists()
    assert take({"code": "C1", "region": "310100"}, of="survey").added == 0
    assert the("C1").values["region"] == "310100"


def test_a_poorer_source_does_not_overwrite() -> None:
    take(ZHANG, rank=80)
    take(
        {
            "code": "X1",
            "name": "张三",
            "phone": ZHANG["phone"],
            "email": "new@example.com",
            "region": "320500",
        },
        of="list",
        rank=10,
    )
    found = the("C1")
    assert found.values["region"] == "310100" and found.others["region"] == {"list": "320500"}
    points = {queries.unseal_contact(one): one.primary for one in ContactPoint.objects.filter(field="email")}
    assert points == {"zhang@example.com": True, "new@example.com": False}


def test_a_better_source_puts_its_phone_first() -> None:
    take(ZHANG, rank=10, of="list")
    take(
        {"code": "B1", "name": "张三", "email": ZHANG["email"], "phone": "+8613900139000"}, of="best", rank=90
    )
    points = {queries.unseal_contact(one): one.primary for one in ContactPoint.objects.filter(field="phone")}
    assert points == {"+8613800138000": False, "+8613900139000": True}


def test_a_manager_is_named_by_mail_and_a_stranger_waits(wang: User) -> None:
    outcome = take(
        {**ZHANG, "manager": "Wang@example.com"}, {"code": "C2", "name": "李四", "manager": "nobody"}
    )
    assert (outcome.accepted, len(outcome.held)) == (1, 1)
    assert (the("C1").manager, the("C1").department) == (wang, wang.department)


def test_codes_are_found_from_any_source() -> None:
    take(ZHANG)
    take({"code": "M1", "name": "张三", "phone": ZHANG["phone"]}, of="shop")
    assert queries.by_source_codes("till", ["C1", "M1", "none"]) == {"C1": the("C1").pk, "M1": the("C1").pk}


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_add_nobody_twice(retail: BlueprintVersion) -> None:
    rows = [{"code": f"C{n}", "name": f"客户{n}", "phone": f"+8613{n:09d}"} for n in range(200)]
    for key in ("a", "b", "c"):
        source(key)
    start = threading.Barrier(4)

    def run(key: str) -> int:
        start.wait()
        try:
            return take(*rows, of=key).added
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(run, ["a", "a", "b", "c"]))
    assert sum(added) == 200 == Customer.objects.count()
    assert Identity.objects.count() == 600
