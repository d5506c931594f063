"""Columns and filters of the customer list that come from tiers, tags and segments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from zhike.core.text import listed
from zhike.tiers import queries
from zhike.tiers.facts import TierName
from zhike.tiers.models import Placement, Tag
from zhike.tiers.queries import UNPLACED
from zhike.tiers.queries.moving import GAP


def tiers_of(customer_ids: list[int]) -> Mapping[int, TierName]:
    """The tier of each customer of a page."""
    return queries.badges(customer_ids)


def with_tier_order(customers: QuerySet[Any]) -> QuerySet[Any]:
    """Customers with the place of their tier, to sort by."""
    order = Placement.objects.filter(customer=OuterRef("pk"), until=None).values("tier__order")[:1]
    found: QuerySet[Any] = customers.annotate(tier_order=Subquery(order))
    return found


def badge(tier: TierName | None) -> str:
    """A tier as its badge."""
    return render_to_string("ui/tier_badge.html", {"tier": tier}) if tier else ""


def tags_of(customer_ids: list[int]) -> Mapping[int, list[Tag]]:
    """The tags of each customer of a page."""
    return queries.carried_by(customer_ids)


def joined(tags: list[Tag] | None) -> str:
    """Tags in one line."""
    return listed(tag.name for tag in tags or ())


def tier_choices() -> list[tuple[str, str]]:
    """The tiers to choose from."""
    return [
        *((tier.key, str(tier.name)) for tier in queries.tiers()),
        (UNPLACED, str(queries.label_of(None))),
    ]


def in_tier(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Customers of a tier, or those not placed yet."""
    if value == UNPLACED:
        return customers.exclude(pk__in=Placement.objects.filter(until=None).values("customer_id"))
    return customers.filter(pk__in=queries.members(value))


def tag_choices() -> list[tuple[str, str]]:
    """The tags to choose from."""
    return [(tag.key, str(tag.name)) for tag in queries.tags()]


def with_tag(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Customers that carry a tag."""
    return customers.filter(pk__in=queries.carriers(value))


def segments_of(customer_ids: list[int]) -> Mapping[int, list[str]]:
    """The names of the segments of each customer of a page."""
    return queries.segment_names(customer_ids)


def named(names: list[str] | None) -> str:
    """Names in one line."""
    return listed(names or ())


def segment_choices() -> list[tuple[str, str]]:
    """The segments to choose from."""
    return [(str(one.key), str(one.title)) for one in queries.segments()]


def in_segment(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Customers who are in a segment now."""
    try:
        UUID(value)
    except ValueError:
        return customers.none()
    return customers.filter(pk__in=queries.in_segment(value))


def no_choices() -> list[tuple[str, str]]:
    """A filter that is only reached by clicking a number."""
    return []


def would_move_in_words(value: str) -> str:
    """A move that a draft would cause, in words: 核心会员 → 流失预警(按草稿)."""
    was, to, version = ([*value.split(GAP), "", ""])[:3]
    labels = _tiers_in_words(was, to)
    if labels is None or not queries.is_version(version):
        return ""
    return _("{was} → {to} once the draft is published").format(was=labels[0], to=labels[1])


def move_in_words(value: str) -> str:
    """A move as the filter spells it, in words: 核心会员 → 流失预警 (2017-11-30 – 2017-12-31)."""
    was, now, first, second = ([*value.split(GAP), "", "", ""])[:4]
    labels = _tiers_in_words(was, now)
    try:
        days = date.fromisoformat(first), date.fromisoformat(second)
    except ValueError:
        return ""
    return f"{labels[0]} → {labels[1]} ({days[0]} – {days[1]})" if labels else ""


def _tiers_in_words(*keys: str) -> list[str] | None:
    """The names of tiers, retired ones too; None where one was never there."""
    names = queries.names()
    if any(key not in names and key != UNPLACED for key in keys):
        return None
    return [str(queries.label_of(names.get(key))) for key in keys]


def tier_in_words(value: str) -> str:
    """A tier that is retired, which is not among the choices."""
    return "".join(_tiers_in_words(value) or "")


def tag_in_words(value: str) -> str:
    """A tag that is retired."""
    found = Tag.objects.filter(key=value).first()
    return str(found.name) if found else ""


def segment_in_words(value: str) -> str:
    """A segment that is put away."""
    try:
        found = queries.segments(archived=True).filter(key=UUID(value)).first()
    except ValueError:
        return ""
    return str(found.title) if found else ""
