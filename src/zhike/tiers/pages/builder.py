"""Writing a segment's rule: rows and groups, the sentence they make, and how many customers it finds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID
from zlib import crc32

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core.errors import Refusal
from zhike.core.rules import Rule, to_json
from zhike.core.rules import text as sentence
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show, trigger
from zhike.kernel.rights import Right
from zhike.tiers import actions, building, links, queries
from zhike.tiers.building import Group, GroupView, Offers
from zhike.tiers.links import Tab
from zhike.tiers.models import Segment
from zhike.tiers.queries import Count
from zhike.tiers.shipped import example


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder(Page):
    """The page on which a rule is written."""

    template: ClassVar[str] = "tiers/builder.html"
    tabs: list[Tab]
    segment: Segment | None
    name: str
    note: str
    revision: int
    begun: int
    as_json: bool
    json: str
    top: GroupView
    offers: Offers
    suggestions: dict[str, list[str]]
    go_on: int
    waiting: int
    words: str
    found: Count | None
    counted: bool
    beside: bool
    refusal: Refusal | None
    unread: Refusal | None
    name_error: Refusal | None
    save_url: str
    back_url: str


@dataclass(slots=True)
class Work:
    """What the form holds while a rule is written."""

    segment: Segment | None
    offers: Offers
    draft: Group
    as_json: bool = False
    json: str = ""
    name: str = ""
    note: str = ""
    revision: int = 0
    go_on: int = 0
    begun: int = 0
    rule: Rule | None = None
    waiting: int = 0
    refusal: Refusal | None = None
    unread: Refusal | None = None  # what was wrong with the rule that the address carries

    def read(self) -> None:
        """Read the rule, from the rows or from the text."""
        if self.as_json:
            try:
                self.rule = queries.readable(self.json)
            except Refusal as refusal:
                self.refusal = refusal
            return
        told = building.reading(self.draft, self.offers)
        self.rule, self.waiting, self.refusal = told.rule, told.waiting, told.refusal
        if told.json is not None:
            self.json = _pretty(told.json)


@needs(Right.SEGMENTS_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """A new segment, blank or begun from an example, from another segment, or from a rule that a page suggests."""
    if request.method == "POST":
        return _save(request, _sent(request, None))
    offers = Offers()
    work = Work(segment=None, offers=offers, draft=building.blank())
    _begin(request, work)
    return show(request, _page(request, work))


@needs(Right.SEGMENTS_EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, key: UUID) -> HttpResponse:
    """A segment that is there: its name, note and rule."""
    segment = queries.segment_for(key)
    if segment.archived_at:
        raise Http404
    if request.method == "POST":
        return _save(request, _sent(request, segment))
    work = Work(
        segment=segment, offers=Offers(but_not=str(key)), draft=building.blank(), name=str(segment.title),
        note=str(segment.remark), revision=segment.revision,
    )  # fmt: skip
    _take(work, segment.rule)
    return show(request, _page(request, work))


@needs(Right.TIERS_VIEW)
@require_POST
def rebuild(request: StaffRequest) -> HttpResponse:
    """The rows after a button: added, removed, moved, or written anew from JSON."""
    work = _sent(request, _named(request))
    wish = request.POST.get("do", "")
    if wish == "json":
        _from_text(work)
    elif wish == "rows":
        work.as_json = False
    else:
        work.go_on = building.change(work.draft, wish)
    answer = show(
        request, _page(request, work), fragment="rule", status=422 if work.refusal and wish == "json" else 200
    )
    return trigger(answer, **{"rule-changed": True}) if request.htmx else answer


@needs(Right.TIERS_VIEW)
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """The sentence, the count and some of the customers; with what is wrong at each row."""
    work = _sent(request, _named(request))
    return show(request, _page(request, work, count=True), fragment="preview")


def _begin(request: StaffRequest, work: Work) -> None:
    """Fill in what the address asks to begin from."""
    begun = example(request.GET.get("example", ""))
    copied, suggested = request.GET.get("from", ""), request.GET.get("rule")
    if begun is not None:
        work.json, work.name = _pretty(begun.rule), str(begun.name)
        _from_text(work)
    elif copied:
        other = queries.segment_for(_uuid(copied))
        _take(work, other.rule)
        work.name, work.note = _("%(name)s (copy)") % {"name": other.title}, str(other.remark)
    elif suggested is not None:
        work.json = suggested[:60_000]
        work.name, work.note = request.GET.get("name", "")[:80], request.GET.get("note", "")[:500]
        _from_text(work)
        # Told above the builder, which stays blank: whoever begins to fill it in still reads why.
        work.unread, work.refusal = work.refusal, None
    work.begun = crc32(work.json.encode()) if work.json else 0


def _save(request: StaffRequest, work: Work) -> HttpResponse:
    work.read()
    problem = work.refusal
    if problem is None and (work.rule is None or work.waiting):
        problem = actions.incomplete(work.waiting)
    name_error = None
    if problem is None and work.rule is not None:
        try:
            segment = _kept(request, work, work.rule)
        except Refusal as refusal:
            name_error = refusal if refusal.place else None
            problem = None if refusal.place else refusal
        else:
            toast = _("“%(name)s” is saved; its members are being found") % {"name": segment.title}
            return saved(request, reverse("tiers:segment", args=[segment.key]), toast=toast)
    work.refusal = problem
    return show(request, _page(request, work, name_error=name_error, read=False), status=422)


def _kept(request: StaffRequest, work: Work, rule: Rule) -> Segment:
    if work.segment is None:
        return actions.make_segment(name=work.name, note=work.note, rule=rule, by=request.user)
    return actions.edit_segment(
        segment=work.segment, name=work.name, note=work.note, rule=rule, revision=work.revision, by=request.user
    )  # fmt: skip


def _sent(request: StaffRequest, segment: Segment | None) -> Work:
    form = request.POST
    return Work(
        segment=segment,
        offers=Offers(but_not=str(segment.key) if segment else ""),
        draft=building.read(form) if form.getlist("node") else building.blank(),
        as_json=form.get("mode") == "json",
        json=form.get("json", "")[:60_000],
        name=form.get("name", "")[:200],
        note=form.get("note", "")[:500],
        revision=_number(form.get("revision", "")),
        begun=_number(form.get("begun", "")),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 11 else 0


def _named(request: StaffRequest) -> Segment | None:
    said = request.POST.get("segment", "")
    return queries.segment_for(_uuid(said)) if said else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _take(work: Work, raw: Any) -> None:
    """Begin from a kept rule: as rows where rows can say it, else as JSON."""
    work.json = _pretty(raw)
    work.as_json = not building.fits(raw)
    if not work.as_json:
        work.draft = building.draft_of(raw, work.offers)


def _from_text(work: Work) -> None:
    try:
        _take(work, to_json(queries.readable(work.json)))
    except Refusal as refusal:
        work.refusal = refusal


def _pretty(raw: Any) -> str:
    return json.dumps(raw, ensure_ascii=False, indent=1)


def _page(
    request: StaffRequest,
    work: Work,
    *,
    count: bool = False,
    name_error: Refusal | None = None,
    read: bool = True,
) -> Builder:
    found = None
    if read and work.refusal is None:
        work.read()
    if count and work.rule is not None:
        try:
            found = queries.count_live(request.user, work.rule)
        except Refusal as refusal:
            work.refusal = refusal
    top = building.dressed(work.draft, work.offers)
    segment = work.segment
    own = [segment.key] if segment else []
    return Builder(
        title=_("Edit segment") if segment else _("New segment"),
        pretitle=str(segment.title) if segment else _("Segments"),
        tabs=links.tabs(),
        segment=segment,
        name=work.name,
        note=work.note,
        revision=work.revision,
        begun=work.begun,
        as_json=work.as_json,
        json=work.json,
        top=top,
        offers=work.offers,
        suggestions=work.offers.suggestions(row.subject.suggested for row in top.rows if row.subject),
        go_on=work.go_on,
        waiting=work.waiting,
        words=str(sentence(work.rule, queries.labels())) if work.rule is not None else "",
        found=found,
        counted=count,
        beside=count and bool(request.htmx) and not work.as_json,
        refusal=work.refusal,
        unread=work.unread,
        name_error=name_error,
        save_url=reverse("tiers:segment_edit" if segment else "tiers:segment_new", args=own),
        back_url=reverse("tiers:segment" if segment else "tiers:segments", args=own),
    )
