"""Background work: what runs, how far it is, how it ended."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.text import Text
from zhike.desk.job_words import outcome
from zhike.kernel import audit, jobs, queries
from zhike.kernel.models import Job, JobState
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right

EACH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList(Page):
    """The latest jobs."""

    template: ClassVar[str] = "desk/jobs.html"
    jobs: list[Job]
    state: str
    states: list[tuple[str, Any]]
    next: str
    busy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage(Page):
    """One job: progress while it runs, its receipt afterwards."""

    template: ClassVar[str] = "desk/job.html"
    job: Job
    step: str
    outcome: list[tuple[str, str]]


@needs(Right.JOBS_VIEW)
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """Jobs, newest first; refreshed while something runs."""
    found = queries.jobs(request.user)
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state in JobState.values:
        found = found.filter(state=state)
    if before.isdigit():
        found = found.filter(id__lt=int(before))
    rows = list(found[: EACH + 1])
    more = f"?state={state}&before={rows[EACH - 1].pk}" if len(rows) > EACH else ""
    page = JobList(
        title=_("Background jobs"), pretitle=_("Settings"), jobs=rows[:EACH], state=state, states=JobState.choices,
        next=more, busy=any(not job.ended for job in rows),
    )  # fmt: skip
    return show(request, page, fragment="rows")


@needs(Right.JOBS_VIEW)
@require_GET
def job(request: StaffRequest, key: UUID) -> HttpResponse:
    """One job; `?part=bar` gives only the progress bar, for pages of other stages."""
    found = get_object_or_404(queries.jobs(request.user), key=key)
    page = JobPage(
        title=str(found.heading), pretitle=_("Background jobs"), job=found, step=str(Text.from_json(found.step)),
        outcome=outcome(found.result),
    )  # fmt: skip
    part = "bar" if request.GET.get("part") == "bar" else None
    response = show(request, page, fragment=part)
    if part and found.ended and request.htmx:
        # The page around the bar now has something else to say: the receipt, or what went wrong.
        response.headers["HX-Refresh"] = "true"
    return response


@needs(Right.JOBS_VIEW)
@require_POST
def cancel(request: StaffRequest, key: UUID) -> HttpResponse:
    """Ask a job to stop; what it has committed stays."""
    found = get_object_or_404(queries.jobs(request.user), key=key)
    jobs.cancel(found)
    audit.record("job.cancelled", found, by=request.user)
    return saved(request, reverse("desk:job", args=[found.key]), toast=_("Stopping; what is finished stays"))
