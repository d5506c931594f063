"""Pages for what cannot be shown: not found, not allowed, broken."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.blueprint.facts import Missing
from zhike.kernel.pages import Page, show


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not yours; both look alike."""
    return _refused(
        request, 404, "map-search", _("This page is not here"),
        _("It was moved or removed, or it belongs to somebody else. Search for it, or ask for access."),
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but without the right."""
    return _refused(
        request, 403, "lock", _("Your role does not include this"),
        _("An administrator can give you the right: Settings, Staff."),
    )  # fmt: skip


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose protection token has run out."""
    return _refused(
        request, 403, "clock-exclamation", _("This form has expired"),
        _("Go back, reload the page and send the form again. Nothing was changed."),
    )  # fmt: skip


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: nothing a browser sends by itself."""
    return _refused(
        request, 400, "help-hexagon", _("This request cannot be understood"),
        _("Go back and try again. Nothing was changed."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBlueprintPage(Page):
    """What stands in the place of a page that needs a blueprint."""

    template: ClassVar[str] = "desk/no_blueprint.html"
    missing: Missing


def no_blueprint(request: HttpRequest, missing: Missing) -> HttpResponse:
    """409: the page comes to life once somebody chooses a blueprint."""
    page = NoBlueprintPage(title=_("Choose a blueprint first"), missing=missing)
    return show(request, page, status=409)


def broken(request: HttpRequest) -> HttpResponse:
    """500: asks neither the database nor the session, which may be what broke."""
    return HttpResponse(render_to_string("desk/broken.html", {"lang": get_language()}), status=500)


def _refused(request: HttpRequest, status: int, icon: str, title: str, hint: str) -> HttpResponse:
    return render(request, "desk/refused.html", {"icon": icon, "title": title, "hint": hint}, status=status)
