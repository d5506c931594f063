"""One segment: its rule, size over time, who came and left, hand picks, refreshing, and what was changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core import charts, figures
from zhike.core.charts import Chart
from zhike.core.errors import Refusal
from zhike.core.spreadsheets import inert
from zhike.core.text import Text, listed
from zhike.customers import queries as customers
from zhike.kernel import audit, clock, slots
from zhike.kernel.models import Job, User
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right
from zhike.tiers import actions, links, queries
from zhike.tiers.links import Tab
from zhike.tiers.models import HandPick, Membership, Segment
from zhike.tiers.queries import Person, Standing
from zhike.tiers.shipped import both

SHOWN = 10
EDITS = 20
MOST_PICKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A customer who came or went, and when."""

    person: Person
    day: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickRow:
    """A customer put in or kept out by hand."""

    person: Person
    pick: HandPick


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRow:
    """Something that was done to the segment."""

    at: Any
    by: str
    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPage(Page):
    """One segment."""

    template: ClassVar[str] = "tiers/segment.html"
    tabs: list[Tab]
    segment: Segment
    words: Text
    standing: Standing
    sees_all: bool
    now: datetime
    error: Text | None
    remedy: Text | None
    job: Job | None
    finding: bool
    history: Chart | None
    came: list[Passing]
    left: list[Passing]
    picks: list[PickRow]
    edits: list[EditRow]
    used: queries.Uses
    cards: list[str]
    customers_url: str
    may_edit: bool
    may_export: bool
    pick_code: str
    pick_error: str


@needs(Right.TIERS_VIEW)
@require_GET
def segment(request: StaffRequest, key: UUID) -> HttpResponse:
    """One segment, within the asker's scope; who waited for its first figure gets the page anew once it is there."""
    page = _page(request, queries.segment_for(key))
    waited = "first" in request.GET and not page.finding
    return show(request, page, fragment="freshness", headers={"HX-Refresh": "true"} if waited else None)


@needs(Right.SEGMENTS_EDIT)
@require_POST
def refresh(request: StaffRequest, key: UUID) -> HttpResponse:
    """Find the members anew, by a job that shows on the segment's page."""
    found = queries.segment_for(key)
    if found.archived_at is None and queries.refreshing(found) is None:
        actions.refresh_soon(segment=found, by=request.user)
    return saved(request, reverse("tiers:segment", args=[key]))


@needs(Right.SEGMENTS_EDIT)
@require_POST
def archive(request: StaffRequest, key: UUID) -> HttpResponse:
    """Put a segment away; its page offers to bring it back."""
    found = queries.segment_for(key)
    try:
        actions.archive_segment(segment=found, by=request.user)
    except Refusal as refusal:
        return saved(
            request, reverse("tiers:segment", args=[key]), toast=f"{refusal.reason} {refusal.remedy}"
        )
    told = _("“%(name)s” is put away; it can be brought back here") % {"name": found.title}
    return saved(request, reverse("tiers:segment", args=[key]), toast=told)


@needs(Right.SEGMENTS_EDIT)
@require_POST
def restore(request: StaffRequest, key: UUID) -> HttpResponse:
    """Bring a segment back."""
    found = queries.segment_for(key)
    here = reverse("tiers:segment", args=[key])
    try:
        actions.restore_segment(segment=found, by=request.user)
    except Refusal as refusal:
        return saved(request, here, toast=f"{refusal.reason} {refusal.remedy}")
    return saved(request, here, toast=_("“%(name)s” is back") % {"name": found.title})


@needs(Right.SEGMENTS_EDIT)
@require_http_methods(["GET", "POST"])
def pick(request: StaffRequest, key: UUID) -> HttpResponse:
    """Put in or keep out by hand the customers whose codes were typed; whoever reloads a refusal gets the segment."""
    if request.method == "GET":
        return redirect("tiers:segment", key)
    found = queries.segment_for(key)
    typed = request.POST.get("codes", "").strip()[:2000]
    codes = [
        code
        for code in typed.replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
        if code.strip()
    ]
    chosen = list(
        customers.visible_to(request.user).filter(code__in=[code.strip() for code in codes])[:MOST_PICKS]
    )
    missing = sorted({code.strip() for code in codes} - {one.code for one in chosen})
    if not codes or missing:
        said = (
            _("No customer of yours has the code {codes}.").format(codes=listed(missing[:5]))
            if missing
            else _("Type one or more customer codes.")
        )
        return show(request, _page(request, found, pick_code=typed, pick_error=said), status=422)
    out = request.POST.get("kind") == HandPick.Kind.EXCLUDE
    number = (actions.pick_out if out else actions.pick_in)(segment=found, customers=chosen, by=request.user)
    told = (
        ngettext("%(number)d customer went out", "%(number)d customers went out", number)
        if out
        else ngettext("%(number)d customer came in", "%(number)d customers came in", number)
    )
    kept = _("The pick is kept; it changed nobody's place") if number == 0 else told % {"number": number}
    return saved(request, reverse("tiers:segment", args=[key]), toast=kept)


@needs(Right.SEGMENTS_EDIT)
@require_POST
def unpick(request: StaffRequest, key: UUID) -> HttpResponse:
    """Leave a customer to the rule again."""
    found = queries.segment_for(key)
    ids = customers.ids_of(request.user, request.POST.getlist("customer"))
    actions.unpick(
        segment=found, customers=list(customers.visible_to(request.user).filter(pk__in=ids)), by=request.user
    )
    told = _("The rule decides again, from the next refresh on")
    return saved(request, reverse("tiers:segment", args=[key]), toast=told)


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def export(request: StaffRequest, key: UUID) -> HttpResponse:
    """The members as CSV: code, since, source; as a stream, however many."""
    found = queries.segment_for(key)
    rows = queries.current_members(request.user, found).order_by("customer__code")
    audit.record("tiers.segment_exported", found, by=request.user, changes={"format": "csv"})
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="segment-{found.key}-{clock.today():%Y-%m-%d}.csv"'
    return answer  # type: ignore[return-value]


def _lines(rows: Any) -> Iterator[str]:
    said = dict(Membership.Source.choices)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("Customer code"), _("Member since"), _("Source")])
    yield "\ufeff" + text.getvalue()
    values = rows.values_list("customer__code", "since", "source")
    for code, since, source in values.iterator(chunk_size=5_000):
        text.seek(0)
        text.truncate()
        writer.writerow([inert(code), since.isoformat(), str(said[source])])
        yield text.getvalue()


def _page(request: StaffRequest, found: Segment, *, pick_code: str = "", pick_error: str = "") -> SegmentPage:
    user, error = request.user, found.error
    edit = may(user, Right.SEGMENTS_EDIT)
    return SegmentPage(
        title=str(found.title),
        pretitle=links.as_of(user),
        tabs=links.tabs(),
        segment=found,
        words=queries.in_words([found])[found.pk],
        standing=queries.segment_counts(user, [found]).get(found.pk, Standing()),
        sees_all=user.scope == "all",
        now=clock.now(),
        error=Text.from_json(error["reason"]) if error else None,
        remedy=Text.from_json(error["remedy"]) if error else None,
        job=queries.refreshing(found),
        finding=bool(queries.first_figures([found])),
        history=_history(user, found),
        came=_passing(user, queries.latest_comers(user, found, SHOWN), "since"),
        left=_passing(user, queries.latest_leavers(user, found, SHOWN), "until"),
        picks=_picks(user, found),
        edits=_edits(found),
        used=queries.uses_of(found, user),
        cards=[panel.render(request, found) for panel in slots.panels("tiers.segment", user)],
        customers_url=links.customers(segment=str(found.key)),
        may_edit=edit,
        may_export=may(user, Right.CUSTOMERS_EXPORT),
        pick_code=pick_code,
        pick_error=pick_error,
    )


def _history(user: User, found: Segment) -> Chart | None:
    sizes = queries.sizes(user, found)
    if len(sizes) < 2:
        return None
    series = charts.Series(
        name=Text("客户数", "Customers"), values=[size for _day, size in sizes], color="core"
    )
    return charts.line([figures.day(day) for day, _size in sizes], [series], first=_("Day"))


def _passing(user: User, rows: list[Membership], day: str) -> list[Passing]:
    people = {one.key: one for one in queries.people(user, [row.customer_id for row in rows])}
    return [
        Passing(person=people[row.customer.key], day=getattr(row, day), source=row.source)
        for row in rows
        if row.customer.key in people
    ]


def _picks(user: User, found: Segment) -> list[PickRow]:
    rows = list(queries.picks(user, found)[:MOST_PICKS])
    people = {one.key: one for one in queries.people(user, [row.customer_id for row in rows])}
    return [PickRow(person=people[row.customer.key], pick=row) for row in rows if row.customer.key in people]


def _edits(found: Segment) -> list[EditRow]:
    done = {
        "tiers.segment_made": _("made"),
        "tiers.segment_edited": _("edited"),
        "tiers.segment_archived": _("put away"),
        "tiers.segment_restored": _("brought back"),
        "tiers.picked_in": _("put customers in"),
        "tiers.picked_out": _("kept customers out"),
        "tiers.unpicked": _("left customers to the rule"),
        "tiers.segment_exported": _("exported members"),
        "execution.added_for_segment": _("added a task for each"),
    }
    return [
        EditRow(
            at=one.at,
            by=one.by.name if one.by else _("System"),
            what=done.get(one.what, one.what),
            was=_said(one.changes, "from"),
            now=_said(one.changes, "to"),
        )
        for one in queries.edits(found)[:EDITS]
    ]


def _said(changes: dict[str, Any], end: str) -> str:
    """The name and rule that an edit changed, as they were or are."""
    found = []
    for key in ("name", "rule"):
        value = changes.get(key)
        side = (
            value.get(end) if isinstance(value, dict) and end in value else (value if end == "to" else None)
        )
        if isinstance(side, dict):
            found.append(str(Text.from_json(side)))
        elif isinstance(side, str):
            found.append(str(both(side)))
    return " · ".join(found)
