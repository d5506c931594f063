"""How many customers a change of the blueprint's fields would touch."""

from collections.abc import Iterator
from typing import Any

from zhike.core.blueprints import BlueprintSpec
from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.customers import queries
from zhike.kernel.facts import Impact
from zhike.kernel.models import User


def touched(old: BlueprintSpec | None, new: BlueprintSpec, user: User) -> list[Impact]:
    """For each field removed or changed, the asker's customers that have a value in it; for a required one, those without."""
    if old is None:
        return []
    customers = queries.visible_to(user)
    found: list[Impact] = []
    for key, before in old.fields.items():
        after = new.fields.get(key)
        if key == "code" or after == before:
            continue
        found += _impacts(customers, before, after)
    for key, after in new.fields.items():
        if key not in old.fields and after.required:
            found += _missing(customers, after)
    return found


def _impacts(customers: Any, before: FieldSpec, after: FieldSpec | None) -> Iterator[Impact]:
    having = _having(customers, before.key).count()
    label = before.label
    if after is None:
        yield Impact(
            title=Text(f"位客户的“{label.zh}”不再显示", f"customers lose sight of “{label.en}”"),
            count=having,
            detail=(Text("已有的值仍保留。", "Values already kept stay where they are."),),
        )
        return
    if (after.type, after.choices, after.minimum, after.maximum, after.pattern, after.past) != (
        before.type, before.choices, before.minimum, before.maximum, before.pattern, before.past,
    ):  # fmt: skip
        yield Impact(
            title=Text(f"位客户有“{label.zh}”的值", f"customers have a value in “{label.en}”"),
            count=having,
            detail=(
                Text(
                    "新的规则从下次修改或导入起生效。", "The new rule counts from the next edit or import on."
                ),
            ),
        )
    if after.required and not before.required:
        yield from _missing(customers, after)


def _missing(customers: Any, spec: FieldSpec) -> Iterator[Impact]:
    missing = customers.count() - _having(customers, spec.key).count()
    yield Impact(
        title=Text(f"位客户缺少必填的“{spec.label.zh}”", f"customers lack the required “{spec.label.en}”"),
        count=missing,
        detail=(Text("下次修改时需要补上。", "It must be filled in at the next edit."),),
    )


def _having(customers: Any, key: str) -> Any:
    if key == "name":
        return customers.exclude(name="")
    return customers.filter(values__has_key=key) | customers.filter(digests__has_key=key)
