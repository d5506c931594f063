"""Filters of the customer list by the blueprint's fields: what may be chosen, what it leaves, and how a value is said."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.core import industries, regions
from zhike.core.fields import FieldSpec
from zhike.core.text import language
from zhike.kernel import slots

NONE = "none"
FILTERED = frozenset({"choice", "multi_choice", "boolean", "region", "industry"})
LAST = 100  # in the order of filters: after those of the stages


def by_field(spec: FieldSpec) -> slots.CustomerFilter:
    """The filter by one field."""

    def apply(found: QuerySet[Any], value: str) -> QuerySet[Any]:
        return found.filter(_field_is(spec, value))

    return slots.CustomerFilter(
        key=spec.key,
        label=str(spec.label),
        order=LAST,
        choices=lambda: [*_choices(spec), (NONE, _("Not stated"))],
        apply=apply,
        words=lambda value: _said(spec, value),
    )


def _choices(spec: FieldSpec) -> list[tuple[str, str]]:
    match spec.type:
        case "boolean":
            return [("true", spec.show(True)), ("false", spec.show(False))]
        case "region":
            return [(one.code, regions.name_of(one, language())) for one in regions.children_of()]
        case "industry":
            return [(one.code, one.name) for one in industries.INDUSTRIES.values() if one.level == 1]
        case _:
            return [(one.value, str(one.label)) for one in spec.choices]


def _said(spec: FieldSpec, value: str) -> str:
    """A city or a division, which are not among the choices; "" for what is no value of the field."""
    if spec.type == "region" and value in regions.REGIONS:
        return regions.show_region(value, language())
    return (
        industries.show_industry(value) if spec.type == "industry" and value in industries.INDUSTRIES else ""
    )


def _field_is(spec: FieldSpec, value: str) -> Q:
    """The condition that a field has a value; a region or industry includes what lies within it."""
    at = f"values__{spec.key}"
    if value == NONE:
        return Q(**{f"{at}__isnull": True})
    match spec.type:
        case "boolean":
            return Q(**{at: value == "true"}) if value in {"true", "false"} else Q(pk=None)
        case "multi_choice":
            return Q(**{f"{at}__contains": [value]})
        case "region":
            return Q(**{f"{at}__startswith": _stem(value)})
        case "industry":
            return Q(**{f"{at}__startswith": value})
        case _:
            return Q(**{at: value})


def _stem(region: str) -> str:
    """A region's code without the pairs that stand for "all of it": 320000 → 32, 320500 → 3205."""
    while region.endswith("00") and len(region) > 2:
        region = region[:-2]
    return region
