"""A group of customers as the filters of the customer list describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from zhike.customers import queries as customers
from zhike.kernel import slots
from zhike.kernel.models import User

Choices = list[tuple[str, str]]


def filters() -> list[slots.CustomerFilter]:
    """Those of the stages, and where the customers live."""
    region = customers.region_filter()
    return [*slots.customer_filters(), *([region] if region else [])]


def choosable() -> Iterator[tuple[slots.CustomerFilter, Choices]]:
    """Filters with something to choose; the others belong to the numbers that lead to the list."""
    for one in filters():
        choices = one.choices()
        if choices:
            yield one, choices


def group(user: User, chosen: Mapping[str, str]) -> QuerySet[Any]:
    """The customers the user may see that all of the chosen filters leave; what is not known narrows nothing."""
    found = customers.visible_to(user)
    for one in filters():
        if one.key in chosen:
            found = one.apply(found, chosen[one.key])
    return found
