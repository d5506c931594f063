"""The pages of the insight stage, grouped by the question they answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.insight.pages.tabs import Tab

register = template.Library()
ROOMS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Assets"), ("ledger", "migration", "value", "churn")),
    (_("Structure"), ("rfm", "distributions", "cross", "portrait")),
    (_("Over time"), ("trends", "cohorts")),
    (_("Preferences"), ("recommendations", "opinions")),
    (_("Metrics"), ("metrics",)),
)


@dataclass(frozen=True, slots=True)
class Room:
    """Pages that answer one question; `active` when the page shown is among them."""

    label: Promise
    tabs: list[Tab]
    active: bool


@register.simple_tag
def rooms(tabs: Iterable[Tab], active: str) -> list[Room]:
    """The rooms that have pages, in order; a page of no room stands in the last."""
    known = {tab.key: tab for tab in tabs}
    placed = {key for _label, keys in ROOMS for key in keys}
    homeless = tuple(key for key in known if key not in placed)
    found = []
    for label, keys in ROOMS:
        own = [known[key] for key in (*keys, *(homeless if label is ROOMS[-1][0] else ())) if key in known]
        if own:
            found.append(Room(label, own, any(tab.key == active for tab in own)))
    return found
