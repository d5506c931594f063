"""What the API offers, read from its own OpenAPI description."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from zhike.desk.api_words import GROUP_NAMES, SAID
from zhike.desk.mount import api
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program can ask for."""

    method: str
    path: str
    description: str
    parameters: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDocs(Page):
    """All operations by stage."""

    template: ClassVar[str] = "desk/api_docs.html"
    groups: list[tuple[str, list[Operation]]]
    root: str


@needs(Right.DESK_VIEW)
@require_GET
def api_docs(request: StaffRequest) -> HttpResponse:
    """List what programs can do; the machine-readable form is one link away."""
    root = request.build_absolute_uri("/api/v1/")
    return show(request, ApiDocs(title=_("API"), pretitle=_("Settings"), groups=_groups(), root=root))


@require_safe
def usual_address(request: HttpRequest) -> HttpResponse:
    """Where most programs keep the description of their API: ours stands among the settings."""
    return redirect("desk:api_docs")


def _groups() -> list[tuple[str, list[Operation]]]:
    grouped: dict[str, list[Operation]] = {}
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    for path, methods in paths.items():
        for method, told in methods.items():
            group = (told.get("tags") or [path.strip("/").split("/")[2]])[0]
            grouped.setdefault(group, []).append(_operation(method, path, told))
    return [(str(GROUP_NAMES.get(group, group)), operations) for group, operations in grouped.items()]


def _operation(method: str, path: str, told: dict[str, Any]) -> Operation:
    said = told.get("description", "")
    parameters = [one["name"] for one in told.get("parameters", []) if one["in"] == "query"]
    return Operation(method.upper(), path, str(SAID.get(said, said)), parameters)
