"""Changing customers by hand: nothing is overwritten unseen, nothing is shown without a reason, everything can be undone."""

from dataclasses import replace

import pytest
from tests.chunks import take, the

from zhike.blueprint import queries as blueprints
from zhike.customers import actions, doctor, impact, queries
from zhike.customers.actions import AlreadyThere, EditedMeanwhile
from zhike.customers.facts import CustomerRefusal
from zhike.customers.models import ContactPoint, Customer, CustomerVersion, Identity
from zhike.kernel import slots
from zhike.kernel.models import AuditEntry, Job, User

pytestmark = pytest.mark.usefixtures("retail")
ZHANG = {"code": "C1", "name": "张三", "phone": "+8613800138000", "region": "310100"}


def phone_of(customer: Customer) -> str:
    return queries.unseal_contact(ContactPoint.objects.get(customer=customer, field="phone", primary=True))


def test_creating_records_who_and_by_what_source(li: User) -> None:
    made = actions.create(given={"name": "李四", "phone": "+8613900139000"}, code="N1", manager=li, by=li)
    assert (made.code, made.name, made.manager, made.origins["name"]) == ("N1", "李四", li, "manual")
    assert AuditEntry.objects.filter(what="customers.created", by=li).exists()
    assert "13900139000" not in str(AuditEntry.objects.values_list("changes", "note"))


def test_without_a_code_one_is_made(li: User) -> None:
    made = actions.create(given={"name": "李四"}, by=li)
    assert made.code.startswith("K") and actions.create(given={"name": "李四"}, by=li).code != made.code


def test_somebody_who_is_there_is_not_added_again(li: User) -> None:
    take(ZHANG)
    with pytest.raises(AlreadyThere) as caught:
        actions.create(given={"name": "张三", "phone": ZHANG["phone"]}, by=li)
    assert caught.value.found == the("C1")
    with pytest.raises(CustomerRefusal):
        actions.create(given={"name": "李四", "phone": ZHANG["phone"]}, by=li)
    assert (
        actions.create(given={"name": "李四", "phone": ZHANG["phone"]}, by=li, anyway=True).pk != the("C1").pk
    )


def test_an_edit_stands_above_every_file(li: User) -> None:
    take(ZHANG, rank=90)
    actions.edit(customer=the("C1"), given={"region": "320500", "phone": "+8613911112222"}, seen=1, by=li)
    take({**ZHANG, "name": "张三丰"}, rank=90)
    found = the("C1")
    assert found.values["region"] == "320500" and phone_of(found) == "+8613911112222"
    assert found.others["region"] == {"crm": "310100"} and found.name == "张三丰"


def test_emptying_a_field(li: User) -> None:
    take(ZHANG)
    found = actions.edit(customer=the("C1"), given={"phone": None, "region": None}, seen=1, by=li)
    assert found.values == {} and "phone" not in found.digests
    assert not ContactPoint.objects.filter(customer=found, primary=True).exists()


def test_an_edit_that_changes_nothing_writes_nothing(li: User) -> None:
    take(ZHANG)
    found = actions.edit(customer=the("C1"), given={"region": "310100"}, seen=1, by=li)
    assert found.version == 1 and not CustomerVersion.objects.exists()


def test_the_second_editor_overwrites_nothing(li: User, root: User) -> None:
    take(ZHANG)
    actions.edit(customer=the("C1"), given={"region": "320500"}, seen=1, by=li)
    with pytest.raises(EditedMeanwhile) as caught:
        actions.edit(customer=the("C1"), given={"region": "440100"}, seen=1, by=root)
    assert caught.value.fields == ["region"] and the("C1").values["region"] == "320500"


def test_restoring_brings_back_sealed_values_too(li: User) -> None:
    take(ZHANG)
    actions.edit(customer=the("C1"), given={"name": "李四", "phone": "+8613911112222"}, seen=1, by=li)
    found = actions.restore(customer=the("C1"), number=1, by=li)
    assert (found.name, found.version, phone_of(found)) == ("张三", 3, "+8613800138000")
    assert actions.restore(customer=found, number=2, by=li).name == "李四"


def test_revealing_asks_why_and_is_written_down(wang: User) -> None:
    take(ZHANG)
    with pytest.raises(CustomerRefusal):
        actions.reveal(customer=the("C1"), field="phone", reason="  ", by=wang)
    assert (
        actions.reveal(customer=the("C1"), field="phone", reason="客户来电核对", by=wang) == "+8613800138000"
    )
    entry = AuditEntry.objects.get(what="customers.revealed")
    assert (entry.by, entry.note, entry.changes) == (wang, "客户来电核对", {"field": "phone"})


def test_assigning_takes_the_managers_department(li: User, wang: User) -> None:
    take(ZHANG, {"code": "C2", "name": "李四"})
    ids = list(Customer.objects.values_list("pk", flat=True))
    assert actions.assign(customers=ids, manager=wang, by=li) == 2
    assert actions.assign(customers=ids, manager=wang, by=li) == 0
    assert set(Customer.objects.values_list("manager", "department")) == {(wang.pk, wang.department_id)}


def test_erasing_leaves_nothing(li: User) -> None:
    take(ZHANG, {"code": "C2", "name": "李四"})
    actions.edit(customer=the("C1"), given={"region": "320500"}, seen=1, by=li)
    actions.erase(customer=the("C1"), reason="本人要求", by=li)
    assert list(Customer.objects.values_list("code", flat=True)) == ["C2"]
    assert (
        Identity.objects.count() == 1
        and not ContactPoint.objects.exists()
        and not CustomerVersion.objects.exists()
    )
    assert Job.objects.filter(name="customers.forget").exists()


def test_two_records_become_one(li: User) -> None:
    take(ZHANG, {**ZHANG, "code": "C2", "phone": "+8613911112222"}, {"code": "C3", "name": "王五"})
    actions.edit(customer=the("C2"), given={"region": "320500"}, seen=1, by=li)
    kept, gone = the("C1").pk, the("C2").pk
    slots.merge_customer(kept, gone)
    Customer.objects.filter(pk=gone).delete()
    assert queries.by_source_codes("crm", ["C1", "C2"]) == {"C1": kept, "C2": kept}
    points = {queries.unseal_contact(one): one.primary for one in queries.contact_points([kept])[kept]}
    assert points == {"+8613800138000": True, "+8613911112222": False}
    assert CustomerVersion.objects.filter(customer=kept).count() == 1
    assert doctor.no_strays() == [] == doctor.one_primary_contact()


def test_a_change_of_the_blueprint_says_whom_it_touches(li: User) -> None:
    take(ZHANG, {"code": "C2", "name": "王五"})
    old = blueprints.current()
    fields = tuple(
        replace(field, required=True) if field.key == "region" else field
        for field in old.modules[0].fields
        if field.key != "phone"
    )
    new = replace(old, modules=(replace(old.modules[0], fields=fields), *old.modules[1:]))
    told = {one.title.en: one.count for one in impact.touched(old, new, li)}
    assert told == {"customers lose sight of “Mobile”": 1, "customers lack the required “Region”": 1}


def test_exports_hold_the_visible_only(li: User, wang: User, zhou: User) -> None:
    take(ZHANG, {"code": "C2", "name": "王五"})
    actions.assign(customers=[the("C1").pk], manager=wang, by=li)
    assert [queries.for_export(one).count() for one in (li, wang, zhou)] == [2, 1, 0]
