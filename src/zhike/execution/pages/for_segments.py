"""A task for every customer of a segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from zhike.core.errors import Refusal
from zhike.execution import actions
from zhike.execution.forms import SegmentTaskForm
from zhike.kernel import clock
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right
from zhike.tiers import queries as tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTasksPage(Page):
    """The form, and for how many customers."""

    template: ClassVar[str] = "execution/for_segment.html"
    form: SegmentTaskForm
    customers: int
    back: str


@needs(Right.TASKS_ASSIGN)
@require_http_methods(["GET", "POST"])
def add_for_segment(request: StaffRequest, key: UUID) -> HttpResponse:
    """Add one task for each of the asker's customers in a segment."""
    segment = tiers.segment_for(key)
    back = reverse("tiers:segment", args=[key])
    form = SegmentTaskForm(
        request.POST if request.method == "POST" else None, initial={"due_on": clock.today()}
    )
    if form.is_bound and form.is_valid():
        try:
            number = actions.add_for_segment(segment=segment, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("due_on", str(refusal))
        else:
            told = ngettext("%(number)d task added", "%(number)d tasks added", number) % {"number": number}
            return saved(request, back, toast=told)
    page = SegmentTasksPage(
        title=_("A task for each customer"),
        pretitle=str(segment.title),
        form=form,
        customers=tiers.current_members(request.user, segment).count(),
        back=back,
    )
    return show(request, page, status=422 if form.is_bound else 200)
