"""The form of one field."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.core.blueprints import BlueprintSpec
from zhike.core.blueprints.editing import key_from
from zhike.core.fields import FIELD_TYPES, Choice, FieldSpec, Sensitivity
from zhike.core.text import Text

CHOICE_HELP = _(
    "One per line: value | Chinese | English | other spellings. Value and English may be left out."
)


class FieldForm(forms.Form):
    """Label, type, limits, sensitivity and purpose of a field."""

    label_zh = forms.CharField(label=_("Label in Chinese"), max_length=60)
    label_en = forms.CharField(label=_("Label in English"), max_length=60, required=False)
    key = forms.RegexField(
        r"[a-z][a-z0-9_]{0,39}",
        label=_("Identifier"),
        required=False,
        help_text=_("For files and the API; made from the label when empty, fixed afterwards."),
    )
    type = forms.ChoiceField(label=_("Type"))
    module = forms.ChoiceField(label=_("Module"))
    sensitivity = forms.ChoiceField(
        label=_("Sensitivity"),
        help_text=_("Personal and sensitive values are masked; contact data is also sealed."),
    )
    purpose_zh = forms.CharField(label=_("Purpose in Chinese"), max_length=200, required=False)
    purpose_en = forms.CharField(label=_("Purpose in English"), max_length=200, required=False)
    required = forms.BooleanField(label=_("Required"), required=False)
    unique = forms.BooleanField(label=_("No two customers share a value"), required=False)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=CHOICE_HELP,
    )
    minimum = forms.DecimalField(
        label=_("Minimum"), required=False, help_text=_("Smallest number, or shortest text.")
    )
    maximum = forms.DecimalField(
        label=_("Maximum"), required=False, help_text=_("Largest number, or longest text.")
    )
    pattern = forms.CharField(
        label=_("Pattern"), max_length=120, required=False, help_text=_("A regular expression for texts.")
    )
    past = forms.BooleanField(
        label=_("Not after today"), required=False, help_text=_("For dates such as a birth date.")
    )
    aliases = forms.CharField(
        label=_("Other column names"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Names this column bears in files, separated by commas."),
    )
    help_zh = forms.CharField(label=_("Hint in Chinese"), max_length=200, required=False)
    help_en = forms.CharField(label=_("Hint in English"), max_length=200, required=False)

    def __init__(self, *args: Any, spec: BlueprintSpec, field: FieldSpec | None, **kwargs: Any) -> None:
        self.spec, self.field = spec, field
        kwargs.setdefault("initial", {})
        kwargs["initial"] = (initial(field) if field else {"sensitivity": "internal"}) | kwargs["initial"]
        super().__init__(*args, **kwargs)
        self._offer("type", [(one.name, str(one.label)) for one in FIELD_TYPES.values()])
        self._offer("module", [(one.key, str(one.label)) for one in spec.modules])
        self._offer("sensitivity", [(one.value, str(one.label)) for one in Sensitivity])
        if field is not None:
            self.fields["key"].disabled = True
            self.fields["key"].initial = field.key

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in the groups they are shown in."""
        groups = [
            (_("What it is"), ["label_zh", "label_en", "type", "module", "key"]),
            (_("Protection"), ["sensitivity", "purpose_zh", "purpose_en"]),
            (_("Validation"), ["required", "unique", "choices", "minimum", "maximum", "pattern", "past"]),
            (_("Recognising and hints"), ["aliases", "help_zh", "help_en"]),
        ]
        return [(label, [self[name] for name in names]) for label, names in groups]

    def clean_key(self) -> str:
        """A new field's key must be free."""
        key = str(self.cleaned_data.get("key") or "")
        if self.field is None and key in self.spec.fields:
            raise forms.ValidationError(_("Another field has this key."))
        return key

    def clean(self) -> dict[str, Any]:
        """Choices where the type takes them, a purpose where the law asks for one."""
        given = super().clean() or {}
        kind = FIELD_TYPES.get(given.get("type", ""))
        if kind and kind.takes_choices and not given.get("choices"):
            self.add_error("choices", _("This type needs its choices."))
        if given.get("sensitivity") in {"personal", "sensitive"} and not given.get("purpose_zh"):
            self.add_error("purpose_zh", _("Say what personal values are kept for."))
        return given

    def answer(self) -> FieldSpec:
        """The field that was described."""
        given = self.cleaned_data
        label = words(given, "label")
        kind = FIELD_TYPES[given["type"]]
        return FieldSpec(
            key=self.field.key
            if self.field
            else given["key"] or key_from(given["label_en"] or label.zh, set(self.spec.fields)),
            type=kind.name,
            label=label,
            module=given["module"],
            sensitivity=Sensitivity(given["sensitivity"]),
            purpose=words(given, "purpose"),
            help=words(given, "help"),
            required=given["required"],
            unique=given["unique"],
            choices=_choices(given["choices"]) if kind.takes_choices else (),
            minimum=given["minimum"] if kind.takes_limits else None,
            maximum=given["maximum"] if kind.takes_limits else None,
            pattern=given["pattern"],
            past=given["past"] and kind.takes_past,
            aliases=_listed(given["aliases"]),
        )


def words(given: dict[str, Any], name: str) -> Text:
    """The two halves of a text; one stands for both when the other is empty."""
    zh, en = given[f"{name}_zh"], given[f"{name}_en"]
    return Text(zh or en, en or zh)


def halves(name: str, text: Text) -> dict[str, str]:
    """A text as the initial values of its two inputs."""
    return {f"{name}_zh": text.zh, f"{name}_en": text.en if text.en != text.zh else ""}


def initial(field: FieldSpec) -> dict[str, Any]:
    """A field as the form shows it."""
    return {
        **halves("label", field.label),
        **halves("purpose", field.purpose),
        **halves("help", field.help),
        "key": field.key,
        "type": field.type,
        "module": field.module,
        "sensitivity": field.sensitivity.value,
        "required": field.required,
        "unique": field.unique,
        "choices": "\n".join(_line(one) for one in field.choices),
        "minimum": plain_decimal(field.minimum),
        "maximum": plain_decimal(field.maximum),
        "pattern": field.pattern,
        "past": field.past,
        "aliases": ", ".join(field.aliases),
    }


def plain_decimal(number: Decimal | None) -> str:
    """A number as people type it."""
    return "" if number is None else f"{number.normalize():f}"


def _line(choice: Choice) -> str:
    parts = [choice.value, choice.label.zh, choice.label.en, ", ".join(choice.aliases)]
    return " | ".join(parts if choice.aliases else parts[:3])


def _choices(text: str) -> tuple[Choice, ...]:
    found: list[Choice] = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if not any(parts):
            continue
        zh = parts[1] if len(parts) > 1 else parts[0]
        en = parts[2] if len(parts) > 2 and parts[2] else zh
        value = parts[0] if len(parts) > 1 and parts[0] else key_from(en, {one.value for one in found})
        found.append(
            Choice(value=value, label=Text(zh, en), aliases=_listed(parts[3] if len(parts) > 3 else ""))
        )
    return tuple(found)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,，、\n]+", text) if part.strip()))
