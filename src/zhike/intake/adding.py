"""A column nobody knows becomes a field of the blueprint: text, personal until somebody decides otherwise."""

from collections.abc import Sequence

from zhike.blueprint import actions as blueprint_actions
from zhike.blueprint import queries as blueprints
from zhike.core.blueprints import write
from zhike.core.blueprints.editing import key_from, put_field
from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake.facts import IntakeRefusal
from zhike.intake.models import Source
from zhike.kernel.models import User
from zhike.kernel.rights import Right

NEW = "+new"


def add_fields(names: Sequence[str], *, source: Source, by: User | None) -> dict[str, str]:
    """Publish a blueprint with a field per column name; returns column name → field key."""
    if by is not None and not by.has(Right.BLUEPRINT_PUBLISH):
        raise IntakeRefusal(
            reason=Text(
                zh="添加字段需要发布模板的权限。",
                en="Adding fields needs the right to publish the blueprint.",
            ),
            remedy=Text(
                zh="请不导入这些列,或请有权限的同事来导入。",
                en="Leave these columns out, or ask a colleague with that right.",
            ),
        )
    if blueprints.draft() is not None:
        raise IntakeRefusal(
            reason=Text(zh="模板有一份未发布的草稿。", en="The blueprint has a draft that is not published."),
            remedy=Text(
                zh="请先发布或作废草稿,再添加字段。", en="Publish the draft or put it away, then add fields."
            ),
        )
    spec = blueprints.current()
    keys: dict[str, str] = {}
    for name in names:
        keys[name] = key_from(name, {*spec.fields, *keys.values()}, fallback="column")
        spec = put_field(spec, _field(keys[name], name, spec.modules[0].key, source))
    note = f"+ {', '.join(names)}"[:200]
    version = blueprint_actions.save_draft(write(spec), by=by, note=note)
    blueprint_actions.publish(version, by=by)
    return keys


def _field(key: str, name: str, module: str, source: Source) -> FieldSpec:
    return FieldSpec(
        key=key,
        type="text",
        label=Text.same(name[:60]),
        sensitivity=Sensitivity.PERSONAL,
        module=module,
        purpose=Text(zh=f"随“{source.name}”导入", en=f"Came with imports from “{source.name}”"),
    )
