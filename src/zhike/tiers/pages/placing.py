"""Why one customer stands in a tier, and placing one by hand."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.customers import queries as customers
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right
from zhike.tiers import actions, queries
from zhike.tiers.facts import TierRefusal
from zhike.tiers.forms import MoveForm
from zhike.tiers.models import Placement
from zhike.tiers.queries import Why


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPage(Page):
    """The whole reasoning about one customer."""

    template: ClassVar[str] = "tiers/why.html"
    customer_url: str
    why: Why | None
    history: list[Placement]
    move_url: str
    release_url: str
    may_move: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePage(Page):
    """Placing one customer by hand."""

    template: ClassVar[str] = "tiers/move.html"
    customer_url: str
    form: MoveForm
    refusal: TierRefusal | None


@needs(Right.TIERS_VIEW)
@require_GET
def why(request: StaffRequest, key: UUID) -> HttpResponse:
    """Every condition of every tier on the customer's values, and where the customer stood before."""
    customer = customers.customer_for(request.user, key)
    page = WhyPage(
        title=_("Why this tier?"),
        pretitle=customers.shown_name(request.user, customer),
        customer_url=reverse("customers:customer", args=[key]),
        why=queries.why(customer, everything=True),
        history=list(queries.history(customer)),
        move_url=reverse("tiers:move", args=[key]),
        release_url=reverse("tiers:release", args=[key]),
        may_move=may(request.user, Right.TIERS_MOVE),
    )
    return show(request, page)


@needs(Right.TIERS_MOVE)
@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, key: UUID) -> HttpResponse:
    """Place the customer by hand, for a reason and until a day."""
    customer = customers.customer_for(request.user, key)
    back = reverse("customers:customer", args=[key])
    form = MoveForm(request.POST if request.method == "POST" else None)
    refusal = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        tier = queries.tiers().get(key=given["tier"])
        try:
            actions.move(
                customer=customer,
                to=tier,
                because=given["because"],
                held_until=given["held_until"],
                by=request.user,
            )
        except TierRefusal as error:
            refusal = error
        else:
            return saved(request, back, toast=_("Placed in %(tier)s") % {"tier": tier.name})
    page = MovePage(
        title=_("Place by hand"),
        pretitle=customers.shown_name(request.user, customer),
        customer_url=back,
        form=form,
        refusal=refusal,
    )
    return show(request, page, status=422 if form.is_bound else 200)


@needs(Right.TIERS_MOVE)
@require_POST
def release(request: StaffRequest, key: UUID) -> HttpResponse:
    """Let the rules decide again from the next run on."""
    customer = customers.customer_for(request.user, key)
    actions.release(customer=customer, by=request.user)
    return saved(
        request, reverse("tiers:why", args=[key]), toast=_("The rules decide again from the next run on")
    )
