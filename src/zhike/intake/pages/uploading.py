"""Uploading a file, and an empty workbook to fill in."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhike.blueprint import queries as blueprints
from zhike.core.errors import Refusal
from zhike.intake import actions, queries
from zhike.intake.blank_workbooks import blank_workbook
from zhike.intake.facts import Kind
from zhike.intake.forms import UploadForm
from zhike.intake.pages import files
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPage(Page):
    """The form that begins an import."""

    template: ClassVar[str] = "intake/upload.html"
    form: UploadForm
    kinds: tuple[Kind, ...]


@needs(Right.INTAKE_RUN)
@require_http_methods(["GET", "POST"])
def upload(request: StaffRequest) -> HttpResponse:
    """Choose what, from where, and the file; without a blueprint the way to one, before anything is sent."""
    blueprints.current()
    form = UploadForm(
        request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _receive(request, form)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    page = UploadPage(title=_("Import a file"), pretitle=_("Imports"), form=form, kinds=queries.kinds())
    return show(request, page, status=422 if request.method == "POST" else 200)


def _receive(request: StaffRequest, form: UploadForm) -> HttpResponse:
    given = form.cleaned_data
    source = actions.ensure_source(given["source"] or given["new_source"].strip(), by=request.user)
    file = given["file"]
    batch = actions.receive(
        blocks=file.chunks(1 << 20), name=file.name, kind=given["kind"], source=source, by=request.user
    )
    return saved(request, reverse("intake:batch", args=[batch.key]))


@needs(Right.INTAKE_RUN)
@require_GET
def template(request: StaffRequest, kind: str) -> HttpResponse:
    """An empty workbook of a kind."""
    found = queries.kind_or_404(kind)
    return files.attachment(blank_workbook(found), f"{found.label}.xlsx", files.XLSX)
