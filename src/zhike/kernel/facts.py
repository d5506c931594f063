"""Small frozen things that stages hand to each other through kernel's slots."""

from dataclasses import dataclass
from datetime import datetime

from zhike.core.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened to a customer, for the timeline of the 360 page."""

    at: datetime
    icon: str
    color: str
    title: str
    detail: str = ""
    badge: str = ""
    href: str = ""
    aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A broken promise that `zhike doctor` reports: where, what, and what to do."""

    place: str
    what: Text
    remedy: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer of the global search."""

    title: str
    detail: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactLine:
    """One part of what would be touched: in words, a few by name with their pages, and the page with all of them."""

    text: Text
    examples: tuple[tuple[str, str], ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What publishing a blueprint would touch: a sentence, a count and a page that shows which."""

    title: Text
    count: int
    detail: tuple[Text, ...] = ()
    lines: tuple[ImpactLine, ...] = ()
    href: str = ""
