"""Forms by which staff note what happened."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.activity.models import Direction, Product


class InteractionForm(forms.Form):
    """An interaction: the channel is the button that is pressed, everything else may stay empty."""

    channel = forms.CharField(label=_("Channel"), max_length=60)
    purpose = forms.CharField(label=_("Purpose of contact"), max_length=100, required=False)
    content = forms.CharField(label=_("What was said"), max_length=5000, required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices, required=False)

    def clean_direction(self) -> str:
        """Unless said otherwise we were the ones who called."""
        return self.cleaned_data["direction"] or Direction.OUT.value


class WithholdForm(forms.Form):
    """Whether a product may be recommended, and if not, why."""

    withheld = forms.ChoiceField(
        label=_("Recommended"),
        choices=[("", _("Yes, recommend it")), *Product.Withheld.choices],
        required=False,
    )


class FeedbackForm(forms.Form):
    """What a customer thought: a rating, words, or both."""

    rating = forms.DecimalField(
        label=_("Rating"), min_value=0, max_value=10, decimal_places=2, required=False
    )
    content = forms.CharField(label=_("Words"), max_length=5000, required=False)
    channel = forms.CharField(label=_("Channel"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        """Nothing at all is no feedback."""
        given = super().clean() or {}
        if given.get("rating") is None and not given.get("content") and not self.errors:
            raise forms.ValidationError(_("Give a rating or some words."))
        return given
