"""A field of a blueprint: its type, words, limits, sensitivity and purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core.errors import BadValue
from zhike.core.fields import registry, values
from zhike.core.fields.sensitivity import Sensitivity
from zhike.core.fields.values import Json, Value
from zhike.core.text import Language, Text, language

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice field: the stored value, its words, other spellings found in files."""

    value: str
    label: Text
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """Everything the product needs to know of a field; built from the blueprint, never from code."""

    key: str
    type: str
    label: Text
    sensitivity: Sensitivity
    module: str = ""
    purpose: Text = NOTHING
    help: Text = NOTHING
    required: bool = False
    unique: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    pattern: str = ""
    past: bool = False
    aliases: tuple[str, ...] = ()
    _cleaner: Callable[[object], Value] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cleaner", self.kind.cleaner(self))

    @property
    def kind(self) -> registry.FieldType:
        """The field's type."""
        return registry.field_type(self.type)

    @property
    def sealed(self) -> bool:
        """Whether values are stored encrypted only."""
        return self.kind.sealed or (self.type in {"text", "long_text"} and self.sensitivity.is_about_a_person)

    @property
    def contact(self) -> bool:
        """Whether values are ways to reach the customer, kept as contact points."""
        return self.kind.contact

    def clean(self, raw: object) -> Value:
        """Read a raw value as this field's type within its limits; None when it says nothing; raises `BadValue`."""
        if values.is_empty(raw):
            if self.required:
                raise self._missing()
            return None
        value = self._cleaner(raw)
        if value is None and self.required:
            raise self._missing()
        return value

    def show(self, value: Value, lang: Language | None = None) -> str:
        """Write a value as people read it."""
        if value is None:
            return ""
        return self.kind.show(value, self, lang or language())

    def mask(self, value: Value) -> str:
        """Write a value for somebody who may not see it."""
        if value is None:
            return ""
        if self.sensitivity is Sensitivity.SENSITIVE and not self.kind.sealed:
            return "****"
        return self.kind.mask(value, self)

    def to_json(self, value: Value) -> Json:
        """Give the form a JSON column keeps."""
        return values.to_json(value)

    def from_json(self, raw: Json) -> Value:
        """Read what `to_json` wrote."""
        return values.from_json(raw, self.type)

    def names(self) -> tuple[str, ...]:
        """List every name a column for this field may bear, lower case."""
        words = (self.key, self.label.zh, self.label.en, *self.aliases)
        return tuple(dict.fromkeys(word.strip().lower() for word in words if word.strip()))

    def matches(self, text: str) -> bool:
        """Tell whether a text has the shape the field's pattern asks for."""
        return not self.pattern or re.fullmatch(self.pattern, text) is not None

    def _missing(self) -> BadValue:
        return BadValue(
            Text(f"{self.label.zh}不能为空。", f"{self.label.en} is required."),
            Text("请填写。", "Fill it in."),
            place=self.label,
        )
