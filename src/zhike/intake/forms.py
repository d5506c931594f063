"""Forms of the intake pages; they check shape, the actions check meaning."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from zhike.intake import queries
from zhike.intake.models import UNKNOWN_COLUMN_CHOICES

NEW_SOURCE = ""


class UploadForm(forms.Form):
    """What is uploaded, of which kind, from where."""

    kind = forms.ChoiceField(label=_("What the file holds"))
    source = forms.ChoiceField(label=_("Source"), required=False)
    new_source = forms.CharField(
        label=_("Name of the new source"),
        max_length=80,
        required=False,
        help_text=_("For example: Tmall shop, POS of the shops, list of the sales team."),
    )
    file = forms.FileField(
        label=_("File"),
        error_messages={"empty": _("This file holds nothing. Choose another, or save it again first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(one.key, str(one.label)) for one in queries.kinds()]  # type: ignore[attr-defined]
        known = [(one.key, one.name) for one in queries.sources()]
        self.fields["source"].choices = [*known, (NEW_SOURCE, _("A new source"))]  # type: ignore[attr-defined]
        self.fields["file"].help_text = _("XLSX, XLS, CSV or TSV (also gzipped), at most {size} MB.").format(
            size=settings.CONFIG.max_upload_mb
        )
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.gz"

    def clean(self) -> dict[str, Any]:
        """A source is chosen or named."""
        given = super().clean() or {}
        if not given.get("source") and not (given.get("new_source") or "").strip():
            self.add_error("new_source", _("Choose a source above, or give the new one a name."))
        return given


class SourceForm(forms.Form):
    """A source's name, rank, and what becomes of unknown columns."""

    name = forms.CharField(label=_("Name of the source"), max_length=80)
    rank = forms.IntegerField(
        label=_("Rank"),
        min_value=0,
        max_value=100,
        help_text=_("0 to 100. Of two sources that disagree the one with the higher rank is believed."),
    )
    unknown_columns = forms.ChoiceField(
        label=_("Columns that match no field"),
        choices=UNKNOWN_COLUMN_CHOICES,
        widget=forms.RadioSelect,
    )
