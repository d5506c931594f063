"""Make tags by hand, and give and take them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django.db import transaction

from zhike.core.text import Text
from zhike.kernel import audit, clock
from zhike.kernel.models import User
from zhike.tiers.facts import TierRefusal
from zhike.tiers.models import Tag, Tagging

LONGEST = 40


@transaction.atomic
def make_tag(*, name: str, by: User) -> Tag:
    """A new tag for use by hand; a tag in use that is already called so is returned instead."""
    called = name.strip()
    if not called or len(called) > LONGEST:
        raise TierRefusal(
            Text("标签名称为空或过长。", "The tag's name is empty or too long."),
            Text(f"请填写 1 到 {LONGEST} 个字。", f"Use 1 to {LONGEST} characters."),
        )
    label = Text.same(called).as_json()
    found = Tag.objects.filter(kind=Tag.Kind.HAND, retired=False, label=label).first()
    if found is not None:
        return found
    tag = Tag.objects.create(
        key=uuid4().hex[:12], label=label, kind=Tag.Kind.HAND, created_at=clock.now(), created_by=by
    )
    audit.record("tiers.tag_made", tag, by=by, changes={"label": called})
    return tag


@transaction.atomic
def retire_tag(*, tag: Tag, by: User) -> None:
    """Stop using a tag made by hand; it is taken from every customer."""
    _only_by_hand(tag)
    number = Tagging.objects.filter(tag=tag).delete()[0]
    tag.retired = True
    tag.save(update_fields=["retired"])
    audit.record("tiers.tag_retired", tag, by=by, changes={"customers": number})


@transaction.atomic
def tag(*, customers: Collection[Any], tag: Tag, by: User) -> int:
    """Give a tag to customers; returns how many did not carry it yet."""
    _only_by_hand(tag)
    have = set(Tagging.objects.filter(tag=tag, customer__in=customers).values_list("customer_id", flat=True))
    fresh = [
        Tagging(customer=customer, tag=tag, since=clock.today(), by=by)
        for customer in customers
        if customer.pk not in have
    ]
    Tagging.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        audit.record(
            "tiers.tagged", tag, by=by, changes={"customers": [str(one.customer.key) for one in fresh]}
        )
    return len(fresh)


@transaction.atomic
def untag(*, customers: Collection[Any], tag: Tag, by: User) -> int:
    """Take a tag from customers; returns how many carried it."""
    _only_by_hand(tag)
    number = Tagging.objects.filter(tag=tag, customer__in=customers).delete()[0]
    if number:
        audit.record("tiers.untagged", tag, by=by, changes={"customers": [str(one.key) for one in customers]})
    return number


def _only_by_hand(tag: Tag) -> None:
    if tag.kind != Tag.Kind.HAND or tag.retired:
        raise TierRefusal(
            Text(
                "这个标签由规则维护,不能手动增减。",
                "This tag is kept by a rule and cannot be given or taken by hand.",
            ),
            Text("请在模板中修改规则,或另建标签。", "Change the rule in the blueprint, or make another tag."),
        )
