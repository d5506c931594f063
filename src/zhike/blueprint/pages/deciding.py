"""Deciding: edit as YAML, compare two versions with what a change would touch, publish, put away, begin anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.blueprint import actions, queries
from zhike.blueprint.facts import BlueprintRefusal
from zhike.blueprint.models import BlueprintVersion, State
from zhike.blueprint.pages.sheet import open_sheet
from zhike.core.blueprints import BadBlueprint, Change, Problem
from zhike.core.errors import Refusal
from zhike.kernel.facts import Impact
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlPage(Page):
    """The whole blueprint as text."""

    template: ClassVar[str] = "blueprint/yaml.html"
    text: str
    revision: int
    problems: tuple[Problem, ...]
    refused: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Page):
    """What changed between two versions, and what that would touch."""

    template: ClassVar[str] = "blueprint/compare.html"
    old: BlueprintVersion | None
    new: BlueprintVersion
    changes: tuple[Change, ...]
    impacts: tuple[Impact, ...]
    with_impact: bool
    versions: list[BlueprintVersion]
    publishing: bool
    may_publish: bool
    back: str


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(["GET", "POST"])
def yaml(request: StaffRequest) -> HttpResponse:
    """Edit the whole blueprint as text; every problem is told with its line, and what was typed is kept."""
    sheet = open_sheet()
    text, revision = sheet.version.yaml, sheet.revision
    problems: tuple[Problem, ...] = ()
    refused = ""
    if request.method == "POST":
        text = request.POST.get("yaml", "").replace("\r\n", "\n")
        revision = (
            int(request.POST.get("revision") or 0) if request.POST.get("revision", "0").isdigit() else 0
        )
        try:
            draft = actions.save_draft(text, by=request.user, revision=revision)
        except BadBlueprint as bad:
            problems = bad.problems
        except Refusal as refusal:
            refused = str(refusal)
        else:
            return saved(
                request,
                _address(draft),
                toast=_("Saved in the draft; nothing changes until it is published."),
            )
    page = YamlPage(
        title=_("Edit as YAML"),
        pretitle=str(sheet.spec.name),
        text=text,
        revision=revision,
        problems=problems,
        refused=refused,
        back=_address(sheet.version),
    )
    return show(request, page, status=422 if request.method == "POST" else 200)


def _address(version: BlueprintVersion) -> str:
    return reverse("blueprint:version", args=[version.key])


@needs(Right.BLUEPRINT_VIEW)
@require_GET
def compare(request: StaffRequest) -> HttpResponse:
    """Two versions side by side: the one in force and the draft, unless others are chosen."""
    new = _chosen(request, "new") or queries.editable_version()
    old = _chosen(request, "old") or queries.all_versions().filter(state=State.PUBLISHED).first()
    return _compared(request, old, new, publishing=False)


def _chosen(request: StaffRequest, name: str) -> BlueprintVersion | None:
    try:
        return queries.version_for(UUID(request.GET.get(name, "")))
    except ValueError:
        return None


def _compared(
    request: StaffRequest, old: BlueprintVersion | None, new: BlueprintVersion, *, publishing: bool
) -> HttpResponse:
    with_impact = bool(request.htmx) or "impact" in request.GET
    found = queries.compared(old, new, by=request.user, with_impact=with_impact)
    page = Compare(
        title=_("Publish version {number}").format(number=new.number)
        if publishing
        else _("Compare versions"),
        pretitle=str(new.blueprint.name),
        old=old,
        new=new,
        changes=found.changes,
        impacts=found.impacts,
        with_impact=with_impact,
        versions=list(queries.all_versions()[:100]),
        publishing=publishing,
        may_publish=new.is_draft and may(request.user, Right.BLUEPRINT_PUBLISH),
        back=_address(new),
    )
    return show(request, page, fragment="impact")


@needs(Right.BLUEPRINT_PUBLISH)
@require_http_methods(["GET", "POST"])
def publish(request: StaffRequest, key: UUID) -> HttpResponse:
    """Look at what publishing would change, then do it."""
    version = queries.version_for(key)
    if request.method == "GET":
        in_force = queries.all_versions().filter(state=State.PUBLISHED).first()
        return _compared(request, in_force, version, publishing=True)
    try:
        actions.publish(version, by=request.user)
    except BlueprintRefusal as refusal:
        return saved(request, _address(version), toast=str(refusal))
    return saved(
        request,
        reverse("blueprint:show"),
        toast=_("Version {number} is in force.").format(number=version.number),
    )


@needs(Right.BLUEPRINT_EDIT)
@require_POST
def retire(request: StaffRequest, key: UUID) -> HttpResponse:
    """Put a draft away."""
    version = queries.version_for(key)
    try:
        actions.retire(version, by=request.user)
    except BlueprintRefusal as refusal:
        return saved(request, _address(version), toast=str(refusal))
    return saved(request, reverse("blueprint:versions"), toast=_("The draft was put away; its text is kept."))


@needs(Right.BLUEPRINT_EDIT)
@require_POST
def begin(request: StaffRequest, key: UUID) -> HttpResponse:
    """Begin a draft from an older version."""
    version = queries.version_for(key)
    try:
        draft = actions.save_draft(version.yaml, by=request.user, revision=0)
    except Refusal as refusal:
        return saved(request, _address(version), toast=str(refusal))
    return saved(
        request,
        _address(draft),
        toast=_("A draft was begun from version {number}.").format(number=version.number),
    )
