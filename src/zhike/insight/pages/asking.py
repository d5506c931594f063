"""A long question on a page: it is asked when the page opens, its job is followed, and the page is loaded anew at its end."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.insight import answering
from zhike.insight.answering import Question
from zhike.kernel.models import Job
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right

BROKEN = Refusal(
    Text("这次没有算出来。", "It could not be computed this time."),
    Text("数据没有变化,可以再试一次。", "No data has changed; try again."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Where to ask, what is said meanwhile, the job that is under way, and why the last one failed."""

    title: str
    hint: str
    ask_url: str
    poll_url: str
    job: Job | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingPage(Page):
    """How far the job about one question is."""

    template: ClassVar[str] = "insight/asking.html"
    asking: Asking


def asking(question: Question, ask_url: str, *, title: str, hint: str) -> Asking:
    """A question that has no answer yet."""
    job = answering.last_job(question.kind, question.mark)
    under_way = job if job is not None and not job.ended else None
    failed = job is not None and job.state in {"failed", "cancelled"}
    return Asking(
        title=title,
        hint=hint,
        ask_url=ask_url,
        poll_url=reverse("insight:asking", args=[question.kind, question.mark]),
        job=under_way,
        refusal=BROKEN if failed else None,
    )


@needs(Right.INSIGHT_VIEW)
@require_GET
def progress(request: StaffRequest, kind: str, mark: str) -> HttpResponse:
    """The bar of a question's job; once the job has ended the page that asked is loaded anew."""
    job = answering.last_job(kind, mark) if kind in answering.KINDS else None
    if job is None:
        raise Http404
    if job.ended and request.htmx:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    said = Asking(title=str(job.heading), hint="", ask_url="", poll_url=request.path, job=job)
    return show(request, AskingPage(title=_("Under way"), asking=said), fragment="bar")
