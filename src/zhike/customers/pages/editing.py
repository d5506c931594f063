"""Adding and changing a customer by the blueprint's form; the second of two editors sees what the first one did."""

from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints import BlueprintSpec
from zhike.customers import actions, history, queries
from zhike.customers.actions import AlreadyThere, EditedMeanwhile
from zhike.customers.facts import CustomerRefusal
from zhike.customers.forms import CustomerForm, masks_of, typed
from zhike.customers.history import Difference
from zhike.customers.models import Customer
from zhike.kernel.models import Scope
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPage(Page):
    """The form of one customer, new or known."""

    template: ClassVar[str] = "customers/edit.html"
    form: CustomerForm
    version: int
    back: str
    problem: str = ""
    may_insist: bool = False
    there: str = ""
    differences: list[Difference] = field(default_factory=list)


@needs(Right.CUSTOMERS_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Add a customer."""
    form = CustomerForm(request.POST if request.method == "POST" else None, spec=blueprints.current())
    page = EditPage(
        title=_("New customer"), pretitle=_("Customers"), form=form, version=0, back=reverse("customers:list")
    )
    if request.method == "GET":
        return show(request, page)
    if not form.is_valid():
        return show(request, page, status=422)
    try:
        made = _create(request, form)
    except AlreadyThere as refusal:
        return show(request, _refused(page, refusal, _visible_url(request, refusal.found)), status=422)
    except CustomerRefusal as refusal:
        return show(request, _refused(page, refusal, ""), status=422)
    return saved(
        request,
        reverse("customers:customer", args=[made.key]),
        toast=_("Customer added: {code}").format(code=made.code),
    )


def _create(request: StaffRequest, form: CustomerForm) -> Customer:
    # Whoever sees only own customers would lose sight of a new one that belongs to nobody.
    manager = None if request.user.scope == Scope.ALL else request.user
    return actions.create(
        given=form.given(),
        code=form.cleaned_data.get("code", ""),
        manager=manager,
        by=request.user,
        anyway=request.POST.get("anyway") == "yes",
    )


def _refused(page: EditPage, refusal: CustomerRefusal, there: str) -> EditPage:
    return EditPage(
        title=page.title, pretitle=page.pretitle, form=page.form, version=0, back=page.back,
        problem=str(refusal), may_insist=True, there=there,
    )  # fmt: skip


def _visible_url(request: StaffRequest, found: Customer | None) -> str:
    """The address of the customer that is there already, if the asker may see it."""
    if found is None or not queries.visible_to(request.user).filter(pk=found.pk).exists():
        return ""
    return reverse("customers:customer", args=[found.key])


@needs(Right.CUSTOMERS_EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, key: UUID) -> HttpResponse:
    """Change a customer's values."""
    customer = queries.customer_for(request.user, key)
    spec = blueprints.current()
    if request.method == "GET":
        return show(request, _edit_page(request, customer, _form(None, customer, spec)))
    seen = _seen(request, customer)
    form = _form(request.POST, customer, spec, base=history.state_at(customer, seen))
    if not form.is_valid():
        return show(request, _edit_page(request, customer, form, version=seen), status=422)
    try:
        actions.edit(customer=customer, given=form.given(), seen=seen, by=request.user)
    except EditedMeanwhile as refusal:
        return show(request, _both(request, refusal, form, spec), status=409)
    except CustomerRefusal as refusal:
        return show(
            request, _edit_page(request, customer, form, version=seen, problem=str(refusal)), status=422
        )
    return saved(request, reverse("customers:customer", args=[customer.key]), toast=_("Saved"))


def _seen(request: StaffRequest, customer: Customer) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdigit() and 0 < int(given) <= customer.version else customer.version


def _form(
    data: Any,
    customer: Customer,
    spec: BlueprintSpec,
    *,
    base: dict[str, Any] | None = None,
    initial: Any = None,
) -> CustomerForm:
    return CustomerForm(
        data,
        spec=spec,
        base=base or history.state_at(customer, customer.version),
        masks=masks_of(customer, spec),
        initial=initial,
    )


def _edit_page(
    request: StaffRequest,
    customer: Customer,
    form: CustomerForm,
    *,
    version: int | None = None,
    problem: str = "",
    differences: list[Difference] | None = None,
) -> EditPage:
    return EditPage(
        title=_("Edit {name}").format(name=queries.shown_name(request.user, customer)),
        pretitle=customer.code,
        form=form,
        version=version or customer.version,
        back=reverse("customers:customer", args=[customer.key]),
        problem=problem,
        differences=differences or [],
    )


def _both(
    request: StaffRequest, refusal: EditedMeanwhile, mine: CustomerForm, spec: BlueprintSpec
) -> EditPage:
    """The form with what stands now and, over it, what this editor typed; where both changed, both are shown."""
    current = refusal.current
    given = mine.given()
    fresh = _form(None, current, spec, initial=_retyped(given, spec))
    differences = history.between_editors(current, given, refusal.fields, spec, request.user)
    return _edit_page(request, current, fresh, problem=str(refusal), differences=differences)


def _retyped(given: dict[str, Any], spec: BlueprintSpec) -> dict[str, Any]:
    """What was typed, as the fresh form shows it."""
    return {key: typed(spec.fields[key], spec.fields[key].to_json(value)) for key, value in given.items()}
