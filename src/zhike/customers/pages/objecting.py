"""Noting that a customer wants no profile of theirs used (PIPL, article 24), or that they agree again."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.customers import actions, queries
from zhike.kernel.pages import StaffRequest, needs, saved
from zhike.kernel.rights import Right


@needs(Right.CUSTOMERS_EDIT)
@require_POST
def objection(request: StaffRequest, key: UUID) -> HttpResponse:
    """Set or lift the objection of one customer; the field `objects` says which."""
    found = queries.customer_for(request.user, key)
    objects = bool(request.POST.get("objects"))
    actions.object_to_profile(customer=found, objects=objects, by=request.user)
    toast = _("Noted: no personal recommendations") if objects else _("Noted: personal recommendations again")
    return saved(request, reverse("customers:customer", args=[key]), toast=toast)
