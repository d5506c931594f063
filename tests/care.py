"""A small company in care of its customers: a blueprint in force, customers placed in tiers, strategies adopted."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import count

import pytest
from django.utils import timezone

from zhike.blueprint import actions as blueprint
from zhike.blueprint.models import BlueprintVersion
from zhike.customers.models import Customer
from zhike.execution import actions as execution
from zhike.execution.models import Task
from zhike.kernel import actions, jobs, queries
from zhike.kernel.models import User
from zhike.strategies import actions as strategies
from zhike.tiers.models import Placement, Tier

TODAY = date(2017, 3, 1)  # a Wednesday
_numbers = count(1)


@pytest.fixture
def pinned(db: None) -> date:
    """The business date stands still."""
    actions.describe_installation(is_demo=True, business_date=TODAY, by=None)
    queries.forget_installation()
    return TODAY


@pytest.fixture
def in_force(pinned: date, root: User, monkeypatch: pytest.MonkeyPatch) -> BlueprintVersion:
    """The retail blueprint is published, its tiers exist and its strategies are adopted."""
    known = jobs.Definition("loop.republished", "default", lambda run: None)
    monkeypatch.setitem(jobs._definitions, "loop.republished", known)
    version = blueprint.adopt_shipped("retail", by=root)
    set_up_tiers(version)
    strategies.adopt(version, effective_from=TODAY, by=root)
    return version


def set_up_tiers(version: BlueprintVersion) -> None:
    from zhike.blueprint import queries as blueprints

    for order, tier in enumerate(blueprints.spec_of(version).tiers):
        Tier.objects.update_or_create(
            key=tier.key,
            defaults={
                "label": tier.label.as_json(),
                "traits": tier.traits.as_json(),
                "color": tier.color.value,
                "order": order,
            },
        )


def customer(
    manager: User | None = None, *, tier: str = "", since: date = TODAY, name: str = "张三丰"
) -> Customer:
    """A customer of a manager, placed in a tier if one is named."""
    number = next(_numbers)
    now = timezone.now()
    made = Customer.objects.create(
        code=f"C{number:05d}",
        kind="person",
        name=name,
        manager=manager,
        department=manager.department if manager else None,
        created_at=now,
        updated_at=now,
    )
    if tier:
        place(made, tier, since)
    return made


def place(one: Customer, tier: str, since: date = TODAY) -> Placement:
    """Move a customer to a tier."""
    Placement.objects.filter(customer=one, until=None).update(until=since)
    return Placement.objects.create(
        customer=one, tier=Tier.objects.get(key=tier), since=since, method="test", as_of=since, reasons={}
    )


def plan(as_of: date = TODAY):
    """Plan the cycle of a day."""
    return execution.plan_cycle(as_of=as_of)


def task_of(one: Customer, code: str) -> Task:
    """The customer's newest task for a measure."""
    return Task.objects.filter(customer=one, measure_key__endswith=code).latest("pk")


@dataclass
class At:
    """Moves the business date."""

    def __call__(self, day: date) -> date:
        actions.describe_installation(is_demo=True, business_date=day, by=None)
        queries.forget_installation()
        return day


at = At()


def noon(day: date) -> datetime:
    """Noon of a day."""
    return timezone.make_aware(datetime.combine(day, time(12)))
