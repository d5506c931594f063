"""What every page of the insight stage shows above its content: the ways to look, and as of when."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.insight import queries
from zhike.insight.models import Run
from zhike.kernel.models import User


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at the customer base."""

    key: str
    label: str
    url: str


def tabs() -> list[Tab]:
    """The tabs in order."""
    return [
        Tab("ledger", _("Balance sheet"), reverse("insight:ledger")),
        Tab("migration", _("Migration"), reverse("insight:migration")),
        Tab("rfm", _("RFM"), reverse("insight:rfm")),
        Tab("distributions", _("Distributions"), reverse("insight:distributions")),
        Tab("cohorts", _("Cohorts"), reverse("insight:cohorts")),
        Tab("portrait", _("Portrait"), reverse("insight:portrait")),
        Tab("trends", _("Trends"), reverse("insight:trends")),
        Tab("cross", _("Cross analysis"), reverse("insight:cross")),
        Tab("value", _("Value to come"), reverse("insight:value")),
        Tab("churn", _("Churn"), reverse("insight:churn")),
        Tab("opinions", _("Opinions"), reverse("insight:opinions")),
        Tab("recommendations", _("Recommendations"), reverse("insight:recommendations")),
        Tab("metrics", _("Metrics"), reverse("insight:metrics")),
    ]


def as_of(run: Run | None, user: User) -> str:
    """The pre-title: how recent the figures are, and whose customers they are about."""
    day = _("as of %(day)s") % {"day": figures.day(run.as_of)} if run else _("not computed yet")
    return day if queries.sees_all(user) else f"{day} · {_('customers within your scope')}"
