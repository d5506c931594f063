"""Keeping a product out of recommendations for a while, for a reason that everybody sees on the list."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.activity import actions
from zhike.activity.forms import WithholdForm
from zhike.activity.models import Product
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdPage(Page):
    """Why a product is not to be recommended."""

    template: ClassVar[str] = "activity/withhold.html"
    product: Product
    form: WithholdForm


@needs(Right.INTAKE_RUN)
@require_http_methods(["GET", "POST"])
def withhold(request: StaffRequest, number: int) -> HttpResponse:
    """Withhold a product from recommendations, or let it be recommended again."""
    product = get_object_or_404(Product, pk=number)
    form = WithholdForm(
        request.POST if request.method == "POST" else None, initial={"withheld": product.withheld}
    )
    if request.method == "POST" and form.is_valid():
        actions.withhold(product=product, why=form.cleaned_data["withheld"], by=request.user)
        return saved(request, reverse("activity:products"), toast=_("Saved"))
    page = WithholdPage(title=product.shown, pretitle=_("Products"), product=product, form=form)
    return show(request, page, status=422 if form.errors else 200)
