"""Staff: who works here, in which role, seeing whose customers."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.core.paginator import Page as Leaf
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.errors import Refusal
from zhike.desk import actions as desk_actions
from zhike.desk import queries as desk
from zhike.desk.forms import EditStaffForm, InviteForm
from zhike.kernel import actions, queries
from zhike.kernel.models import Invitation, User
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES, Role

EACH = 50


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the neighbouring pages are."""

    text: str
    previous: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffList(Page):
    """The members of staff and the open invitations."""

    template: ClassVar[str] = "desk/staff.html"
    people: list[User]
    secured: set[int]
    invitations: list[Invitation]
    roles: list[type[Role]]
    text: str
    role: str
    state: str
    pager: Pager | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffForm(Page):
    """Inviting or editing one person."""

    template: ClassVar[str] = "desk/staff_form.html"
    form: Form
    person: User | None = None
    secured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Page):
    """A link that is shown once."""

    template: ClassVar[str] = "desk/link.html"
    link: str
    hint: str
    back: str


@needs(Right.STAFF_MANAGE)
@require_GET
def staff(request: StaffRequest) -> HttpResponse:
    """Find a member of staff."""
    text, role, state = (request.GET.get(name, "") for name in ("q", "role", "state"))
    found = desk.staff_found(request.user, text=text.strip(), role=role, state=state)
    leaf = Paginator(found, EACH).get_page(request.GET.get("page"))
    people = list(leaf.object_list)
    page = StaffList(
        title=_("Staff"), pretitle=_("Settings"), people=people, secured=desk.with_second_factor(people),
        invitations=list(desk.invitations_open()), roles=list(ROLES.values()),
        text=text, role=role, state=state, pager=_pager(request, leaf),
    )  # fmt: skip
    return show(request, page, fragment="rows")


@needs(Right.STAFF_MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: StaffRequest) -> HttpResponse:
    """Make an invitation link, shown once."""
    form = InviteForm(request.POST or None, initial={"role": "account_manager", "scope": "own"})
    if request.method == "POST" and form.is_valid():
        try:
            secret = actions.invite(**form.cleaned_data, by=request.user)
        except Refusal as refusal:
            form.add_error("email", str(refusal))
        else:
            return show(request, _invited(request, secret, form.cleaned_data["name"]))
    page = StaffForm(title=_("Invite somebody"), pretitle=_("Staff"), form=form)
    return show(request, page, status=422 if form.errors else 200)


@needs(Right.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, key: UUID) -> HttpResponse:
    """Change role, scope, department; lock somebody out."""
    person = get_object_or_404(queries.staff(request.user), key=key)
    form = EditStaffForm(request.POST or None, initial=_initial(person))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_staff(user=person, **form.cleaned_data, by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, reverse("desk:staff"), toast=_("Saved"))
    secured = bool(desk.with_second_factor([person]))
    page = StaffForm(title=person.name, pretitle=_("Staff"), form=form, person=person, secured=secured)
    return show(request, page, status=422 if form.errors else 200)


@needs(Right.STAFF_MANAGE)
@never_cache
@require_POST
def password_link(request: StaffRequest, key: UUID) -> HttpResponse:
    """A link for somebody who forgot the password, shown once."""
    person = get_object_or_404(queries.staff(request.user), key=key)
    name, token = desk_actions.new_password_link(user=person, by=request.user)
    link = request.build_absolute_uri(reverse("desk:new_password", args=[name, token]))
    hint = _("Give this link to %(name)s. It works once, for three days, and replaces the old password.")
    page = Link(
        title=_("Link for a new password"), pretitle=person.name, link=link, hint=hint % {"name": person.name},
        back=reverse("desk:staff_edit", args=[person.key]),
    )  # fmt: skip
    return show(request, page)


@needs(Right.STAFF_MANAGE)
@require_POST
def drop_second_factor(request: StaffRequest, key: UUID) -> HttpResponse:
    """For somebody who lost the phone."""
    person = get_object_or_404(queries.staff(request.user), key=key)
    desk_actions.drop_second_factor(user=person, by=request.user)
    return saved(request, reverse("desk:staff_edit", args=[person.key]), toast=_("Second factor removed"))


@needs(Right.STAFF_MANAGE)
@require_POST
def withdraw(request: StaffRequest, number: int) -> HttpResponse:
    """Stop an invitation from working."""
    desk_actions.withdraw(invitation=get_object_or_404(desk.invitations_open(), pk=number), by=request.user)
    return saved(request, reverse("desk:staff"), toast=_("Invitation withdrawn"))


def _invited(request: StaffRequest, secret: str, name: str) -> Link:
    link = request.build_absolute_uri(reverse("desk:join", args=[secret]))
    hint = _("Give this link to %(name)s. It works once, for %(days)s days, and is not kept here.")
    said = hint % {"name": name, "days": actions.INVITATION_DAYS}
    return Link(
        title=_("Invitation made"), pretitle=_("Staff"), link=link, hint=said, back=reverse("desk:staff")
    )


def _initial(person: User) -> dict[str, Any]:
    return {name: getattr(person, name) for name in ("name", "role", "scope", "department", "is_active")}


def _pager(request: StaffRequest, leaf: Leaf[User]) -> Pager | None:
    if leaf.paginator.num_pages == 1:
        return None

    def to(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    total = leaf.paginator.count
    text = ngettext("%(count)s person", "%(count)s people", total) % {"count": total}
    before = to(leaf.previous_page_number()) if leaf.has_previous() else ""
    return Pager(text, before, to(leaf.next_page_number()) if leaf.has_next() else "")
