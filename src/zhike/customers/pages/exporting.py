"""The list as a file: CSV of any size as a stream, or an Excel workbook."""

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.customers import exporting, listing, queries
from zhike.customers.forms import ReasonForm
from zhike.customers.listing import Wanted
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.pages import StaffRequest, may, needs, saved
from zhike.kernel.rights import Right

MOST_IN_EXCEL = 20_000


@needs(Right.CUSTOMERS_EXPORT)
@require_http_methods(["GET", "POST"])
def export(request: StaffRequest, kind: str) -> HttpResponse:
    """What the list shows, all of it; posted with a reason, values that are masked otherwise stand in clear."""
    if kind not in {"csv", "xlsx"}:
        raise Http404
    wanted = Wanted.read(request.GET, request.user)
    here = listing.address(reverse("customers:list"), wanted.query())
    reason = ""
    if request.method == "POST":
        form = ReasonForm(request.POST)
        if not may(request.user, Right.PERSONAL_REVEAL) or not form.is_valid():
            return saved(
                request, here, toast=_("Nothing was exported: say why the values are needed in clear.")
            )
        reason = form.cleaned_data["reason"]
    found = listing.narrowed(request.user, wanted, listing.filters(request.user, queries.fields()))
    if kind == "xlsx" and found.order_by().values("pk")[: MOST_IN_EXCEL + 1].count() > MOST_IN_EXCEL:
        return saved(
            request, here, toast=_("More than 20,000 customers: please export CSV, which has no limit.")
        )
    fields = exporting.fields_for_export()
    # What was searched for may be a name or a number: only which filters were set is written down.
    changes = {
        "format": kind,
        "filters": sorted(wanted.filters),
        "searched": bool(wanted.q),
        "clear": bool(reason),
    }
    audit.record("customers.exported", None, by=request.user, note=reason, changes=changes)
    rows = exporting.rows(found, fields, request.user, clear=bool(reason))
    name = f"customers-{clock.today():%Y-%m-%d}"
    if kind == "xlsx":
        sheet = workbooks.Sheet(name=_("Customers"), header=exporting.header(fields), rows=rows)
        return workbooks.answer(name, [sheet])
    answer = StreamingHttpResponse(
        exporting.lines(exporting.header(fields), rows), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer  # type: ignore[return-value]
