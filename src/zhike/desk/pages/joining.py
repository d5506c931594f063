"""Coming in for the first time: the set-up link, an invitation, a new password."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zhike.core.errors import Refusal
from zhike.desk import actions as desk_actions
from zhike.desk.forms import JoinForm, PasswordForm
from zhike.kernel import actions, queries
from zhike.kernel.models import Invitation, User
from zhike.kernel.pages import Page, saved, show
from zhike.kernel.roles import ROLES, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Page):
    """Name and password of somebody new."""

    template: ClassVar[str] = "desk/join.html"
    invitation: Invitation
    role: type[Role]
    form: Form
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Used(Page):
    """A link that does not work any more."""

    template: ClassVar[str] = "desk/link_used.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword(Page):
    """A password chosen anew."""

    template: ClassVar[str] = "desk/new_password.html"
    person: User
    form: Form


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Turn an invitation (or the set-up link, which is the first one) into an account, and sign in."""
    held = queries.invitation(secret)
    if held is None:
        return show(request, Used(title=_("This link does not work any more")), status=404)
    first = held.invited_by is None
    asked = User(email=held.email, name=held.name)
    form = JoinForm(request.POST or None, user=asked, known_email=held.email, initial={"name": held.name})
    if request.method == "POST" and form.is_valid():
        try:
            return _enter(request, held, form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    title = _("Set up Zhike") if first else _("Welcome")
    page = Join(title=title, invitation=held, role=ROLES[held.role], form=form, first=first)
    return show(request, page, status=422 if form.errors else 200)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """Choose a new password by a link that an administrator made."""
    person = _person(name)
    if person is None or not default_token_generator.check_token(person, token):
        return show(request, Used(title=_("This link does not work any more")), status=404)
    form = PasswordForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        desk_actions.choose_password(user=person, password=form.cleaned_data["password"])
        return saved(request, reverse("account_login"), toast=_("New password saved. Sign in with it."))
    page = NewPassword(title=_("New password"), person=person, form=form)
    return show(request, page, status=422 if form.errors else 200)


def _enter(request: HttpRequest, held: Invitation, form: JoinForm) -> HttpResponse:
    given = form.cleaned_data
    user = actions.accept(
        invitation=held, email=given.get("email", held.email), name=given["name"], password=given["password"],
        language=get_language() or "zh-hans",
    )  # fmt: skip
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return saved(request, "/", toast=_("Welcome to Zhike"))


def _person(name: str) -> User | None:
    try:
        key = UUID(urlsafe_base64_decode(name).decode())
    except (ValueError, UnicodeDecodeError):
        return None
    return User.objects.filter(key=key, is_active=True).first()
