"""Files to download: problem rows to correct and send again."""

from urllib.parse import quote
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.intake import actions, problem_files, queries
from zhike.kernel.pages import StaffRequest, needs
from zhike.kernel.rights import Right

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@needs(Right.INTAKE_VIEW)
@require_GET
def problems(request: StaffRequest, key: UUID, form: str) -> HttpResponse:
    """The open problem rows of a batch as a workbook or CSV, in clear for those who may."""
    batch = queries.batch_for(request.user, key)
    if not queries.may_read_rows(request.user, batch):
        raise PermissionDenied
    actions.note_download(batch=batch, by=request.user)
    stem = batch.file_name.rsplit(".", 1)[0]
    name = _("{name} problem rows").format(name=stem)
    if form == "csv":
        return attachment(b"".join(problem_files.as_csv(batch)), f"{name}.csv", CSV)
    return attachment(problem_files.as_workbook(batch), f"{name}.xlsx", XLSX)


def attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    """Bytes as a file to keep, its name safe in any language."""
    response = HttpResponse(content, content_type=kind)
    plain = "".join(char if (char.isascii() and char.isalnum()) or char in " .-" else "_" for char in name)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
