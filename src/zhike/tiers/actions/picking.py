"""Put customers into a segment or keep them out of it by hand; what was picked survives every refresh."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction

from zhike.kernel import audit, bulk, clock
from zhike.kernel.models import User
from zhike.tiers.models import HandPick, Membership, Segment


@transaction.atomic
def pick_in(*, segment: Segment, customers: Collection[Any], by: User) -> int:
    """Put customers in by hand; returns how many were not in before."""
    ids = _pick(segment, customers, HandPick.Kind.INCLUDE, by)
    day = _day(segment)
    added = bulk.run(
        """
        INSERT INTO tiers_membership (customer_id, segment_id, since, source)
        SELECT id, %s, %s, 'hand' FROM unnest(%s::bigint[]) AS id
        ON CONFLICT (segment_id, customer_id) WHERE until IS NULL DO NOTHING
        """,
        [segment.pk, day, ids],
    )
    _counted(segment)
    _told("tiers.picked_in", segment, customers, by)
    return added


@transaction.atomic
def pick_out(*, segment: Segment, customers: Collection[Any], by: User) -> int:
    """Keep customers out by hand; returns how many were in before."""
    ids = _pick(segment, customers, HandPick.Kind.EXCLUDE, by)
    removed = bulk.run(
        """
        UPDATE tiers_membership SET until = greatest(since, %s)
        WHERE segment_id = %s AND until IS NULL AND customer_id = ANY(%s)
        """,
        [_day(segment), segment.pk, ids],
    )
    _counted(segment)
    _told("tiers.picked_out", segment, customers, by)
    return removed


@transaction.atomic
def unpick(*, segment: Segment, customers: Collection[Any], by: User) -> int:
    """Leave customers to the rule again, from the next refresh on; returns how many were picked."""
    ids = [one.pk for one in customers]
    number = HandPick.objects.filter(segment=segment, customer__in=ids).delete()[0]
    if number:
        Segment.objects.filter(pk=segment.pk).update(
            snapshot=None
        )  # the rule has to be asked about them again
        _told("tiers.unpicked", segment, customers, by)
    return number


def _pick(segment: Segment, customers: Collection[Any], kind: str, by: User) -> list[int]:
    ids = sorted(one.pk for one in customers)
    Segment.objects.select_for_update().get(pk=segment.pk)  # a refresh and a pick take turns
    _everybody_next(segment)
    rows = [HandPick(customer_id=pk, segment=segment, kind=kind, at=clock.now(), by=by) for pk in ids]
    HandPick.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["segment", "customer"],
        update_fields=["kind", "at", "by"],
    )
    return ids


def _everybody_next(segment: Segment) -> None:
    """Let the next refresh look at everybody and not only at those to whom something happened."""
    Segment.objects.filter(pk=segment.pk).update(snapshot=None)


def _day(segment: Segment) -> date:
    today = clock.today()
    return max(today, segment.as_of) if segment.as_of else today


def _counted(segment: Segment) -> None:
    number = Membership.objects.filter(segment=segment, until=None).count()
    Segment.objects.filter(pk=segment.pk).update(members=number)


def _told(what: str, segment: Segment, customers: Collection[Any], by: User) -> None:
    audit.record(what, segment, by=by, changes={"customers": [str(one.key) for one in customers]})
