"""How a page is built: name the right it needs, ask, show a typed page or one named part of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from zhike.kernel.models import User
from zhike.kernel.rights import Right

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of a signed-in member of staff."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a template may show; every page is a subclass with its template and fields."""

    template: ClassVar[str]
    title: str
    pretitle: str = ""


class PageResponse(HttpResponse):
    """A response that remembers the page it shows, for tests."""

    page: Page


def needs(
    right: Right,
) -> Callable[
    [Callable[Concatenate[StaffRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Mark a page with the right it needs; without it the answer is 403. The mark is read by a guard."""

    def mark(
        page: Callable[Concatenate[StaffRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(page)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not (request.user.is_authenticated and request.user.has(right)):
                raise PermissionDenied(right.value)
            return page(cast(StaffRequest, request), *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return mark


def may(user: User, right: Right) -> bool:
    """Whether to offer a button; the same question its page asks."""
    return user.has(right)


def show(
    request: HttpRequest,
    page: Page,
    fragment: str | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> PageResponse:
    """Render the page, or only its part named `fragment` when a plain HTMX request asks.

    Boosted and history-restoring requests get the whole page; `Vary` keeps caches from mixing the two.
    """
    htmx = getattr(request, "htmx", None)
    part = bool(fragment and htmx and not htmx.boosted and not htmx.history_restore_request)
    name = f"{page.template}#{fragment}" if part else page.template
    context: dict[str, Any] = {field.name: getattr(page, field.name) for field in fields(page)}
    response = PageResponse(
        render_to_string(name, {**context, "page": page}, request), status=status, headers=headers
    )
    patch_vary_headers(response, ["HX-Request"])
    response.page = page
    return response


def saved(request: HttpRequest, to: str, *, toast: str = "") -> HttpResponse:
    """Answer a successful POST: go to `to`, where the toast is shown."""
    if toast:
        messages.success(request, toast)
    if getattr(request, "htmx", None):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to, status=303)


def trigger(response: HttpResponse, **events: object) -> HttpResponse:
    """Tell the page's scripts about events, for example `toast="Saved"`."""
    response.headers["HX-Trigger"] = json.dumps(events, ensure_ascii=True)
    return response
