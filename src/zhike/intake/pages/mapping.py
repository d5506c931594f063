"""Confirming which column is what, with samples, suggestions and a preview; nothing is imported before that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.core.errors import Refusal
from zhike.core.fields import FieldSpec
from zhike.intake import actions, queries
from zhike.intake.facts import Kind
from zhike.intake.matching import LIKELY, SURE, Suggestion, likelier_kind
from zhike.intake.models import Batch
from zhike.intake.previewing import Preview, preview
from zhike.intake.shading import Shade
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right

SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """A column of the file with the field it fills."""

    index: int
    name: str
    group: str
    samples: list[str]
    field: str
    level: str
    why: str
    offered: str
    offered_level: str
    offered_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPage(Page):
    """The columns of a file, to be confirmed."""

    template: ClassVar[str] = "intake/mapping.html"
    batch: Batch
    kind: Kind
    likelier: Kind | None
    told: list[str]
    sheets: list[tuple[str, str]]
    rows: list[ColumnRow]
    choices: list[tuple[str, list[tuple[str, str]]]]
    may_add: bool
    missing: list[str]
    unknown: int
    policy: str
    preview: Preview
    sent_before: Batch | None
    error: str
    may_run: bool


def columns(request: StaffRequest, batch: Batch, *, error: str = "", status: int = 200) -> HttpResponse:
    """The page of a batch whose columns are to be confirmed; a changed choice in the query shows another preview."""
    given = request.POST if request.method == "POST" else request.GET
    suggested = actions.suggestions(batch)
    chosen = chosen_fields(given) or {one.index: _offered(one) for one in suggested}
    kind = queries.kind(batch.kind)
    page = MappingPage(
        title=batch.file_name,
        pretitle=_("Confirm columns · {kind} · {source}").format(kind=kind.label, source=batch.source.name),
        batch=batch,
        kind=kind,
        likelier=_likelier(batch),
        told=_told(batch),
        sheets=[
            (str(name), f"{name} ({rows:,})") for name, rows, _score, _hidden in batch.found.get("sheets", [])
        ],
        rows=_rows(batch, kind, suggested, chosen, request.user),
        choices=_choices(kind),
        may_add=kind.key == "customers" and may(request.user, Right.BLUEPRINT_PUBLISH),
        missing=_missing(kind, chosen),
        unknown=sum(1 for field in chosen.values() if not field),
        policy=str(batch.source.get_unknown_columns_display()),
        preview=preview(batch, chosen, request.user),
        sent_before=queries.sent_before(batch),
        error=error,
        may_run=may(request.user, Right.INTAKE_RUN),
    )
    return show(request, page, fragment="preview" if request.method == "GET" else None, status=status)


@needs(Right.INTAKE_RUN)
@require_POST
def confirm(request: StaffRequest, key: UUID) -> HttpResponse:
    """Fix the columns and queue the import."""
    batch = queries.batch_for(request.user, key)
    try:
        actions.confirm(batch=batch, mapping=chosen_fields(request.POST), by=request.user)
    except Refusal as refusal:
        batch.refresh_from_db()
        return columns(request, batch, error=str(refusal), status=422)
    return saved(request, reverse("intake:batch", args=[key]), toast=_("The import has begun"))


@needs(Right.INTAKE_RUN)
@require_POST
def change_kind(request: StaffRequest, key: UUID) -> HttpResponse:
    """Take the file for another kind of data."""
    batch = queries.batch_for(request.user, key)
    try:
        actions.change_kind(batch=batch, kind=request.POST.get("kind", ""), by=request.user)
    except Refusal as refusal:
        return columns(request, batch, error=str(refusal), status=422)
    return saved(request, reverse("intake:batch", args=[key]))


@needs(Right.INTAKE_RUN)
@require_POST
def look(request: StaffRequest, key: UUID) -> HttpResponse:
    """Read another sheet, or take another row as the header."""
    batch = queries.batch_for(request.user, key)
    row = request.POST.get("header_row", "")
    sheet = request.POST.get("sheet", "")
    other = sheet != batch.found.get("sheet")
    try:
        actions.look_again(
            batch=batch,
            sheet=sheet,
            header_row=int(row) if row.isdigit() and not other else None,
            by=request.user,
        )
    except Refusal as refusal:
        batch.refresh_from_db()
        return columns(request, batch, error=str(refusal), status=422)
    return saved(request, reverse("intake:batch", args=[key]))


def chosen_fields(given: QueryDict) -> dict[int, str]:
    """Column index → field key, as the form sends it (c0=code, c1=name, …)."""
    return {
        int(name[1:]): value
        for name, value in given.items()
        if name[:1] == "c" and name[1:].isdigit() and isinstance(value, str)
    }


def _likelier(batch: Batch) -> Kind | None:
    """Another kind whose fields the columns fit better, if there is one."""
    guess = likelier_kind([name for _index, name, _group in batch.found["columns"]], batch.kind)
    return queries.kind(guess) if guess else None


def _offered(one: Suggestion) -> str:
    return one.field if one.confidence >= LIKELY else ""


def _rows(
    batch: Batch, kind: Kind, suggested: list[Suggestion], chosen: Mapping[int, str], user: User
) -> list[ColumnRow]:
    fields = {one.key: one for one in kind.fields()}
    groups = {index: group for index, _name, group in batch.found["columns"]}
    rows, shade = queries.sample_rows(batch), Shade(user)
    found = []
    for one in suggested:
        field = fields.get(chosen.get(one.index, "")) or fields.get(one.field)
        values = dict.fromkeys(cells[one.index].strip() for _n, cells in rows if one.index < len(cells))
        samples = [shade.cell(field, value)[:60] for value in values if value][:SAMPLES]
        same = chosen.get(one.index, "") == one.field
        found.append(
            ColumnRow(
                index=one.index, name=one.name, group=groups.get(one.index, ""), samples=samples,
                field=chosen.get(one.index, ""), level=_level(one) if same else "own",
                why=str(one.why) if same else _("your choice"),
                offered=one.field, offered_level=_level(one), offered_why=str(one.why),
            )
        )  # fmt: skip
    return found


def _level(one: Suggestion) -> str:
    if not one.field:
        return "none"
    return "sure" if one.confidence >= 0.9 else "likely" if one.confidence >= SURE else "guess"


def _choices(kind: Kind) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields to choose from, grouped by module where they have one."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in kind.fields():
        groups.setdefault(one.module, []).append((one.key, _with_star(one)))
    titles = queries.module_labels()
    return [(str(titles.get(module, kind.label)), fields) for module, fields in groups.items()]


def _with_star(field: FieldSpec) -> str:
    return f"{field.label} *" if field.required else str(field.label)


def _missing(kind: Kind, chosen: Mapping[int, str]) -> list[str]:
    return [str(one.label) for one in kind.fields() if one.required and one.key not in chosen.values()]


def _told(batch: Batch) -> list[str]:
    """What was found out about the file."""
    found = batch.found
    text = found.get("text")
    codec = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}.get(text[0], text[0].upper()) if text else ""
    delimiters = {",": _("comma"), "\t": _("tab"), ";": _("semicolon"), "|": _("vertical bar")}
    said = [str(found["file_type"]).upper() if not text else "CSV"]
    if text:
        said += [codec, _("delimiter: {name}").format(name=delimiters.get(text[1], text[1]))]
    said.append(_("header in row {row}").format(row=found["header_row"]))
    said.append(_("about {rows} rows").format(rows=f"{found['rows_estimate']:,}"))
    return said
