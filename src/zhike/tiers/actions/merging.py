"""What becomes of tiers, tags and segments when two customers turn out to be one."""

from __future__ import annotations

from zhike.tiers.models import HandPick, Membership, Placement, Tagging


def merge_placements(kept: int, gone: int) -> None:
    """The kept customer's history stands; only when there is none the other's moves over. The next run judges anew."""
    if Placement.objects.filter(customer_id=kept).exists():
        Placement.objects.filter(customer_id=gone).delete()
    else:
        Placement.objects.filter(customer_id=gone).update(customer_id=kept)


def merge_taggings(kept: int, gone: int) -> None:
    """The kept customer carries the tags of both."""
    have = Tagging.objects.filter(customer_id=kept).values("tag")
    Tagging.objects.filter(customer_id=gone, tag__in=have).delete()
    Tagging.objects.filter(customer_id=gone).update(customer_id=kept)


def merge_memberships(kept: int, gone: int) -> None:
    """The kept customer's history in a segment stands; where there is none the other's moves over."""
    have = Membership.objects.filter(customer_id=kept).values("segment")
    Membership.objects.filter(customer_id=gone, segment__in=have).delete()
    Membership.objects.filter(customer_id=gone).update(customer_id=kept)


def merge_picks(kept: int, gone: int) -> None:
    """What was picked for the kept customer stands; where there is nothing the other's pick moves over."""
    have = HandPick.objects.filter(customer_id=kept).values("segment")
    HandPick.objects.filter(customer_id=gone, segment__in=have).delete()
    HandPick.objects.filter(customer_id=gone).update(customer_id=kept)
