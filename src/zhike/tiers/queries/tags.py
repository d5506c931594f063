"""Which tags there are and who carries them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from zhike.kernel import bulk
from zhike.kernel.models import User
from zhike.kernel.scope import within
from zhike.tiers.models import Tag, Tagging


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """A tag and how many of the asker's customers carry it."""

    tag: Tag
    customers: int


def tags() -> QuerySet[Tag]:
    """The tags in use, those of rules first."""
    return Tag.objects.filter(retired=False).order_by("-kind", "id")


def tag_rows(user: User) -> list[TagRow]:
    """Every tag in use with the number of customers within the user's scope."""
    carried = Tagging.objects.filter(within(user, "customer__")).order_by()
    found = dict(carried.values_list("tag").annotate(number=Count("pk")))
    return [TagRow(tag=tag, customers=found.get(tag.pk, 0)) for tag in tags()]


def carried_by(customer_ids: Iterable[int]) -> dict[int, list[Tag]]:
    """The tags of each of some customers whom the caller may see."""
    found: dict[int, list[Tag]] = defaultdict(list)
    rows = Tagging.objects.filter(bulk.among("customer_id", customer_ids), tag__retired=False)
    for tagging in rows.select_related("tag").order_by("-tag__kind", "tag_id"):
        found[tagging.customer_id].append(tagging.tag)
    return found


def carriers(tag: str) -> QuerySet[Tagging, int]:
    """The ids of a tag's customers, to narrow a query that is within somebody's scope."""
    return Tagging.objects.filter(tag__key=tag).values_list("customer_id", flat=True)
