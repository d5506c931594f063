"""Shapes of what people send when they work on tasks; what it means is decided in actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.execution.actions import Done
from zhike.execution.models import ExecutionRecord
from zhike.kernel.models import User


class Day(forms.DateField):
    """A day, chosen from the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class DoneForm(forms.Form):
    """What was done: the action is proposed; the outcome takes one thumb, what the customer said two words."""

    action = forms.CharField(
        label=_("What was done"),
        max_length=500,
        error_messages={"required": _("Say what was done, in a few words.")},
    )
    result = forms.ChoiceField(
        label=_("Outcome"),
        choices=ExecutionRecord.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the outcome: success, or to follow up.")},
    )
    feedback = forms.CharField(
        label=_("What the customer said"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Two words are enough; “not reached” is an answer too."),
        error_messages={"required": _("Say what the customer answered; if nobody was reached, write that.")},
    )
    on = Day(label=_("Done on"))
    next_step = forms.CharField(
        label=_("Next step"),
        max_length=300,
        required=False,
        help_text=_("Becomes a task on the day you name; needed when it is to follow up."),
    )
    next_on = Day(label=_("Next step by"), required=False)
    churn_reason = forms.ChoiceField(
        label=_("Why the customer stays away"),
        required=False,
        help_text=_("What the customer says; leave it empty if nobody could be asked."),
    )

    def __init__(self, *args: Any, reasons: Mapping[str, Text], **kwargs: Any) -> None:
        """Without reasons to choose from, none is asked."""
        super().__init__(*args, **kwargs)
        asked = self.fields["churn_reason"]
        assert isinstance(asked, forms.ChoiceField)
        asked.choices = [("", _("not known")), *((key, str(label)) for key, label in reasons.items())]
        if not reasons:
            del self.fields["churn_reason"]

    def clean(self) -> dict[str, Any]:
        """To follow up means to do something on a day."""
        given = super().clean() or {}
        if given.get("result") == ExecutionRecord.Result.FOLLOW_UP:
            said = {
                "next_step": _("To follow up: say what is to be done next."),
                "next_on": _("To follow up: name the day of the next step."),
            }
            for name, message in said.items():
                if name not in self.errors and not given.get(name):
                    self.add_error(name, message)
        return given

    def done(self) -> Done:
        """The cleaned answer as the action takes it."""
        return Done(**self.cleaned_data)


class PostponeForm(forms.Form):
    """A later day and why."""

    to = Day(label=_("New day"))
    reason = forms.CharField(label=_("Reason"), max_length=500)


class CancelForm(forms.Form):
    """Why a task will not be done."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class AssignForm(forms.Form):
    """Who is to do it."""

    to = forms.ChoiceField(label=_("Assign to"), required=False)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.key): one for one in people}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("Nobody: the department's queue")),
            *((key, one.name) for key, one in self.people.items()),
        ]

    def person(self) -> User | None:
        """The chosen person, or nobody."""
        return self.people.get(self.cleaned_data["to"])


class TaskForm(AssignForm):
    """A task written by hand."""

    title = forms.CharField(label=_("What is to be done"), max_length=300)
    due_on = Day(label=_("Due on"))
    note = forms.CharField(
        label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = ("title", "due_on", "to", "note")


class SegmentTaskForm(forms.Form):
    """What is to be done for every customer of a segment."""

    title = forms.CharField(label=_("What is to be done"), max_length=300)
    due_on = Day(label=_("Due on"))
    note = forms.CharField(
        label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class RecordFilterForm(forms.Form):
    """The days and the result a list of records is narrowed to."""

    result = forms.ChoiceField(required=False, choices=[("", ""), *ExecutionRecord.Result.choices])
    since = Day(required=False)
    until = Day(required=False)

    def day(self, name: str) -> date | None:
        """A day that was given and makes sense, else none."""
        return self.cleaned_data.get(name) if self.is_valid() or hasattr(self, "cleaned_data") else None
