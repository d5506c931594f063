"""Seeing a blueprint: the one in force, any version, the list of versions, and choosing the first one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.blueprint import actions, queries
from zhike.blueprint.facts import BlueprintRefusal, NoBlueprint, Shipped, VersionRow
from zhike.blueprint.models import BlueprintVersion, State
from zhike.blueprint.reading import (
    KpiCard,
    StrategyCard,
    TagRow,
    TierCard,
    kpi_cards,
    strategy_cards,
    tag_rows,
    tier_cards,
)
from zhike.core.blueprints import BlueprintSpec
from zhike.core.text import Text
from zhike.kernel import clock
from zhike.kernel import queries as kernel
from zhike.kernel.models import Job
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right

REVIEW_DAYS = 92
PARTS = ("fields", "tiers", "strategies", "kpis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab of the blueprint."""

    key: str
    label: str
    url: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Page):
    """No blueprint yet: choose a shipped one."""

    template: ClassVar[str] = "blueprint/choose.html"
    shipped: list[Shipped]
    may_adopt: bool
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintPage(Page):
    """A version, part by part."""

    template: ClassVar[str] = "blueprint/show.html"
    version: BlueprintVersion
    spec: BlueprintSpec
    part: str
    tabs: list[Tab]
    draft: BlueprintVersion | None
    in_force: BlueprintVersion | None
    may_edit: bool
    may_publish: bool
    revision: int
    review_after: int
    placing: Job | None
    silence: int
    rfm_money: Text
    tiers: list[TierCard]
    tags: list[TagRow]
    strategies: list[StrategyCard]
    kpis: list[KpiCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions(Page):
    """The list of versions."""

    template: ClassVar[str] = "blueprint/versions.html"
    rows: list[VersionRow]
    may_edit: bool
    may_publish: bool


@needs(Right.BLUEPRINT_VIEW)
@require_GET
def current(request: StaffRequest) -> HttpResponse:
    """The blueprint in force, or the choice of the first one."""
    try:
        return _version(request, queries.current_version())
    except NoBlueprint:
        return shipped(request)


@needs(Right.BLUEPRINT_VIEW)
@require_GET
def version(request: StaffRequest, key: UUID) -> HttpResponse:
    """Any version."""
    return _version(request, queries.version_for(key))


def _version(request: StaffRequest, found: BlueprintVersion) -> HttpResponse:
    spec, draft = queries.spec_of(found), queries.draft()
    part = request.GET.get("part", "")
    editable = found.is_draft or (found.is_in_force and draft is None)
    labels = queries.labels_of(spec)
    page = BlueprintPage(
        title=str(spec.name),
        pretitle=_pretitle(found),
        version=found,
        spec=spec,
        part=part if part in PARTS else PARTS[0],
        tabs=_tabs(request.path, spec),
        draft=draft,
        in_force=queries.all_versions().filter(state=State.PUBLISHED).first(),
        may_edit=editable and may(request.user, Right.BLUEPRINT_EDIT),
        may_publish=may(request.user, Right.BLUEPRINT_PUBLISH),
        review_after=_days_unreviewed(found) if draft is None else 0,
        revision=found.revision if found.is_draft else 0,
        placing=_placing(request, found),
        silence=spec.forecast.silence(spec.kind),
        rfm_money=queries.METRICS[spec.rfm.monetary_metric].label,
        tiers=tier_cards(spec, labels),
        tags=tag_rows(spec, labels),
        strategies=strategy_cards(spec),
        kpis=kpi_cards(spec, labels),
    )
    return show(request, page)


def _placing(request: StaffRequest, found: BlueprintVersion) -> Job | None:
    """The job that places all customers by this version, for those who may see it."""
    if not found.is_in_force or not may(request.user, Right.JOBS_VIEW):
        return None
    return (
        kernel.jobs(request.user).filter(name=actions.REPUBLISHED, created_at__gte=found.published_at).first()
    )


def _days_unreviewed(found: BlueprintVersion) -> int:
    """For how long a version in force has stood without a look, once that is longer than a quarter."""
    if not found.is_in_force or found.effective_from is None:
        return 0
    days = (clock.today() - found.effective_from).days
    return days if days > REVIEW_DAYS else 0


def _pretitle(found: BlueprintVersion) -> str:
    state = str(State(found.state).label)
    if found.effective_from is None:
        return _("Blueprint · version {number} · {state}").format(number=found.number, state=state)
    return _("Blueprint · version {number} · {state} since {day}").format(
        number=found.number, state=state, day=f"{found.effective_from:%Y-%m-%d}"
    )


def _tabs(path: str, spec: BlueprintSpec) -> list[Tab]:
    counts = (len(spec.fields), len(spec.tiers), len(spec.strategies), len(spec.kpis))
    labels = (_("Fields"), _("Thresholds and tiers"), _("Strategies"), _("Effect figures"))
    return [
        Tab(key=key, label=label, url=f"{path}?part={key}", count=count)
        for key, label, count in zip(PARTS, labels, counts, strict=True)
    ]


@needs(Right.BLUEPRINT_VIEW)
@require_GET
def versions(request: StaffRequest) -> HttpResponse:
    """All versions, newest first."""
    page = Versions(
        title=_("Versions"),
        pretitle=_("Blueprint"),
        rows=queries.versions(),
        may_edit=may(request.user, Right.BLUEPRINT_EDIT),
        may_publish=may(request.user, Right.BLUEPRINT_PUBLISH),
    )
    return show(request, page)


@needs(Right.BLUEPRINT_VIEW)
@require_GET
def shipped(request: StaffRequest) -> HttpResponse:
    """The blueprints that come with the product."""
    page = Choose(
        title=_("Choose a blueprint"),
        pretitle=_("Blueprint"),
        shipped=queries.shipped(),
        may_adopt=may(request.user, Right.BLUEPRINT_PUBLISH),
        first=queries.current_or_none() is None,
    )
    return show(request, page)


@needs(Right.BLUEPRINT_PUBLISH)
@require_POST
def adopt(request: StaffRequest) -> HttpResponse:
    """Put a shipped blueprint in force."""
    try:
        actions.adopt_shipped(request.POST.get("key", ""), by=request.user)
    except BlueprintRefusal as refusal:
        return saved(request, reverse("blueprint:shipped"), toast=str(refusal))
    return saved(request, reverse("blueprint:show"), toast=_("The blueprint is in force."))


@needs(Right.BLUEPRINT_VIEW)
@require_GET
def download(request: StaffRequest, key: UUID) -> HttpResponse:
    """A version as a YAML file."""
    found = queries.version_for(key)
    name = f"{found.blueprint.key}-v{found.number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(found.yaml, content_type="application/yaml; charset=utf-8", headers=headers)
