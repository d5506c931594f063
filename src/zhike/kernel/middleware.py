"""What every request passes through."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from zhike.core import text

API = "/api/"


class SignInFirst(LoginRequiredMiddleware):
    """Closed by default: no page without signing in. The API asks for a token instead."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        """Send strangers to the sign-in page, programs on to their token check."""
        if request.path.startswith(API):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class SpeakTheUsersLanguage:
    """The user's own language wins over the browser's; core's bilingual texts follow Django's choice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the language for the length of the request."""
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language() or ""
        elif request.COOKIES.get("django_language") is None:
            # Without a stated wish the product speaks Chinese first, whatever the browser prefers.
            translation.activate("zh-hans")
        with text.speaking(translation.get_language() or "zh-hans"):
            return self.get_response(request)
