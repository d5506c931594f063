"""The list of batches, and the batch itself: columns to confirm, progress, or receipt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core import figures
from zhike.core.errors import Refusal
from zhike.intake import actions, queries, wording
from zhike.intake.facts import Kind
from zhike.intake.models import Batch, BatchState, Problem, ProblemState
from zhike.intake.pages import mapping
from zhike.intake.shading import Shade
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right

EACH = 50
EARLIER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchList(Page):
    """Imports, newest first."""

    template: ClassVar[str] = "intake/batches.html"
    rows: list[tuple[Batch, Kind | None]]
    q: str
    kind: str
    kinds: list[tuple[str, str]]
    state: str
    states: list[tuple[str, str]]
    open_only: bool
    filtered: bool
    older: str
    may_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """One refused cell or waiting row in the receipt."""

    row: int
    first: bool
    column: str
    value: str
    reason: str
    remedy: str
    state_label: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage(Page):
    """A batch on its way, or its receipt."""

    template: ClassVar[str] = "intake/batch.html"
    batch: Batch
    kind: Kind
    sentence: str
    news: str
    same: Batch | None
    waiting: int
    stopped: bool
    records: str
    not_data: list[tuple[int, str]]
    columns: list[tuple[str, int]]
    column: str
    state: str
    problems: list[ProblemLine]
    older: str
    repeated: int
    earlier: list[Batch]
    fields: list[tuple[str, str]]
    may_run: bool
    may_download: bool


@needs(Right.INTAKE_VIEW)
@require_GET
def batches(request: StaffRequest) -> HttpResponse:
    """Every import the asker may see."""
    given = request.GET
    q, kind, state, only = (
        given.get("q", "").strip(),
        given.get("kind", ""),
        given.get("state", ""),
        given.get("open"),
    )
    found = queries.search(request.user, text=q, kind=kind, state=state, open_only=bool(only))
    if (before := given.get("before", "")).isdigit():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: EACH + 1])
    kinds = {one.key: one for one in queries.kinds()}
    page = BatchList(
        title=_("Imports"),
        pretitle=_("Data"),
        rows=[(one, kinds.get(one.kind)) for one in rows[:EACH]],
        q=q,
        kind=kind,
        kinds=[(one.key, str(one.label)) for one in kinds.values()],
        state=state,
        states=[(value, str(label)) for value, label in BatchState.choices],
        open_only=bool(only),
        filtered=bool(q or kind or state or only),
        older=wording.link(request, before=rows[EACH - 1].pk) if len(rows) > EACH else "",
        may_run=may(request.user, Right.INTAKE_RUN),
    )
    return show(request, page, fragment="rows")


@needs(Right.INTAKE_VIEW)
@require_GET
def batch(request: StaffRequest, key: UUID) -> HttpResponse:
    """One import: its columns while they are to be confirmed, then its progress, then its receipt."""
    found = queries.batch_for(request.user, key)
    if found.state == BatchState.MAPPING:
        return mapping.columns(request, found)
    return show(request, batch_page(request, found), fragment="problems")


def batch_page(request: StaffRequest, found: Batch) -> BatchPage:
    """The receipt as its page shows it."""
    state, column = request.GET.get("state", ""), request.GET.get("column", "")
    kind = queries.kind(found.kind)
    problems, older = _problems(request, found, state, column)
    run = may(request.user, Right.INTAKE_RUN)
    repeated = queries.problems(found).filter(repeats=True).count() if found.held or found.refused else 0
    return BatchPage(
        title=found.file_name,
        pretitle=_("Imports · {kind} · {source}").format(kind=kind.label, source=found.source.name),
        batch=found,
        kind=kind,
        sentence=wording.sentence(found),
        news=wording.news(found),
        same=queries.sent_before(found, request.user) if found.state == BatchState.DONE else None,
        waiting=queries.waiting_rows(found) if not found.ended else 0,
        stopped=bool(not found.ended and (found.job is None or found.job.ended)),
        records=_records(kind),
        not_data=wording.not_data(queries.not_data(found)) if found.not_data else [],
        columns=queries.problem_columns(found) if found.open_rows else [],
        column=column,
        state=state,
        problems=problems,
        older=older,
        repeated=repeated,
        earlier=list(queries.earlier_receipts(found, request.user)[:EARLIER]) if repeated else [],
        fields=[(name, str(field.label)) for _index, name, field in queries.places(found)],
        may_run=run,
        may_download=queries.may_read_rows(request.user, found),
    )


def _problems(request: StaffRequest, found: Batch, state: str, column: str) -> tuple[list[ProblemLine], str]:
    rows = queries.problems(found, state=state, column=column)
    if (after := request.GET.get("after", "")).isdigit():
        rows = rows.filter(row__gt=int(after))
    some = list(rows[: EACH + 1])
    fields = {name: field for _index, name, field in queries.places(found)}
    shade = Shade(request.user)
    lines = []
    for problem in some[:EACH]:
        for place, note in enumerate(queries.problem_notes(found, problem)):
            field, about_cell = fields.get(note.column), bool(note.column)
            lines.append(
                ProblemLine(
                    row=note.row, first=place == 0, column=note.column, value=shade.cell(field, note.value),
                    reason=shade.words(note.reason, field, about_cell=about_cell),
                    remedy=shade.words(note.remedy, field, about_cell=about_cell),
                    state_label=_state(problem), open=problem.state in queries.OPEN_STATES and not problem.repeats,
                )
            )  # fmt: skip
    return lines, wording.link(request, after=some[EACH - 1].row) if len(some) > EACH else ""


def _state(problem: Problem) -> str:
    return _("in an earlier receipt") if problem.repeats else str(ProblemState(problem.state).label)


def _records(kind: Kind) -> str:
    try:
        return reverse(kind.records) if kind.records else ""
    except NoReverseMatch:
        return ""


@needs(Right.INTAKE_RUN)
@require_POST
def retry(request: StaffRequest, key: UUID) -> HttpResponse:
    """Try the held rows again."""
    found = queries.batch_for(request.user, key)
    return _answer(
        request,
        _to(key),
        lambda: actions.retry(batch=found, by=request.user),
        _("{count} rows are tried again"),
    )


@needs(Right.INTAKE_RUN)
@require_POST
def dismiss(request: StaffRequest, key: UUID) -> HttpResponse:
    """Lay one row, or all open ones, aside."""
    found = queries.batch_for(request.user, key)
    row = request.POST.get("row", "")
    rows = [int(row)] if row.isdigit() else None
    return _answer(
        request,
        _to(key),
        lambda: actions.dismiss(batch=found, rows=rows, by=request.user),
        _("{count} rows dismissed"),
    )


@needs(Right.INTAKE_RUN)
@require_POST
def discard(request: StaffRequest, key: UUID) -> HttpResponse:
    """Give up an import that was not finished."""
    found = queries.batch_for(request.user, key)
    return _answer(
        request, _to(key), lambda: actions.discard(batch=found, by=request.user), _("Import discarded")
    )


@needs(Right.INTAKE_RUN)
@require_POST
def stop(request: StaffRequest, key: UUID) -> HttpResponse:
    """Stop an import under way; what is taken in stays."""
    found = queries.batch_for(request.user, key)
    actions.stop(batch=found, by=request.user)
    return saved(request, _to(key), toast=_("Stopping; what is finished stays"))


@needs(Right.INTAKE_RUN)
@require_POST
def resume(request: StaffRequest, key: UUID) -> HttpResponse:
    """Go on with an import that was stopped."""
    found = queries.batch_for(request.user, key)
    return _answer(
        request, _to(key), lambda: actions.resume(batch=found, by=request.user), _("The import goes on")
    )


def _answer(request: StaffRequest, to: str, do: Callable[[], object], toast: str) -> HttpResponse:
    """Do it and say so; what cannot be done is said in the same place."""
    try:
        done = do()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return saved(request, to)
    return saved(
        request, to, toast=toast.format(count=figures.count(done)) if isinstance(done, int) else toast
    )


def _to(key: UUID) -> str:
    return reverse("intake:batch", args=[key])
