"""Where numbers lead, and what the pages of the tiers stage share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.insight import queries as insight
from zhike.kernel.models import User


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
        Tab("segments", _("Segments"), reverse("tiers:segments")),
        Tab("moves", _("Moves"), reverse("tiers:moves")),
        Tab("tags", _("Tags"), reverse("tiers:tags")),
    ]


def customers(**narrowed: str) -> str:
    """The list of customers, narrowed."""
    return f"{reverse('customers:list')}?{urlencode(narrowed)}"


def segment_of(rule: Mapping[str, Any], name: str, note: str) -> str:
    """The builder with a rule to begin from; nothing is kept before it is saved."""
    asked = {"rule": json.dumps(rule, ensure_ascii=False), "name": name[:80], "note": note[:500]}
    return f"{reverse('tiers:segment_new')}?{urlencode(asked)}"


def as_of(user: User) -> str:
    """The pre-title: how recent the tiers are, and whose customers they are about."""
    run = insight.latest("tiers")
    day = _("as of %(day)s") % {"day": figures.day(run.as_of)} if run else _("not computed yet")
    return day if insight.sees_all(user) else f"{day} · {_('customers within your scope')}"
