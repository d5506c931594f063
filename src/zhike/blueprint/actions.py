"""Changing the blueprint: adopt a shipped one, save a draft, publish it, put it away."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from zhike.blueprint import queries
from zhike.blueprint.facts import BlueprintRefusal, Outpaced
from zhike.blueprint.models import Blueprint, BlueprintVersion, State
from zhike.core.blueprints import BlueprintSpec, compare, read
from zhike.core.text import Text
from zhike.kernel import audit, clock, jobs
from zhike.kernel.models import User

REPUBLISHED = "loop.republished"


@transaction.atomic
def adopt_shipped(key: str = "retail", *, by: User | None) -> BlueprintVersion:
    """Put a blueprint that comes with the product in force; when one of that name already is, nothing changes."""
    if key not in queries.SHIPPED:
        raise BlueprintRefusal(
            Text(f"没有名为“{key}”的自带模板。", f"There is no shipped blueprint “{key}”."),
            Text(f"可选:{'、'.join(queries.SHIPPED)}。", f"Choose one of: {', '.join(queries.SHIPPED)}."),
        )
    in_force = queries.all_versions().filter(state=State.PUBLISHED, blueprint__key=key).first()
    if in_force is not None:
        return in_force
    spec = read(queries.shipped_yaml(key), metrics=queries.METRICS)
    version = _next(spec, queries.shipped_yaml(key), by=by, note="")
    audit.record("blueprint.adopted", version, by=by, changes={"blueprint": key})
    return publish(version, by=by)


@transaction.atomic
def save_draft(
    yaml: str, *, by: User | None, revision: int | None = None, note: str = ""
) -> BlueprintVersion:
    """Check a text and keep it as the draft of the blueprint it names; raises `BadBlueprint` with every problem.

    With `revision` (the one the editor started from) a draft that somebody else saved since is not overwritten.
    """
    spec = read(yaml, metrics=queries.METRICS)
    _one_writer()
    held = BlueprintVersion.objects.filter(blueprint__key=spec.key, state=State.DRAFT).first()
    if held is None:
        version = _next(spec, yaml, by=by, note=note)
        audit.record("blueprint.draft_begun", version, by=by)
        return version
    if revision is not None and revision != held.revision:
        raise Outpaced(held.edited_by.name if held.edited_by else "")
    if held.yaml == yaml and held.note == (note or held.note):
        return held
    held.yaml, held.note, held.edited_by, held.revision = yaml, note or held.note, by, held.revision + 1
    held.save(update_fields=["yaml", "note", "edited_by", "revision", "updated_at"])
    audit.record("blueprint.draft_saved", held, by=by, changes={"revision": held.revision})
    return held


@transaction.atomic
def publish(version: BlueprintVersion, *, by: User | None) -> BlueprintVersion:
    """Put a draft in force from today; the version before it retires, and the loop looks at all customers again."""
    _one_writer()
    held = BlueprintVersion.objects.select_for_update().get(pk=version.pk)
    if held.state != State.DRAFT:
        raise BlueprintRefusal(
            Text("只有草稿可以发布。", "Only a draft can be published."),
            Text("请先从这个版本开始一份新草稿。", "Begin a new draft from this version first."),
        )
    spec = queries.spec_of(held)
    before = queries.all_versions().filter(state=State.PUBLISHED).first()
    changes = compare(queries.spec_of(before), spec) if before else ()
    BlueprintVersion.objects.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    held.state, held.published_by = State.PUBLISHED, by
    held.published_at, held.effective_from = clock.now(), clock.today()
    held.save(update_fields=["state", "published_by", "published_at", "effective_from", "updated_at"])
    Blueprint.objects.filter(pk=held.blueprint_id).update(label=spec.name.as_json())
    said = [change.what.as_json() for change in changes[:50]]
    audit.record(
        "blueprint.published", held, by=by, note=held.note, changes={"number": held.number, "changes": said}
    )
    if before is not None:
        title = Text("按新模板重新分层", "Place customers by the new blueprint")
        jobs.defer(REPUBLISHED, by=by, title=title)
    return held


@transaction.atomic
def retire(version: BlueprintVersion, *, by: User | None) -> BlueprintVersion:
    """Put a draft away without publishing it; what is in force retires only by publishing another."""
    held = BlueprintVersion.objects.select_for_update().get(pk=version.pk)
    if held.state != State.DRAFT:
        raise BlueprintRefusal(
            Text("只有草稿可以作废。", "Only a draft can be put away."),
            Text(
                "要替换生效的模板,请发布一个新版本。",
                "To replace the blueprint in force, publish a new version.",
            ),
        )
    held.state = State.RETIRED
    held.save(update_fields=["state", "updated_at"])
    audit.record("blueprint.retired", held, by=by)
    return held


def _one_writer() -> None:
    """Wait for whoever is changing blueprints."""
    list(Blueprint.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _next(spec: BlueprintSpec, yaml: str, *, by: User | None, note: str) -> BlueprintVersion:
    blueprint, _ = Blueprint.objects.get_or_create(key=spec.key, defaults={"label": spec.name.as_json()})
    last = BlueprintVersion.objects.filter(blueprint=blueprint).aggregate(last=Max("number"))["last"] or 0
    return BlueprintVersion.objects.create(
        blueprint=blueprint, number=last + 1, yaml=yaml, note=note, edited_by=by
    )
