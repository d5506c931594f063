"""Where numbers lead, and what the pages of the tiers stage share."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.insight import queries as insight


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of the stage."""

    key: str
    label: str
    url: str


def tabs() -> list[Tab]:
    """The pages of the stage, in order."""
    return [
        Tab("board", _("Tiers"), reverse("tiers:board")),
        Tab("moves", _("Moves"), reverse("tiers:moves")),
        Tab("tags", _("Tags"), reverse("tiers:tags")),
    ]


def customers(**narrowed: str) -> str:
    """The list of customers, narrowed."""
    return f"{reverse('customers:list')}?{urlencode(narrowed)}"


def as_of() -> str:
    """The pre-title that says how recent the tiers are."""
    run = insight.latest("tiers")
    return _("as of %(day)s") % {"day": figures.day(run.as_of)} if run else _("not computed yet")
