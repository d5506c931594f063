"""The audit log: who did what to which thing, and when."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import masks
from zhike.customers import queries as customers
from zhike.desk import queries as desk
from zhike.desk.audit_words import GROUPS, said
from zhike.desk.detail_words import Labels, labels, named, told
from zhike.desk.queries import AUDIT_EXPORT_MOST, AUDIT_PAGE, AuditFilter
from zhike.kernel import audit as log
from zhike.kernel import queries
from zhike.kernel.models import AuditEntry, User
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right

if TYPE_CHECKING:
    from zhike.customers.models import Customer

CUSTOMER = "customers.Customer"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in words."""

    entry: AuditEntry
    words: str
    thing: str
    url: str
    changes: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLog(Page):
    """The entries that are asked for."""

    template: ClassVar[str] = "desk/audit.html"
    rows: list[Row]
    wanted: AuditFilter
    people: list[User]
    groups: list[tuple[str, str]]
    next: str
    export: str


class Echo:
    """A file that hands back what is written, for the CSV writer."""

    def write(self, line: str) -> str:
        """Give the line back."""
        return line


@needs(Right.AUDIT_VIEW)
@require_GET
def audit(request: StaffRequest) -> HttpResponse:
    """Read the log by person, act and day."""
    wanted = _wanted(request)
    entries = list(desk.audit_log(request.user, wanted)[: AUDIT_PAGE + 1])
    more = len(entries) > AUDIT_PAGE
    entries = entries[:AUDIT_PAGE]
    page = AuditLog(
        title=_("Audit log"), pretitle=_("Settings"), rows=_rows(request.user, entries), wanted=wanted,
        people=list(queries.staff(request.user)), groups=[(key, str(label)) for key, label in GROUPS.items()],
        next=f"?{_query(request, before=entries[-1].pk)}" if more else "",
        export=f"{reverse('desk:audit_export')}?{_query(request)}",
    )  # fmt: skip
    return show(request, page, fragment="rows")


@needs(Right.AUDIT_VIEW)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """The same entries as CSV; taking them out is written down too."""
    entries = desk.audit_log(request.user, _wanted(request))[:AUDIT_EXPORT_MOST]
    log.record("audit.exported", None, by=request.user, changes={"filter": _query(request)})
    lines = StreamingHttpResponse(
        _lines(entries.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8"
    )
    lines["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y-%m-%d}.csv"'
    return lines  # type: ignore[return-value]


def _wanted(request: StaffRequest) -> AuditFilter:
    given = request.GET
    before = given.get("before", "")
    return AuditFilter(
        who=_who(given.get("who", "")), what=given.get("what", ""), since=_day(given.get("since", "")),
        until=_day(given.get("until", "")), before=int(before[:18]) if before.isdecimal() else None,
    )  # fmt: skip


def _who(text: str) -> str:
    """A person's key or "system"; anything else asks for everybody."""
    try:
        return text if text == "system" or UUID(text) else ""
    except ValueError:
        return ""


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _query(request: StaffRequest, before: int | None = None) -> str:
    kept = {name: request.GET[name] for name in ("who", "what", "since", "until") if request.GET.get(name)}
    return urlencode(kept | ({"before": str(before)} if before else {}))


def _rows(user: User, entries: list[AuditEntry]) -> list[Row]:
    """The entries in words; a customer within the reader's scope is named, masked as everywhere."""
    keys = [entry.thing for entry in entries if entry.kind == CUSTOMER]
    seen = {str(one.key): one for one in customers.visible_to(user).filter(key__in=keys)} if keys else {}
    known = labels()
    return [_row(user, entry, seen.get(entry.thing), known) for entry in entries]


def _row(user: User, entry: AuditEntry, customer: "Customer | None", known: Labels) -> Row:
    changes = [
        (named(name, known), told(value, known))
        for name, value in entry.changes.items()
        if value not in ("", None)
    ]
    if customer is None:
        return Row(entry, said(entry.what), entry.thing[:8], "", changes)
    name = f"{customers.shown_name(user, customer)} {customer.code}"
    return Row(entry, said(entry.what), name, reverse("customers:customer", args=[customer.key]), changes)


def _lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer, known = csv.writer(Echo()), labels()
    yield "\ufeff" + writer.writerow(
        [_("When"), _("Who"), _("What"), _("Kind"), _("Thing"), _("Note"), _("Changes")]
    )
    for entry in entries:
        at = timezone.localtime(entry.at)
        who = entry.by.name if entry.by else _("System")
        row = [
            f"{at:%Y-%m-%d %H:%M:%S}",
            who,
            entry.what,
            entry.kind,
            entry.thing,
            masks.numbers(entry.note),
            told(entry.changes, known),
        ]
        yield writer.writerow([_inert(cell) for cell in row])


def _inert(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
