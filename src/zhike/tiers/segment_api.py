"""Segments for other programs: what there is, who is in, how many a rule would find, and new ones."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.core.rules import text
from zhike.core.text import Text
from zhike.kernel.api import After, ApiRequest, needs, page_of
from zhike.kernel.rights import Right
from zhike.tiers import actions, queries
from zhike.tiers.models import Segment
from zhike.tiers.queries import Standing

router = Router(tags=["tiers"])


class SegmentOut(Schema):
    """A segment with its customers within the user's scope; with an error the result is the last good one."""

    key: UUID
    name: str
    note: str
    rule: dict[str, Any]
    sentence: dict[str, str]
    customers: int
    came: int
    left: int
    as_of: date | None
    refreshed_at: datetime | None
    seconds: float
    error: dict[str, Any] | None


class SegmentIn(Schema):
    """A new segment."""

    name: str = Field(min_length=1, max_length=80)
    note: str = Field("", max_length=500)
    rule: dict[str, Any] = Field(description="a rule as the builder shows it under “as JSON”")


class RuleIn(Schema):
    """A rule to be counted, and kept nowhere."""

    rule: dict[str, Any]


class CountOut(Schema):
    """How many of the user's customers a rule finds, some of them, and the seconds it took."""

    sentence: dict[str, str]
    customers: int
    sample: list[UUID]
    seconds: float


class MemberOut(Schema):
    """A customer in a segment, since when, and whether the rule or a person put them there."""

    customer: UUID
    code: str
    since: date
    source: str


class MemberPage(Schema):
    """One page of members."""

    items: list[MemberOut]
    next: str | None


@router.get("/segments", response=list[SegmentOut])
@needs(Right.TIERS_VIEW)
def list_segments(request: HttpRequest) -> list[dict[str, Any]]:
    """The segments in use, with their customers."""
    return _shown(request, list(queries.segments()))


@router.post("/segments", response={201: SegmentOut})
@needs(Right.SEGMENTS_EDIT)
def add_segment(request: HttpRequest, given: SegmentIn) -> tuple[int, dict[str, Any]]:
    """Make a segment; its members are found in the background."""
    user = cast(ApiRequest, request).user
    made = actions.make_segment(name=given.name, note=given.note, rule=queries.readable(given.rule), by=user)
    return 201, _shown(request, [made])[0]


@router.post("/segments/count", response=CountOut)
@needs(Right.TIERS_VIEW)
def count_rule(request: HttpRequest, given: RuleIn) -> dict[str, Any]:
    """How many customers a rule would find; nothing is kept."""
    rule = queries.readable(given.rule)
    found = queries.count_live(cast(ApiRequest, request).user, rule)
    return {
        "sentence": text(rule, queries.labels()).as_json(),
        "customers": found.count,
        "sample": [one.key for one in found.sample],
        "seconds": found.seconds,
    }


@router.get("/segments/{key}/members", response=MemberPage)
@needs(Right.TIERS_VIEW)
def list_members(request: HttpRequest, key: UUID, wanted: Query[After]) -> dict[str, Any]:
    """The customers in a segment now."""
    found = queries.current_members(cast(ApiRequest, request).user, queries.segment_for(key))
    return page_of(found, wanted, lambda rows: [_member(row) for row in rows])


def _member(row: Any) -> dict[str, Any]:
    return {"customer": row.customer.key, "code": row.customer.code, "since": row.since, "source": row.source}


def _shown(request: HttpRequest, found: list[Segment]) -> list[dict[str, Any]]:
    counted = queries.segment_counts(cast(ApiRequest, request).user, found)
    words = queries.in_words(found)
    return [_segment(one, words[one.pk], counted.get(one.pk, Standing())) for one in found]


def _segment(one: Segment, words: Text, standing: Standing) -> dict[str, Any]:
    plain = ("key", "name", "note", "rule", "as_of", "refreshed_at", "seconds", "error")
    told = {name: getattr(one, name) for name in plain}
    return {
        **told,
        "sentence": words.as_json(),
        "customers": standing.members,
        "came": standing.came,
        "left": standing.left,
    }
