"""Questions about blueprints: which one is in force, what it says, what a change would touch."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from zhike.blueprint.facts import Comparison, Missing, NoBlueprint, Shipped, VersionRow
from zhike.blueprint.known_metrics import METRICS as METRICS
from zhike.blueprint.models import Blueprint, BlueprintVersion, State
from zhike.core.blueprints import BlueprintSpec, compare, read
from zhike.core.rules import Labels
from zhike.kernel import slots
from zhike.kernel.models import User
from zhike.kernel.rights import Right

SHIPPED = ("retail", "companies")


def current_version() -> BlueprintVersion:
    """The version in force; raises `NoBlueprint` when there is none."""
    version = BlueprintVersion.objects.select_related("blueprint").filter(state=State.PUBLISHED).first()
    if version is None:
        raise NoBlueprint
    return version


def current() -> BlueprintSpec:
    """The blueprint in force; raises `NoBlueprint` when there is none."""
    spec = current_or_none()
    if spec is None:
        raise NoBlueprint
    return spec


def current_or_none() -> BlueprintSpec | None:
    """The blueprint in force, or None on a new installation."""
    key = BlueprintVersion.objects.filter(state=State.PUBLISHED).values_list("key", flat=True).first()
    return _published(key) if key else None


def missing(user: User) -> Missing | None:
    """What a page without a blueprint tells the user, or None when one is in force."""
    return None if current_or_none() else Missing(may_choose=user.has(Right.BLUEPRINT_PUBLISH))


@lru_cache(maxsize=8)
def _published(key: UUID) -> BlueprintSpec:
    """What a version that was published says; it never changes again, so its text is fetched once per process."""
    return spec_of(BlueprintVersion.objects.get(key=key))


def spec_of(version: BlueprintVersion) -> BlueprintSpec:
    """What a version says, read once per text."""
    return _spec(version.yaml)


@lru_cache(maxsize=32)
def _spec(yaml: str) -> BlueprintSpec:
    return read(yaml, metrics=METRICS, kept=True)


def labels_of(spec: BlueprintSpec) -> Labels:
    """The words for writing a blueprint's rules as sentences."""
    own = spec.labels
    return Labels(metrics=METRICS, fields=own.fields, tiers=own.tiers, tags=own.tags)


def versions(*, newest: int = 200) -> list[VersionRow]:
    """The versions, newest first."""
    rows = BlueprintVersion.objects.select_related("blueprint", "edited_by", "published_by")[:newest]
    return [_row(version) for version in rows]


def _row(version: BlueprintVersion) -> VersionRow:
    who = version.published_by or version.edited_by
    return VersionRow(
        key=version.key,
        name=version.blueprint.name,
        number=version.number,
        state=version.state,
        state_label=str(State(version.state).label),
        note=version.note,
        effective_from=version.effective_from,
        by=who.name if who else "",
        changed_at=version.published_at or version.updated_at,
    )


def all_versions() -> QuerySet[BlueprintVersion]:
    """All versions with their blueprint."""
    return BlueprintVersion.objects.select_related("blueprint")


def version_for(key: UUID) -> BlueprintVersion:
    """The version of a key; 404 when there is none."""
    found = all_versions().filter(key=key).first()
    if found is None:
        raise Http404
    return found


def draft() -> BlueprintVersion | None:
    """The newest draft, if anybody is writing one."""
    return all_versions().filter(state=State.DRAFT).order_by("-updated_at").first()


def editable_version() -> BlueprintVersion:
    """What an editor starts from: the draft, or the version in force; 404 when there is neither."""
    found = draft() or all_versions().filter(state=State.PUBLISHED).first()
    if found is None:
        raise Http404
    return found


def compared(
    old: BlueprintVersion | None, new: BlueprintVersion, *, by: User, with_impact: bool = True
) -> Comparison:
    """The difference between two versions in words, and what downstream says it would touch."""
    return compared_specs(spec_of(old) if old else None, spec_of(new), by=by, with_impact=with_impact)


def compared_specs(
    old: BlueprintSpec | None, new: BlueprintSpec, *, by: User, with_impact: bool = True
) -> Comparison:
    """The difference between two blueprints in words, and what downstream says it would touch."""
    changes = compare(old, new, labels=labels_of(new)) if old else ()
    asked = with_impact and (old is None or bool(changes))
    return Comparison(changes=changes, impacts=tuple(slots.impacts(old, new, by)) if asked else ())


@lru_cache(maxsize=4)
def shipped_yaml(key: str) -> str:
    """The text of a blueprint that comes with the product; KeyError for an unknown one."""
    if key not in SHIPPED:
        raise KeyError(key)
    return resources.files("zhike.blueprint.shipped").joinpath(f"{key}.yaml").read_text("utf-8")


def shipped() -> list[Shipped]:
    """The blueprints that come with the product."""
    found = []
    for key in SHIPPED:
        spec = _spec(shipped_yaml(key))
        found.append(
            Shipped(
                key=key,
                name=spec.name,
                kind=spec.kind.label,
                solves=spec.solves,
                fields=len(spec.fields),
                tiers=tuple(tier.label for tier in spec.tiers),
            )
        )
    return found


def blueprint_named(key: str) -> Blueprint | None:
    """The blueprint of a key."""
    return Blueprint.objects.filter(key=key).first()
