"""Sources: how far each is believed, what becomes of unknown columns, and how its columns are matched."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.errors import Refusal
from zhike.intake import actions, queries
from zhike.intake.facts import UnknownColumns
from zhike.intake.forms import SourceForm
from zhike.intake.models import Batch, Source
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceList(Page):
    """All sources."""

    template: ClassVar[str] = "intake/sources.html"
    rows: list[queries.SourceRow]
    may_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One remembered column."""

    kind: str
    kind_label: str
    column: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage(Page):
    """One source with what it remembers."""

    template: ClassVar[str] = "intake/source.html"
    source: Source
    form: SourceForm
    matched: list[Matched]
    latest: list[Batch]
    may_run: bool


@needs(Right.INTAKE_VIEW)
@require_GET
def sources(request: StaffRequest) -> HttpResponse:
    """Where data comes from, the most believed first."""
    page = SourceList(
        title=_("Sources"),
        pretitle=_("Data"),
        rows=queries.source_rows(request.user),
        may_run=may(request.user, Right.INTAKE_RUN),
    )
    return show(request, page)


@needs(Right.INTAKE_VIEW)
@require_http_methods(["GET", "POST"])
def source(request: StaffRequest, key: str) -> HttpResponse:
    """See one source; those who may import can change it."""
    found, run = queries.source_for(key), may(request.user, Right.INTAKE_RUN)
    initial = {"name": found.name, "rank": found.rank, "unknown_columns": found.unknown_columns}
    form = SourceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        return _change(request, found, form) if run else HttpResponse(status=403)
    return show(request, _page(request, found, form))


def _change(request: StaffRequest, found: Source, form: SourceForm) -> HttpResponse:
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.change_source(
                source=found,
                name=given["name"],
                rank=given["rank"],
                unknown_columns=UnknownColumns(given["unknown_columns"]),
                by=request.user,
            )
            return saved(request, reverse("intake:sources"), toast=_("Saved"))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return show(request, _page(request, found, form), status=422)


@needs(Right.INTAKE_RUN)
@require_POST
def forget(request: StaffRequest, key: str) -> HttpResponse:
    """Forget how one column was matched."""
    found = queries.source_for(key)
    kind, column = request.POST.get("kind", ""), request.POST.get("column", "")
    actions.forget_column(source=found, kind=kind, column=column, by=request.user)
    return saved(
        request, reverse("intake:source", args=[key]), toast=_("Forgotten; the next file is matched anew")
    )


def _page(request: StaffRequest, found: Source, form: SourceForm) -> SourcePage:
    return SourcePage(
        title=found.name,
        pretitle=_("Sources"),
        source=found,
        form=form,
        matched=_matched(found),
        latest=list(queries.visible_to(request.user).filter(source=found)[:8]),
        may_run=may(request.user, Right.INTAKE_RUN),
    )


def _matched(source: Source) -> list[Matched]:
    found = []
    for kind in queries.kinds():
        fields = {one.key: str(one.label) for one in kind.fields()} if source.mapping.get(kind.key) else {}
        for column, field in source.mapping.get(kind.key, {}).items():
            label = fields.get(field, field)
            found.append(Matched(kind=kind.key, kind_label=str(kind.label), column=column, field=label))
    return found
