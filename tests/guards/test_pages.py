"""Every page names the right it needs; the exceptions are listed with their reasons, and a stale one fails too."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from ninja import NinjaAPI
from ninja.constants import NOT_SET
from ninja.operation import Operation

from zhike.desk.mount import api
from zhike.kernel.api import TokenAuth
from zhike.kernel.api import needs as needs_by_token
from zhike.kernel.pages import needs
from zhike.kernel.rights import Right

BEFORE_SIGN_IN = "part of signing in: nobody has rights yet, or only their own account is touched"
OWN_ACCOUNT = "one's own account; everybody who is signed in has one"
OPEN_PAGES = {
    "allauth.account.views.LoginView": BEFORE_SIGN_IN,
    "allauth.account.views.LogoutView": BEFORE_SIGN_IN,
    "allauth.account.views.AccountInactiveView": BEFORE_SIGN_IN,
    "allauth.account.views.ReauthenticateView": OWN_ACCOUNT,
    "allauth.account.views.PasswordChangeView": OWN_ACCOUNT,
    "allauth.account.views.PasswordSetView": OWN_ACCOUNT,
    "allauth.mfa.base.views.AuthenticateView": BEFORE_SIGN_IN,
    "allauth.mfa.base.views.ReauthenticateView": OWN_ACCOUNT,
    "allauth.mfa.totp.views.ActivateTOTPView": OWN_ACCOUNT,
    "allauth.mfa.totp.views.DeactivateTOTPView": OWN_ACCOUNT,
    "allauth.mfa.recovery_codes.views.ViewRecoveryCodesView": OWN_ACCOUNT,
    "allauth.mfa.recovery_codes.views.GenerateRecoveryCodesView": OWN_ACCOUNT,
    "allauth.mfa.recovery_codes.views.DownloadRecoveryCodesView": OWN_ACCOUNT,
    "zhike.desk.pages.health.health": "probed by the supervisor and load balancers; shows no data",
    "zhike.desk.pages.joining.join": "the invitation's secret is the right; it works once",
    "zhike.desk.pages.joining.new_password": "the link's secret is the right; it works once",
    "zhike.desk.pages.api_docs.usual_address": "only points at the API page, which asks for its right itself",
    "zhike.desk.pages.home.language": "everybody chooses a language",
}
# Programs sign in with tokens; the operations behind these views are looked at one by one, further below.
API = "ninja."
OPEN_OPERATIONS: dict[str, str] = {}


def patterns(found: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """Every page of a URL conf, however deep."""
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


def name_of(page: Callable[..., Any]) -> str:
    """Where a page is defined; a class-based one by its class."""
    real = getattr(page, "view_class", getattr(page, "func", page))
    return f"{real.__module__}.{real.__qualname__}"


def without_a_right(found: Iterable[URLPattern | URLResolver]) -> set[str]:
    """Pages that name no right."""
    pages = (pattern.callback for pattern in patterns(found))
    return {
        name_of(page)
        for page in pages
        if not isinstance(getattr(page, "right", None), Right) and not _is_api(page)
    }


def _is_api(page: Callable[..., Any]) -> bool:
    return name_of(page).startswith(API)


def test_every_page_names_the_right_it_needs() -> None:
    assert without_a_right(get_resolver().url_patterns) == set(OPEN_PAGES)


def test_a_page_without_a_right_is_caught() -> None:
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @needs(Right.TIERS_VIEW)
    def guarded(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    found = without_a_right([path("a/", bare), path("b/", guarded)])
    assert found == {f"{__name__}.test_a_page_without_a_right_is_caught.<locals>.bare"}


def operations(found: NinjaAPI) -> Iterator[tuple[Operation, object]]:
    """Every operation of an API with the way it asks who is there: its own, its router's or the API's."""
    for _, router in found._routers:
        for view in router.path_operations.values():
            for one in view.operations:
                asks = (one.auth_param, router.auth, found.auth)
                yield one, next((way for way in asks if way is not NOT_SET), None)


def without_token_or_right(found: NinjaAPI) -> set[str]:
    """Operations that ask for no token or name no right."""
    return {
        name_of(one.view_func)
        for one, auth in operations(found)
        if not auth or not isinstance(getattr(one.view_func, "right", None), Right)
    }


def test_every_operation_asks_for_a_token_and_names_a_right() -> None:
    assert list(operations(api))
    assert without_token_or_right(api) == set(OPEN_OPERATIONS)


def test_an_open_operation_is_caught() -> None:
    careless = NinjaAPI(urls_namespace="careless", auth=TokenAuth())

    @careless.get("/a")
    def bare(request: HttpRequest) -> None: ...

    @careless.get("/b", auth=None)
    @needs_by_token(Right.TIERS_VIEW)
    def unsigned(request: HttpRequest) -> None: ...

    @careless.get("/c")
    @needs_by_token(Right.TIERS_VIEW)
    def guarded(request: HttpRequest) -> None: ...

    assert {name.rpartition(".")[2] for name in without_token_or_right(careless)} == {"bare", "unsigned"}


@pytest.mark.parametrize("reason", OPEN_PAGES.values())
def test_exceptions_have_reasons(reason: str) -> None:
    assert len(reason) > 20
