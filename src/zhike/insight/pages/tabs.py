"""What every page of the insight stage shows above its content: the three ways to look, and as of when."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.insight.models import Run


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at the customer base."""

    key: str
    label: str
    url: str


def tabs() -> list[Tab]:
    """The tabs in order."""
    return [
        Tab("rfm", _("RFM"), reverse("insight:rfm")),
        Tab("distributions", _("Distributions"), reverse("insight:distributions")),
        Tab("metrics", _("Metrics"), reverse("insight:metrics")),
    ]


def as_of(run: Run | None) -> str:
    """The pre-title that says how recent the figures are."""
    return _("as of %(day)s") % {"day": figures.day(run.as_of)} if run else _("not computed yet")
