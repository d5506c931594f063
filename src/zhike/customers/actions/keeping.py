"""Who looks after a customer, showing a masked value for a reason, and erasing a person."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from zhike.core.text import Text
from zhike.customers import queries
from zhike.customers.facts import CustomerRefusal
from zhike.customers.models import ContactPoint, Customer, Objection
from zhike.kernel import audit, clock, jobs, slots
from zhike.kernel.models import User

REASON_AT_LEAST = 4


@transaction.atomic
def assign(*, customers: Sequence[int] | QuerySet[Customer], manager: User | None, by: User | None) -> int:
    """Give customers (their ids, or a question that finds them) to a manager, with the manager's department.

    Returns how many changed hands.
    """
    department = manager.department if manager else None
    found = Q(pk__in=customers.order_by().values("pk") if isinstance(customers, QuerySet) else customers)
    moving = Customer.objects.filter(found).exclude(manager=manager, department=department)
    some = list(moving[:2])
    changed = moving.update(manager=manager, department=department)
    if changed:
        to = {"manager": str(manager.key) if manager else None, "customers": changed}
        one = some[0] if changed == len(some) == 1 else None
        audit.record("customers.assigned", one, by=by, changes=to)
    return changed


@transaction.atomic
def reveal(*, customer: Customer, field: str, reason: str, by: User) -> str:
    """Give a sealed or sensitive value in clear; who asked, for which field and why is recorded first."""
    if len(reason.strip()) < REASON_AT_LEAST:
        raise CustomerRefusal(
            Text("请说明查看的原因。", "Say why you need to see it."),
            Text(
                f"至少写 {REASON_AT_LEAST} 个字,原因会记入审计日志。",
                f"Write at least {REASON_AT_LEAST} characters; the reason is kept in the audit log.",
            ),
        )
    audit.record("customers.revealed", customer, by=by, note=reason.strip()[:500], changes={"field": field})
    point = ContactPoint.objects.filter(customer=customer, field=field, primary=True).first()
    if point is not None:
        return queries.unseal_contact(point)
    token = customer.sealed.get(customer.digests.get(field, ""))
    if token:
        return queries.unseal_value(customer, token)
    return str(customer.values.get(field) or "")


@transaction.atomic
def object_to_profile(*, customer: Customer, objects: bool, by: User | None) -> None:
    """Note that a customer wants no profile of theirs used for recommendations, or that they want it again."""
    if objects:
        _, changed = Objection.objects.get_or_create(
            customer=customer, defaults={"since": clock.today(), "by": by}
        )
    else:
        changed = bool(Objection.objects.filter(customer=customer).delete()[0])
    if changed:
        audit.record("customers.objected" if objects else "customers.agreed", customer, by=by)


@transaction.atomic
def erase(*, customer: Customer, reason: str, by: User | None) -> None:
    """Erase a customer with everything that hangs on it, here and in every file of the lake; it cannot be undone."""
    audit.record("customers.erased", customer, by=by, note=reason.strip()[:500])
    slots.erase_customer(customer.pk)
    Customer.objects.filter(pk=customer.pk).delete()
    jobs.defer(
        "customers.forget", by=by, title=Text("从数据湖中清除已删除的客户", "Clear an erased customer from the lake"),
        customer=customer.pk,
    )  # fmt: skip
