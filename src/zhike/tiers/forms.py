"""What people fill in about tiers, tags and segments."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.kernel import clock
from zhike.tiers import queries
from zhike.tiers.actions.tagging import LONGEST
from zhike.tiers.models import Segment

USUAL_DAYS = 90


class MoveForm(forms.Form):
    """Where to place one customer by hand, why, and until when."""

    tier = forms.ChoiceField(label=_("Tier"))
    because = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Colleagues read it under “why this tier?”."),
    )
    held_until = forms.DateField(
        label=_("Hold until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Runs leave the customer alone up to this day; then the rules decide again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(tier.key, str(tier.name)) for tier in queries.tiers()]
        self.fields["tier"].choices = choices  # type: ignore[attr-defined]
        self.fields["held_until"].initial = _usual_end


class TagForm(forms.Form):
    """The name of a tag."""

    name = forms.CharField(label=_("Tag"), max_length=LONGEST)


class JoinForm(forms.Form):
    """Which segment to put customers into."""

    segment = forms.ChoiceField(label=_("Segment"))

    def __init__(self, *args: Any, found: list[Segment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = {str(one.key): one for one in found}
        choices = [(key, str(one.title)) for key, one in self.found.items()]
        self.fields["segment"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> Segment:
        """The segment that was chosen."""
        return self.found[self.cleaned_data["segment"]]


def _usual_end() -> date:
    return clock.today() + timedelta(days=USUAL_DAYS)
