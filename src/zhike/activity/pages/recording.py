"""Noting down what happened with a customer, from the 360 page: one click opens the dialog, one more records."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.activity import actions, words
from zhike.activity.forms import FeedbackForm, InteractionForm
from zhike.activity.words import Way
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage(Page):
    """The dialog as a page of its own: without scripts, and when something was wrong."""

    template: ClassVar[str] = "activity/record_page.html"
    form: Form
    action: str
    back: str
    ways: tuple[Way, ...] = ()
    purposes: tuple[Text, ...] = ()


@needs(Right.ACTIVITY_RECORD)
@require_http_methods(["GET", "POST"])
def interaction(request: StaffRequest, key: UUID) -> HttpResponse:
    """Record an interaction with a customer."""
    customer = customers.customer_for(request.user, key)
    form = InteractionForm(request.POST if request.method == "POST" else None)
    back = reverse("customers:customer", args=[key])
    if request.method == "POST" and form.is_valid():
        actions.record_interaction(customer=customer, by=request.user, **form.cleaned_data)
        return saved(
            request,
            back,
            toast=_("Recorded: {channel}").format(channel=words.said(form.cleaned_data["channel"])),
        )
    page = RecordPage(
        title=_("Record interaction"), pretitle=customers.shown_name(request.user, customer), form=form,
        action=reverse("activity:record_interaction", args=[key]), back=back, ways=words.WAYS, purposes=words.PURPOSES,
    )  # fmt: skip
    return show(request, page, status=422 if form.errors else 200)


@needs(Right.ACTIVITY_RECORD)
@require_http_methods(["GET", "POST"])
def feedback(request: StaffRequest, key: UUID) -> HttpResponse:
    """Note what a customer thought."""
    customer = customers.customer_for(request.user, key)
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    back = f"{reverse('customers:customer', args=[key])}?tab=feedback"
    if request.method == "POST" and form.is_valid():
        actions.add_feedback(customer=customer, by=request.user, **form.cleaned_data)
        return saved(request, back, toast=_("Feedback noted"))
    page = RecordPage(
        title=_("Add feedback"), pretitle=customers.shown_name(request.user, customer), form=form,
        action=reverse("activity:add_feedback", args=[key]), back=back,
    )  # fmt: skip
    return show(request, page, status=422 if form.errors else 200)
