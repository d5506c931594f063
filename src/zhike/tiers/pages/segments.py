"""All segments: what they say, how large they are, how fresh; and the same as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right
from zhike.tiers import actions, links, queries
from zhike.tiers.examples import possible
from zhike.tiers.forms import JoinForm
from zhike.tiers.links import Tab
from zhike.tiers.models import Segment
from zhike.tiers.pages.tags import AT_ONCE, keys_of
from zhike.tiers.queries import Standing
from zhike.tiers.shipped import Example

SORTS = ("name", "members", "change", "seconds", "updated")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLine:
    """One segment in the list."""

    segment: Segment
    words: Text
    standing: Standing
    finding: bool
    url: str
    customers_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the list, and the address that sorts by it."""

    key: str
    label: str
    url: str
    sorted: str
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsPage(Page):
    """All segments."""

    template: ClassVar[str] = "tiers/segments.html"
    tabs: list[Tab]
    rows: list[SegmentLine]
    headings: list[Heading]
    query: str
    archived: bool
    examples: list[Example]
    may_edit: bool
    export: str
    none_at_all: bool
    finding: bool
    page_query: str
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPage(Page):
    """Choosing a segment for several customers."""

    template: ClassVar[str] = "tiers/join.html"
    keys: list[str]
    number: int
    form: JoinForm
    any_segment: bool


@needs(Right.TIERS_VIEW)
@require_GET
def segments(request: StaffRequest) -> HttpResponse:
    """The segments in use, or with `?archived=1` those put away; counts are of the asker's customers."""
    words, archived = request.GET.get("q", "").strip()[:80], request.GET.get("archived") == "1"
    sort = request.GET.get("sort", "")
    rows = _lines(request, words, archived=archived, sort=sort)
    query = urlencode(
        {
            key: value
            for key, value in (("q", words), ("sort", sort), ("archived", "1" if archived else ""))
            if value
        }
    )
    page = SegmentsPage(
        title=_("Segments"),
        pretitle=links.as_of(request.user),
        tabs=links.tabs(),
        rows=rows,
        headings=_headings(words, sort, archived=archived),
        query=words,
        archived=archived,
        examples=_examples(rows) if may(request.user, Right.SEGMENTS_EDIT) else [],
        may_edit=may(request.user, Right.SEGMENTS_EDIT),
        export=f"{reverse('tiers:segments_export')}?{query}"
        if may(request.user, Right.CUSTOMERS_EXPORT)
        else "",
        none_at_all=not rows and not words,
        finding=any(row.finding for row in rows),
        page_query=query,
        failed=sum(1 for row in rows if row.segment.error),
    )
    return show(request, page, fragment="rows")


@needs(Right.CUSTOMERS_EXPORT)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """The list as an Excel workbook."""
    words, archived = request.GET.get("q", "").strip()[:80], request.GET.get("archived") == "1"
    rows = _lines(request, words, archived=archived, sort=request.GET.get("sort", ""))
    header = [
        _("Segment"),
        _("Rule"),
        _("Customers"),
        _("Came in"),
        _("Went out"),
        _("As of"),
        _("Seconds"),
        _("Error"),
        _("Note"),
    ]
    cells = [
        (
            str(row.segment.title),
            str(row.words),
            *_numbers(row),
            row.segment.as_of,
            f"{row.segment.seconds:.2f}",
            str(Text.from_json(row.segment.error["reason"])) if row.segment.error else "",
            row.segment.note,
        )
        for row in rows
    ]
    audit.record("tiers.segment_exported", None, by=request.user, changes={"rows": len(cells)})
    sheet = workbooks.Sheet(name=_("Segments"), header=header, rows=cells)
    return workbooks.answer(f"segments-{clock.today():%Y-%m-%d}", [sheet])


@needs(Right.SEGMENTS_EDIT)
@require_POST
def refresh_all(request: StaffRequest) -> HttpResponse:
    """Refresh every segment by a job."""
    job = actions.refresh_all_soon(by=request.user)
    return saved(request, reverse("desk:job", args=[job.key]))


@needs(Right.SEGMENTS_EDIT)
@require_POST
def join(request: StaffRequest) -> HttpResponse:
    """Put the customers ticked in the list into a segment by hand; the first post asks which."""
    chosen = list(customers.visible_to(request.user).filter(key__in=keys_of(request))[:AT_ONCE])
    found = list(queries.segments())
    form = JoinForm(request.POST if "segment" in request.POST else None, found=found)
    page = JoinPage(
        title=_("Put into a segment"),
        keys=[str(one.key) for one in chosen],
        number=len(chosen),
        form=form,
        any_segment=bool(found),
    )
    if not form.is_bound:
        return show(request, page)
    if not form.is_valid() or not chosen:
        return show(request, page, status=422)
    segment = form.chosen()
    number = actions.pick_in(segment=segment, customers=chosen, by=request.user)
    told = ngettext(
        "%(number)d customer came into “%(name)s”", "%(number)d customers came into “%(name)s”", number
    )
    return saved(
        request,
        links.customers(segment=str(segment.key)),
        toast=told % {"number": number, "name": segment.title},
    )


def _numbers(row: SegmentLine) -> tuple[int | None, ...]:
    """Members, comers and leavers; nothing before the first refresh has found any."""
    if row.segment.refreshed_at is None:
        return None, None, None
    return row.standing.members, row.standing.came, row.standing.left


def _examples(rows: list[SegmentLine]) -> list[Example]:
    """What to begin from, without what was already begun."""
    begun = {row.segment.title for row in rows}
    return [one for one in possible() if one.name not in begun]


def _told(one: Segment) -> tuple[str, ...]:
    """Its name and note in both languages, to search."""
    return one.title.zh, one.title.en, one.remark.zh, one.remark.en


def _lines(request: StaffRequest, words: str, *, archived: bool, sort: str) -> list[SegmentLine]:
    found = list(queries.segments(archived=archived))
    said = queries.in_words(found)
    if words:
        wanted = words.lower()
        found = [
            one
            for one in found
            if any(wanted in text.lower() for text in (*_told(one), said[one.pk].zh, said[one.pk].en))
        ]
    counted, first = queries.segment_counts(request.user, found), queries.first_figures(found)
    rows = [
        SegmentLine(
            segment=one,
            words=said[one.pk],
            standing=counted.get(one.pk, Standing()),
            finding=one.pk in first,
            url=reverse("tiers:segment", args=[one.key]),
            customers_url=links.customers(segment=str(one.key)),
        )
        for one in found
    ]
    return _sorted(rows, sort)


def _sorted(rows: list[SegmentLine], sort: str) -> list[SegmentLine]:
    by, falling = sort.removeprefix("-"), sort.startswith("-")
    values = {
        "name": lambda row: str(row.segment.title),
        "members": lambda row: row.standing.members,
        "change": lambda row: row.standing.came - row.standing.left,
        "seconds": lambda row: row.segment.seconds,
        "updated": lambda row: row.segment.updated_at,
    }
    return sorted(rows, key=values.get(by, values["name"]), reverse=falling)


def _headings(words: str, sort: str, *, archived: bool) -> list[Heading]:
    named = {
        "name": _("Segment"),
        "members": _("Customers"),
        "change": _("Change of the day"),
        "seconds": _("Refreshed"),
        "updated": _("Edited"),
    }
    by, falling = sort.removeprefix("-") or "name", sort.startswith("-")
    found = []
    for key, label in named.items():
        turned = f"-{key}" if key == by and not falling else key
        parts = (("q", words), ("sort", turned), ("archived", "1" if archived else ""))
        url = f"?{urlencode({name: value for name, value in parts if value})}"
        way = ("down" if falling else "up") if key == by else ""
        found.append(Heading(key=key, label=label, url=url, sorted=way, number=key in {"members", "change"}))
    return found
