"""Shape of an exception to the standard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.core.blueprints import Every
from zhike.core.text import Text
from zhike.kernel.models import User
from zhike.strategies.models import StrategyException


class ExceptionForm(forms.Form):
    """What is done otherwise for one customer, why, and until when."""

    kind = forms.ChoiceField(
        label=_("What is different"), choices=StrategyException.Kind.choices, initial="skip"
    )
    measure_key = forms.ChoiceField(label=_("Measure"), required=False)
    owner = forms.ChoiceField(label=_("Other owner"), required=False)
    every = forms.ChoiceField(label=_("Other cycle"), required=False)
    note = forms.CharField(label=_("Extra note"), max_length=500, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500)
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until somebody ends it."),
    )

    def __init__(
        self, *args: Any, measures: list[tuple[str, Text]], people: list[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.key): one for one in people}
        every = [(one.value, str(one.label)) for one in Every if one is not Every.ONCE]
        self._offer("measure_key", [("", _("All measures")), *((key, str(name)) for key, name in measures)])
        self._offer("owner", [("", "—"), *((key, one.name) for key, one in self.people.items())])
        self._offer("every", [("", "—"), *every])

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Each kind of exception needs the part that says how."""
        said = super().clean() or {}
        needed = {"owner": "owner", "cycle": "every", "note": "note"}.get(said.get("kind", ""))
        if needed and not said.get(needed):
            self.add_error(needed, _("This kind of exception needs it."))
        return said

    def answer(self) -> dict[str, Any]:
        """The cleaned exception as the action takes it."""
        return {**self.cleaned_data, "owner": self.people.get(self.cleaned_data["owner"])}
