"""The timeline of the 360 page, a stretch at a time: the newest moments, and where the earlier ones begin."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from zhike.kernel import slots
from zhike.kernel.facts import Moment
from zhike.kernel.models import User

AT_ONCE = 20
EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some moments, newest first; `before` asks for the earlier ones and is empty when there are none."""

    moments: tuple[Moment, ...] = ()
    before: str = ""


def stretch(user: User, customer: Any, *, before: datetime = EVER) -> Stretch:
    """The newest moments before one; those of the same instant stay together, so that none falls between two stretches."""
    found = slots.moments(user, customer, before)
    if len(found) <= AT_ONCE:
        return Stretch(tuple(found))
    last = found[AT_ONCE - 1].at
    shown = tuple(moment for moment in found if moment.at >= last)
    return Stretch(shown, last.isoformat() if len(shown) < len(found) else "")


def asked_moment(word: str) -> datetime:
    """The moment an address names, or the end of time."""
    try:
        found = parse_datetime(word)
    except ValueError:
        return EVER
    return found if found and is_aware(found) else EVER
