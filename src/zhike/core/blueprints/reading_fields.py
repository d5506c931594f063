"""Reading the fields of a blueprint: type, sensitivity, limits, pattern and choices."""

from __future__ import annotations

import re
from dataclasses import replace

from zhike.core.blueprints.places import Place, built, check_unique
from zhike.core.fields import FIELD_TYPES, Choice, FieldSpec, Sensitivity
from zhike.core.text import Text


def field(place: Place, module: str) -> FieldSpec | None:
    """Read one field of a module; None where no field stands."""
    known = ("key", "type", "label", "sensitivity", "purpose", "help", "required", "unique", "choices")
    if not place.mapping(*known, "minimum", "maximum", "pattern", "past", "aliases"):
        return None
    kind = place.at("type").word(FIELD_TYPES)
    sensitivity = place.at("sensitivity").one_of(Sensitivity)
    purpose = place.at("purpose").text(required=bool(sensitivity and sensitivity.is_about_a_person))
    spec = FieldSpec(
        key=place.at("key").key(),
        type=kind or "text",
        label=place.at("label").text(required=True, longest=60),
        sensitivity=sensitivity or Sensitivity.PERSONAL,
        module=module,
        purpose=purpose,
        help=place.at("help").text(),
        required=place.at("required").boolean(),
        unique=place.at("unique").boolean(),
        choices=_choices(place.at("choices"), takes=bool(kind) and FIELD_TYPES[kind].takes_choices),
        minimum=place.at("minimum").decimal(),
        maximum=place.at("maximum").decimal(),
        past=place.at("past").boolean(),
        aliases=tuple(entry.string(longest=60) for entry in place.at("aliases").items()),
    )
    _check_limits(place, spec)
    return replace(spec, pattern=_pattern(place.at("pattern")))


def _check_limits(place: Place, spec: FieldSpec) -> None:
    if spec.past and not spec.kind.takes_past:
        place.at("past").wrong(
            Text("只有日期可以限定在过去。", "Only dates can be kept to the past."),
            Text("请去掉 past。", "Leave out past."),
        )
    if not spec.kind.takes_limits and (spec.minimum is not None or spec.maximum is not None):
        place.at("minimum").wrong(
            Text("这种类型没有最小值和最大值。", "This type has no minimum or maximum."),
            Text("请去掉。", "Leave them out."),
        )
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        place.at("maximum").wrong(
            Text("最大值小于最小值。", "The maximum is below the minimum."), Text("请对调。", "Swap them.")
        )


def _pattern(place: Place) -> str:
    pattern = place.string(longest=120)
    try:
        re.compile(pattern)
        risky = re.search(r"[+*}]\)?[+*{]", pattern) is not None or re.search(
            r"\([^)]*[+*|][^)]*\)[+*{]", pattern
        )
    except re.error:
        risky = True
    if risky:
        place.wrong(
            Text("格式(正则)无效或可能很慢。", "The pattern is invalid or may be slow."),
            Text("请简化,不要在重复里再重复。", "Make it simpler, with no repeat inside a repeat."),
        )
        return ""
    return pattern


def choices(place: Place) -> tuple[Choice, ...]:
    """A list of choices, at least one."""
    found = built(place.items(required=True), _choice)
    check_unique(place, (choice.value for choice in found), Text("选项", "choice"))
    return found


def _choices(place: Place, *, takes: bool) -> tuple[Choice, ...]:
    if not takes:
        if place.given:
            place.wrong(
                Text("这种类型没有选项。", "This type has no choices."), Text("请去掉。", "Leave them out.")
            )
        return ()
    return choices(place)


def _choice(place: Place) -> Choice | None:
    if not place.mapping("value", "label", "aliases"):
        return None
    return Choice(
        value=place.at("value").string(required=True, longest=60),
        label=place.at("label").text(required=True, longest=60),
        aliases=tuple(entry.string(longest=60) for entry in place.at("aliases").items()),
    )
