"""Typed fields: one declaration cleans, shows, masks and stores a value in forms, imports, lists, API and exports."""

from zhike.core.errors import BadValue
from zhike.core.fields.registry import FIELD_TYPES, FieldType, field_type
from zhike.core.fields.sensitivity import Sensitivity
from zhike.core.fields.specs import Choice, FieldSpec
from zhike.core.fields.values import Value, from_json, is_empty, to_json

__all__ = [
    "FIELD_TYPES",
    "BadValue",
    "Choice",
    "FieldSpec",
    "FieldType",
    "Sensitivity",
    "Value",
    "field_type",
    "from_json",
    "is_empty",
    "to_json",
]
