"""Which segments there are, what their rules say, who is in them; counts are of customers the asker may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.shortcuts import get_object_or_404

from zhike.blueprint import queries as blueprints
from zhike.core.errors import Refusal
from zhike.core.fields import FieldSpec
from zhike.core.rules import CLASSES, Labels, Rule, parse, text
from zhike.core.rules.classes import RFM, RISK
from zhike.core.text import Text
from zhike.engine.churn.words import LEVELS
from zhike.engine.rfm import v1
from zhike.kernel.models import AuditEntry, Job, JobState, User
from zhike.kernel.scope import within
from zhike.tiers.models import HandPick, Membership, Segment, Tag, Tier
from zhike.tiers.shipped import both

HISTORY = 60
REFRESH, REFRESH_ALL = "tiers.refresh_segment", "tiers.refresh_segments"  # jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Of the asker's customers: how many are in a segment, came in and went out on the day of its last refresh."""

    members: int = 0
    came: int = 0
    left: int = 0


def segments(*, archived: bool = False) -> QuerySet[Segment]:
    """The segments in use, or those put away."""
    return Segment.objects.filter(archived_at__isnull=not archived).select_related("created_by", "updated_by")


def segment_for(key: UUID) -> Segment:
    """A segment, in use or put away, or 404."""
    return get_object_or_404(Segment.objects.select_related("created_by", "updated_by"), key=key)


def usable_fields() -> dict[str, FieldSpec]:
    """The fields of the blueprint in force that a rule may look at."""
    spec = blueprints.current_or_none()
    return dict(spec.fields) if spec else {}


def class_names() -> dict[str, Mapping[str, Text] | None]:
    """The classes of each kind with their names; None where any value may be one, such as a channel."""
    named = {RFM: v1.CLASSES, RISK: LEVELS}
    return {kind: named.get(kind) for kind in CLASSES}


def readable(raw: object) -> Rule:
    """Read a rule as it may be now: fields of the blueprint in force, known metrics, tiers and tags in use."""
    return parse(
        raw,
        fields=usable_fields(),
        metrics=blueprints.METRICS,
        tiers=list(Tier.objects.filter(retired=False).values_list("key", flat=True)),
        tags=list(Tag.objects.filter(retired=False).values_list("key", flat=True)),
        segments=[str(key) for key in segments().values_list("key", flat=True)],
        classes=class_names(),
    )


def labels() -> Labels:
    """The words for writing rules as sentences."""
    return Labels(
        metrics=blueprints.METRICS,
        fields=usable_fields(),
        tiers={tier.key: tier.name for tier in Tier.objects.all()},
        tags={tag.key: tag.name for tag in Tag.objects.all()},
        segments={str(one.key): one.title for one in Segment.objects.only("key", "name")},
        classes={kind: named for kind, named in class_names().items() if named},
    )


def in_words(found: Iterable[Segment]) -> dict[int, Text]:
    """The sentence of every segment's rule; one that can no longer be read says so."""
    said, words = {}, labels()
    for one in found:
        try:
            said[one.pk] = text(readable_with(one.rule, words), words)
        except Refusal as refusal:
            said[one.pk] = refusal.reason
    return said


def readable_with(raw: object, words: Labels) -> Rule:
    """Read a rule with the keys that some labels know, to say many rules without asking for each."""
    return parse(
        raw,
        fields=words.fields,
        metrics=blueprints.METRICS,
        tiers=words.tiers,
        tags=words.tags,
        segments=words.segments,
        classes=class_names(),
    )


def memberships(user: User) -> QuerySet[Membership]:
    """The memberships, past ones too, of the customers the user may see."""
    return Membership.objects.filter(within(user, "customer__"))


def segment_counts(user: User, found: Iterable[Segment]) -> Mapping[int, Standing]:
    """Members, comers and leavers of each segment within the user's scope."""
    on_the_day = Q(since=F("segment__as_of"))
    off_the_day = Q(until=F("segment__as_of"), since__lt=F("until"))
    ids = [one.pk for one in found]
    rows = (
        memberships(user)
        .filter(Q(until=None) | Q(until=F("segment__as_of")), segment__in=ids)
        .order_by()
        .values_list("segment")
        .annotate(
            members=Count("pk", filter=Q(until=None)),
            came=Count("pk", filter=on_the_day & Q(until=None)),
            left=Count("pk", filter=off_the_day),
        )
    )
    return {pk: Standing(members=members, came=came, left=left) for pk, members, came, left in rows}


def in_segment(segment: str) -> QuerySet[Membership, int]:
    """The ids of a segment's customers, to narrow a query that is within somebody's scope."""
    return Membership.objects.filter(until=None, segment__key=segment, segment__archived_at=None).values_list(
        "customer_id", flat=True
    )


def current_members(user: User, segment: Segment) -> QuerySet[Membership]:
    """The open memberships of a segment within the user's scope, with the customer."""
    return memberships(user).filter(segment=segment, until=None).select_related("customer")


def latest_comers(user: User, segment: Segment, most: int) -> list[Membership]:
    """Who came in last, within the user's scope."""
    return list(current_members(user, segment).order_by("-since", "-pk")[:most])


def latest_leavers(user: User, segment: Segment, most: int) -> list[Membership]:
    """Who went out last, within the user's scope; a stay within one day is passed over."""
    gone = memberships(user).filter(segment=segment, until__isnull=False, since__lt=F("until"))
    return list(gone.select_related("customer").order_by("-until", "-pk")[:most])


def sizes(user: User, segment: Segment) -> list[tuple[date, int]]:
    """How many of the user's customers were in a segment after each day that changed it, oldest first."""
    seen = memberships(user).filter(segment=segment).order_by()
    steps: dict[date, int] = {}
    for day, number in seen.values_list("since").annotate(number=Count("pk")):
        steps[day] = steps.get(day, 0) + number
    for day, number in seen.filter(until__isnull=False).values_list("until").annotate(number=Count("pk")):
        steps[day] = steps.get(day, 0) - number
    found, size = [], 0
    for day in sorted(steps):
        size += steps[day]
        found.append((day, size))
    if segment.as_of and (not found or found[-1][0] < segment.as_of):
        found.append((segment.as_of, size))
    return found[-HISTORY:]


def picks(user: User, segment: Segment) -> QuerySet[HandPick]:
    """Who was put in or kept out by hand, within the user's scope, latest first."""
    found = HandPick.objects.filter(within(user, "customer__"), segment=segment)
    return found.select_related("customer", "by").order_by("-at", "-pk")


def segments_of(customer: Any) -> QuerySet[Membership]:
    """The segments in which a customer whom the caller may see is now."""
    found = Membership.objects.filter(customer=customer, until=None, segment__archived_at=None)
    return found.select_related("segment").order_by("segment__name")


def segment_names(customer_ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the segments of each of some customers whom the caller may see."""
    named: dict[int, list[str]] = {}
    rows = Membership.objects.filter(customer__in=list(customer_ids), until=None, segment__archived_at=None)
    for customer, name in rows.order_by("segment__name").values_list("customer_id", "segment__name"):
        named.setdefault(customer, []).append(str(both(name)))
    return named


def edits(segment: Segment) -> QuerySet[AuditEntry]:
    """What was done to a segment, latest first; refreshes are not listed."""
    done = AuditEntry.objects.filter(kind=Segment._meta.label, thing=str(segment.key))
    return done.exclude(what="tiers.segment_refreshed").select_related("by").order_by("-pk")


def refreshing(segment: Segment) -> Job | None:
    """The refresh of a segment that waits or runs, if one does."""
    return _busy().filter(name=REFRESH, arguments__segment=segment.pk).order_by("-pk").first()


def first_figures(found: Iterable[Segment]) -> frozenset[int]:
    """Those of the segments whose very first members a job is finding, or is about to."""
    fresh = {one.pk for one in found if one.refreshed_at is None}
    waiting = list(_busy().filter(name__in=[REFRESH, REFRESH_ALL]).values_list("name", "arguments__segment"))
    if any(name == REFRESH_ALL for name, _segment in waiting):
        return frozenset(fresh)
    return frozenset(fresh & {segment for _name, segment in waiting})


def _busy() -> QuerySet[Job]:
    return Job.objects.filter(state__in=[JobState.WAITING, JobState.RUNNING])


def refreshing_all() -> bool:
    """Whether a refresh of all segments waits; one that runs already may have missed the newest facts."""
    return Job.objects.filter(state=JobState.WAITING, name=REFRESH_ALL).exists()


def users_of(segment: Segment) -> list[Segment]:
    """The segments in use whose rule looks at this one."""
    key = str(segment.key)
    return [one for one in segments().exclude(pk=segment.pk) if key in looks_at(one.rule)]


def looks_at(raw: object) -> frozenset[str]:
    """The keys of the segments that the JSON of a rule names, readable or not."""
    if isinstance(raw, list):
        return frozenset().union(*map(looks_at, raw))
    if not isinstance(raw, dict):
        return frozenset()
    own = raw.get("segment")
    inside = frozenset().union(*map(looks_at, raw.values()))
    return inside | {own} if isinstance(own, str) else inside


def in_order(found: Iterable[Segment]) -> list[list[Segment]]:
    """Segments so that each comes after those its rule looks at: rounds, within which the order does not matter."""
    waiting = {str(one.key): one for one in found}
    rounds = []
    while waiting:
        ready = [one for one in waiting.values() if not looks_at(one.rule) & waiting.keys()]
        ready = ready or list(waiting.values())  # they look at each other, which saving refuses
        rounds.append(ready)
        waiting = {key: one for key, one in waiting.items() if one not in ready}
    return rounds


def circle(own: str, raw: object) -> bool:
    """Whether a rule of segment `own` would lead back to it through the rules of others."""
    rules = {str(key): rule for key, rule in segments().values_list("key", "rule")}
    seen: set[str] = set()
    ahead = set(looks_at(raw))
    while ahead:
        if own in ahead:
            return True
        seen |= ahead
        ahead = {key for one in ahead for key in looks_at(rules.get(one))} - seen
    return False
