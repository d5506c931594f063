"""What becomes of tiers and tags when two customers turn out to be one."""

from __future__ import annotations

from zhike.tiers.models import Placement, Tagging


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
