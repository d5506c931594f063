"""Forms about customers; those with values are built from the blueprint's fields, and cleaned by them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from zhike.core.blueprints import BlueprintSpec
from zhike.core.errors import BadValue
from zhike.core.fields import FieldSpec, Sensitivity
from zhike.customers import showing
from zhike.customers.models import Customer
from zhike.customers.reconcile import JSON
from zhike.customers.stored import form_of
from zhike.kernel.models import User

EMPTY_IT = "-"


def kept_secret(spec: FieldSpec) -> bool:
    """Whether a form does not show the value it changes: it stands masked beside the empty field."""
    return spec.sealed or spec.sensitivity is Sensitivity.SENSITIVE


class CustomerForm(forms.Form):
    """A customer's values by the blueprint's modules; what may not be shown is kept unless something is typed."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        spec: BlueprintSpec,
        base: JSON | None = None,
        masks: Mapping[str, str] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self._spec = spec
        self._base = base
        self._specs = {key: one for key, one in spec.fields.items() if key != "code"}
        if base is None:
            self.fields["code"] = forms.CharField(
                label=_("Customer code"),
                required=False,
                max_length=64,
                help_text=_("Left empty, a code is made."),
            )
        for key, one in self._specs.items():
            self.fields[key] = _field(one, secret=(masks or {}).get(key, ""))
            if base is not None and not kept_secret(one):
                self.initial[key] = (initial or {}).get(key, typed(one, base.get(key)))

    @property
    def sections(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under the headings of the blueprint's modules."""
        for module in self._spec.modules:
            keys = [one.key for one in module.fields if one.key in self.fields]
            if keys:
                yield str(module.label), [self[key] for key in keys]

    def clean(self) -> dict[str, Any]:
        """Let each field of the blueprint clean what was typed; its refusals stand at the field."""
        given: dict[str, Any] = {}
        for key, spec in self._specs.items():
            if key in self.errors:
                continue
            try:
                given[key] = self._cleaned(spec, self.cleaned_data.get(key))
            except BadValue as refusal:
                self.add_error(key, f"{refusal.reason} {refusal.remedy}")
        return {**self.cleaned_data, **given}

    def given(self) -> dict[str, Any]:
        """What was typed that differs from what stood there; None empties a field."""
        found: dict[str, Any] = {}
        for key, spec in self._specs.items():
            value = self.cleaned_data.get(key)
            raw = self.data.get(self.add_prefix(key), "")
            if self._base is None or kept_secret(spec):
                if value is not None or (self._base is not None and raw.strip() == EMPTY_IT):
                    found[key] = value
            elif (form_of(spec.type)(value) if value is not None else None) != self._base.get(key):
                found[key] = value
        return found

    def _cleaned(self, spec: FieldSpec, raw: Any) -> Any:
        if self._base is not None and kept_secret(spec) and not raw:
            return None
        if spec.type == "multi_choice":
            return list(raw) or None
        return spec.clean(raw)


def typed(spec: FieldSpec, raw: Any) -> Any:
    """A kept value as somebody would type it."""
    if raw is None:
        return [] if spec.type == "multi_choice" else ""
    if spec.type in {"region", "industry"}:
        return _named(spec, raw)
    if spec.type == "boolean":
        return "true" if raw else "false"
    if spec.type == "datetime":
        return str(raw)[:16]
    return raw


def _named(spec: FieldSpec, code: str) -> str:
    """A region or industry by its name where the name leads back to the very same code, else by its code."""
    name = spec.show(code)
    try:
        return name if spec.clean(name) == code else code
    except BadValue:
        return code


def _field(spec: FieldSpec, *, secret: str) -> forms.Field:
    label, required = str(spec.label), spec.required and not secret
    help_text = str(spec.help or spec.purpose)
    if secret:
        help_text = _("Now {value}. Left empty it stays; “-” removes it.").format(value=secret)
    options: dict[str, Any] = {"label": label, "required": required, "help_text": help_text}
    choices = [(one.value, str(one.label)) for one in spec.choices]
    match spec.type:
        case "choice":
            return forms.ChoiceField(choices=[("", "—"), *choices], **options)
        case "multi_choice":
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **options)
        case "boolean":
            answers = [("", "—"), ("true", spec.show(True)), ("false", spec.show(False))]
            return forms.ChoiceField(choices=answers, **options)
        case "long_text":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **options)
        case "date":
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **options)
        case _:
            return forms.CharField(widget=forms.TextInput(attrs=_HINTS.get(spec.type, {})), **options)


_HINTS = {
    "phone": {"inputmode": "tel", "autocomplete": "off"},
    "email": {"inputmode": "email", "autocomplete": "off"},
    "money": {"inputmode": "decimal"},
    "number": {"inputmode": "decimal"},
    "integer": {"inputmode": "numeric"},
    "datetime": {"placeholder": "2024-03-05 14:30"},
    "url": {"inputmode": "url"},
}


def masks_of(customer: Customer, spec: BlueprintSpec) -> dict[str, str]:
    """The masked values of the fields that a form does not show."""
    secret = {key: one for key, one in spec.fields.items() if kept_secret(one)}
    points = showing.points_for([customer], secret.values())
    nobody = showing.Eye(names=False, reveal=False)
    shown = {key: showing.shown(one, customer, nobody, points).text for key, one in secret.items()}
    return {key: text for key, text in shown.items() if text}


class ViewForm(forms.Form):
    """A name for the list as it stands."""

    name = forms.CharField(label=lazy("Name of the view"), max_length=60)
    shared = forms.BooleanField(label=lazy("Everybody may use it"), required=False)


class ReasonForm(forms.Form):
    """Why somebody needs to see or erase something."""

    reason = forms.CharField(label=lazy("Reason"), min_length=4, max_length=500)


class AssignForm(forms.Form):
    """Who looks after the customers from now on."""

    manager = forms.ModelChoiceField(
        label=lazy("Manager"),
        queryset=User.objects.none(),
        to_field_name="key",
        required=False,
        empty_label=lazy("Nobody"),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, managers: Any) -> None:
        super().__init__(data)
        self.fields["manager"].queryset = managers  # type: ignore[attr-defined]
