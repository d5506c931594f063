"""My account, and the keys by which programs speak in my name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.desk import queries as desk
from zhike.desk.forms import TokenForm
from zhike.kernel import actions, queries
from zhike.kernel.models import ApiToken
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Page):
    """Who I am here and how I sign in."""

    template: ClassVar[str] = "desk/profile.html"
    rights: list[Any]
    second_factor: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token as the list shows it."""

    token: ApiToken
    rights: list[Any]
    living: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Page):
    """The tokens there are, and a form for another."""

    template: ClassVar[str] = "desk/tokens.html"
    rows: list[TokenRow]
    form: Form
    secret: str = ""


@needs(Right.DESK_VIEW)
@require_GET
def settings_index(request: StaffRequest) -> HttpResponse:
    """The settings begin with the page that everybody has."""
    return HttpResponseRedirect(reverse("desk:profile"))


@needs(Right.DESK_VIEW)
@require_GET
def profile(request: StaffRequest) -> HttpResponse:
    """My name, role, rights, password and second factor."""
    rights = [right.label for right in Right if request.user.has(right)]
    factor = bool(desk.with_second_factor([request.user]))
    return show(
        request, Profile(title=_("My account"), pretitle=_("Settings"), rights=rights, second_factor=factor)
    )


@needs(Right.TOKENS_MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: StaffRequest) -> HttpResponse:
    """List tokens; a new one is shown on the answer to the form and never again."""
    form = TokenForm(request.POST or None, user=request.user)
    secret = ""
    if request.method == "POST" and form.is_valid():
        secret = _issue(request, form.cleaned_data)
        form = TokenForm(user=request.user)
    page = Tokens(
        title=_("API tokens"), pretitle=_("Settings"), rows=_rows(request), form=form, secret=secret
    )
    return show(request, page, status=422 if form.errors else 200)


@needs(Right.TOKENS_MANAGE)
@require_POST
def revoke(request: StaffRequest, key: UUID) -> HttpResponse:
    """Stop a token from working."""
    actions.revoke_token(token=get_object_or_404(queries.tokens(request.user), key=key), by=request.user)
    return saved(request, reverse("desk:tokens"), toast=_("The token no longer works"))


def _issue(request: StaffRequest, given: dict[str, Any]) -> str:
    expires = timezone.now() + timedelta(days=int(given["days"])) if given["days"] else None
    _token, secret = actions.issue_token(
        user=request.user, name=given["name"], rights=given["rights"], expires_at=expires, by=request.user
    )
    messages.success(request, _("Token made"))
    return secret


def _rows(request: StaffRequest) -> list[TokenRow]:
    labels = {right.value: right.label for right in Right}
    now = timezone.now()
    return [
        TokenRow(
            token,
            [labels[right] for right in token.rights if right in labels],
            token.revoked_at is None and (token.expires_at is None or token.expires_at > now),
        )
        for token in queries.tokens(request.user)
    ]
