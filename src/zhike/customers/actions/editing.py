"""Typing a customer in and changing one by hand: one more source, whose word stands above the others."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from zhike.blueprint import queries as blueprints
from zhike.core.text import Text
from zhike.customers import queries
from zhike.customers.absorbing import matching, reading, writing
from zhike.customers.absorbing.matching import Found
from zhike.customers.absorbing.reading import Incoming
from zhike.customers.absorbing.turns import take_turn
from zhike.customers.absorbing.writing import Change, Setting
from zhike.customers.facts import MANUAL, CustomerRefusal
from zhike.customers.models import ContactPoint, Customer, CustomerVersion
from zhike.customers.reconcile import revise
from zhike.kernel import audit, clock
from zhike.kernel.models import User

Given = Mapping[str, Any]


class EditedMeanwhile(CustomerRefusal):
    """Somebody else changed the customer since the form was opened; nothing was overwritten."""

    def __init__(self, current: Customer, fields: list[str]) -> None:
        super().__init__(
            Text(
                "您打开表单之后,这位客户已被他人修改。",
                "Somebody changed this customer after you opened the form.",
            ),
            Text(
                "请对照差异,保留需要的内容后再保存。",
                "Compare the differences, keep what is right, and save again.",
            ),
        )
        self.current = current
        self.fields = fields


class AlreadyThere(CustomerRefusal):
    """The marks given name a customer who exists."""

    def __init__(self, found: Customer | None, code: str) -> None:
        super().__init__(
            Text(
                f"客户 {code} 已有相同的联系方式或编号。",
                f"Customer {code} has the same contact details or code.",
            ),
            Text(
                "请打开该客户修改;若确是另一位客户,请勾选“另一位客户”后保存。",
                "Open that customer and edit it; if it really is somebody else, tick “another customer” and save.",
            ),
        )
        self.found = found


@transaction.atomic
def create(
    *, given: Given, by: User | None, code: str = "", manager: User | None = None, anyway: bool = False
) -> Customer:
    """Add a customer from cleaned values by field key; `anyway` adds one although its marks name another."""
    setting = _setting(by, manager)
    one = _incoming(given, setting)
    if code:
        reading.take_code(one, code)
    take_turn()
    found = matching.match([one], setting.fields, MANUAL)
    if code and Customer.objects.filter(code=code).exists():
        raise AlreadyThere(Customer.objects.filter(code=code).first(), code)
    if found.existing and not anyway:
        there = found.existing[0][1]
        raise AlreadyThere(Customer.objects.filter(pk=there.id).first(), there.code)
    if found.held and not anyway:
        raise CustomerRefusal(found.held[0].reason, found.held[0].remedy)
    number = writing.add([one], setting, found.taken)[0]
    customer = Customer.objects.get(pk=number)
    audit.record("customers.created", customer, by=by, changes={"fields": sorted(one.said)})
    return customer


@transaction.atomic
def edit(*, customer: Customer, given: Given, seen: int, by: User | None) -> Customer:
    """Change the fields given (None empties one), provided nobody changed them since version `seen`."""
    setting = _setting(by, None)
    take_turn()
    current = Customer.objects.select_for_update().get(pk=customer.pk)
    if current.version != seen:
        raise EditedMeanwhile(current, changed_since(current, seen))
    found = matching.load(current.pk)
    one = _incoming(given, setting)
    revision = revise(found.known, one.said, source=MANUAL, ranks=queries.ranks())
    gone = [key for key, value in given.items() if value in reading.NOTHING and key in found.known.values]
    for key in gone:
        del revision.values[key]
        revision.origins.pop(key, None)
        revision.changed[key] = "gone"
    if not revision.changed:
        return current
    writing.change([Change(found, one, revision)], setting)
    ContactPoint.objects.filter(customer=current, field__in=gone).update(primary=False)
    writing.recognise([(one, current.pk)], setting)
    audit.record(
        "customers.edited", current, by=by, changes={"fields": sorted(revision.changed), "from": seen}
    )
    return Customer.objects.get(pk=current.pk)


@transaction.atomic
def restore(*, customer: Customer, number: int, by: User | None) -> Customer:
    """Make a customer what it was before change `number`; the present state is kept as one more version."""
    take_turn()
    current = Customer.objects.select_for_update().get(pk=customer.pk)
    version = CustomerVersion.objects.get(customer=current, number=number)
    prior = version.prior
    changed = dict.fromkeys(differing(state_of(current), prior), "restored")
    CustomerVersion.objects.create(
        customer=current, number=current.version, changed=changed, prior=state_of(current), source=MANUAL,
        at=clock.now(), by=by,
    )  # fmt: skip
    Customer.objects.filter(pk=current.pk).update(
        name=prior["name"], values=prior["values"], digests=prior["digests"], origins=prior["origins"],
        others=prior["others"], version=current.version + 1, updated_at=clock.now(),
        search=writing.search_text(prior["name"], current.code),
    )  # fmt: skip
    for field in {*current.digests, *prior["digests"]}:
        digest = bytes.fromhex(prior["digests"].get(field, ""))
        points = ContactPoint.objects.filter(customer=current, field=field)
        points.exclude(digest=digest).update(primary=False)
        points.filter(digest=digest).update(primary=True)
    audit.record("customers.restored", current, by=by, changes={"version": number, "fields": sorted(changed)})
    return Customer.objects.get(pk=current.pk)


def state_of(customer: Customer) -> dict[str, Any]:
    """What a version keeps of a customer; sealed values stay sealed."""
    return {
        "code": customer.code,
        "name": customer.name,
        "values": customer.values,
        "digests": customer.digests,
        "origins": customer.origins,
        "others": customer.others,
    }


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The fields in which two states differ; sealed ones are compared by their digests."""
    flat = [
        {
            "name": state["name"],
            **state["values"],
            **state["digests"],
        }
        for state in (one, other)
    ]
    return sorted(key for key in {*flat[0], *flat[1]} if flat[0].get(key) != flat[1].get(key))


def changed_since(customer: Customer, seen: int) -> list[str]:
    """The fields that changed after version `seen`."""
    versions = CustomerVersion.objects.filter(customer=customer, number__gte=seen)
    return sorted({key for version in versions for key in version.changed})


def _setting(by: User | None, manager: User | None) -> Setting:
    spec = blueprints.current()
    return Setting(
        fields=spec.fields,
        kind=spec.kind.value,
        source=MANUAL,
        now=clock.now(),
        by=by.pk if by else None,
        managers={"": (manager.pk, manager.department_id)} if manager else {},
    )


def _incoming(given: Given, setting: Setting) -> Incoming:
    one = Incoming(row=0, rows=[0])
    for key, value in given.items():
        reading.take(one, setting.fields[key], value)
    return one


__all__ = ["AlreadyThere", "EditedMeanwhile", "Found", "create", "edit", "restore"]
