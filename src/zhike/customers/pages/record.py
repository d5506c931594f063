"""One customer from all sides: who and how much on the left, what happened and what is next on the right."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.blueprint import queries as blueprints
from zhike.customers import actions, profile, queries
from zhike.customers.facts import CustomerRefusal
from zhike.customers.forms import ReasonForm
from zhike.customers.models import Customer
from zhike.customers.profile import Fact
from zhike.customers.timeline import Stretch, asked_moment, stretch
from zhike.kernel import slots
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.queries import staff
from zhike.kernel.rights import Right

TIMELINE = "timeline"
# Cards of the left side with a lower order stand above the base data, the others below.
BASE_DATA, ANYWHERE = 50, range(1_000)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the right side."""

    key: str
    label: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage(Page):
    """A customer from all sides."""

    template: ClassVar[str] = "customers/customer.html"
    customer: Customer
    initial: str
    badges: list[str]
    buttons: list[str]
    left: list[str]
    lower: list[str]
    facts: list[Fact]
    tabs: list[Tab]
    active: str
    body: str
    above: list[str]
    timeline: Stretch
    managers: list[User]
    may_edit: bool
    may_assign: bool
    may_delete: bool
    may_reveal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPage(Page):
    """More of the timeline."""

    template: ClassVar[str] = "customers/timeline.html"
    customer: Customer
    timeline: Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealPage(Page):
    """A masked value: the question why, then the value."""

    template: ClassVar[str] = "customers/reveal.html"
    form: ReasonForm
    customer: Customer
    label: str
    field: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePage(Page):
    """What erasing a customer means, and the question why."""

    template: ClassVar[str] = "customers/erase.html"
    form: ReasonForm
    customer: Customer


@needs(Right.CUSTOMERS_VIEW)
@require_GET
def customer(request: StaffRequest, key: UUID) -> HttpResponse:
    """The 360 page of one customer."""
    found = queries.customer_for(request.user, key)
    return show(request, _page(request, found))


def _page(request: StaffRequest, found: Customer) -> CustomerPage:
    user = request.user
    tabs = {panel.key: panel for panel in slots.panels("customer.tabs", user)}
    active = request.GET.get("tab", TIMELINE)
    panel = tabs.get(active)
    name = queries.shown_name(user, found)

    def pieces(place: str, orders: range = ANYWHERE) -> list[str]:
        drawn = (one.render(request, found) for one in slots.panels(place, user) if one.order in orders)
        return [mark_safe(html) for html in drawn if html]  # noqa: S308 — panels answer with rendered templates

    return CustomerPage(
        title=name,
        pretitle=profile.headline(found, blueprints.current_or_none()),
        customer=found,
        initial=name[:1],
        badges=pieces("customer.header"),
        buttons=pieces("customer.actions"),
        left=pieces("customer.left", range(BASE_DATA)),
        lower=pieces("customer.left", range(BASE_DATA, len(ANYWHERE))),
        facts=profile.facts(found, blueprints.current_or_none(), user),
        tabs=_tabs(request, found, tabs),
        active=active if panel else TIMELINE,
        body=mark_safe(panel.render(request, found)) if panel else "",  # noqa: S308 — as above
        above=[] if panel else pieces("customer.timeline"),
        timeline=Stretch() if panel else stretch(user, found),
        managers=list(staff(user).filter(is_active=True)) if may(user, Right.CUSTOMERS_ASSIGN) else [],
        may_edit=may(user, Right.CUSTOMERS_EDIT),
        may_assign=may(user, Right.CUSTOMERS_ASSIGN),
        may_delete=may(user, Right.CUSTOMERS_DELETE),
        may_reveal=may(user, Right.PERSONAL_REVEAL),
    )


def _tabs(request: StaffRequest, found: Customer, panels: dict[str, slots.Panel]) -> list[Tab]:
    here = reverse("customers:customer", args=[found.key])
    return [
        Tab(TIMELINE, _("Timeline"), here),
        *(
            Tab(key, str(panel.label), f"{here}?tab={key}", panel.count(found) if panel.count else None)
            for key, panel in panels.items()
        ),
    ]


@needs(Right.CUSTOMERS_VIEW)
@require_GET
def earlier(request: StaffRequest, key: UUID) -> HttpResponse:
    """What happened to a customer before a moment."""
    found = queries.customer_for(request.user, key)
    page = EarlierPage(
        title=_("Earlier"), pretitle=queries.shown_name(request.user, found), customer=found,
        timeline=stretch(request.user, found, before=asked_moment(request.GET.get("before", ""))),
    )  # fmt: skip
    return show(request, page, fragment="moments")


@needs(Right.PERSONAL_REVEAL)
@require_http_methods(["GET", "POST"])
def reveal(request: StaffRequest, key: UUID, field: str) -> HttpResponse:
    """Ask why, write it down, and show one masked value in clear."""
    found = queries.customer_for(request.user, key)
    spec = queries.field_or_404(field)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    page = RevealPage(
        title=_("Show {field}").format(field=spec.label), pretitle=found.code, form=form, customer=found,
        label=str(spec.label), field=field,
    )  # fmt: skip
    if request.method == "GET":
        return show(request, page, fragment="ask")
    if not form.is_valid():
        return show(request, page, fragment="ask", status=422)
    value = actions.reveal(customer=found, field=field, reason=form.cleaned_data["reason"], by=request.user)
    told = RevealPage(
        title=page.title, pretitle=page.pretitle, form=form, customer=found, label=page.label, field=field,
        value=profile.as_read(spec, value),
    )  # fmt: skip
    return show(request, told, fragment="ask", headers={"Cache-Control": "no-store"})


@needs(Right.CUSTOMERS_DELETE)
@require_http_methods(["GET", "POST"])
def erase(request: StaffRequest, key: UUID) -> HttpResponse:
    """Say what will be gone, ask why, and erase."""
    found = queries.customer_for(request.user, key)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    page = ErasePage(
        title=_("Erase {name}").format(name=queries.shown_name(request.user, found)), pretitle=found.code, form=form,
        customer=found,
    )  # fmt: skip
    if request.method == "GET" or not form.is_valid():
        return show(request, page, status=200 if request.method == "GET" else 422)
    code = found.code
    actions.erase(customer=found, reason=form.cleaned_data["reason"], by=request.user)
    return saved(request, reverse("customers:list"), toast=_("Customer {code} is erased").format(code=code))


@needs(Right.CUSTOMERS_EDIT)
@require_POST
def restore(request: StaffRequest, key: UUID, number: int) -> HttpResponse:
    """Make the customer what it was before one of its changes."""
    found = queries.customer_for(request.user, key)
    to = f"{reverse('customers:customer', args=[key])}?tab=changes"
    queries.version_or_404(found, number)
    try:
        actions.restore(customer=found, number=number, by=request.user)
    except CustomerRefusal as refusal:
        return saved(request, to, toast=str(refusal))
    return saved(
        request, to, toast=_("The customer is again what it was before change {number}").format(number=number)
    )
