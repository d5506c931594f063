"""Shapes of a note about a KPI and of a review's decision."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoteForm(forms.Form):
    """Why a KPI stood as it did, and what was changed."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    adjustment = forms.CharField(
        label=_("Adjustment made"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReviewForm(forms.Form):
    """Keep the strategy or change it, and why."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("keep", _("Keep")), ("change", pgettext_lazy("strategy", "Change"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
