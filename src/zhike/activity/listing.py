"""What the address of a list of facts asks for, and how it narrows them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from zhike.customers import queries as customers
from zhike.kernel.models import User

Fact = TypeVar("Fact", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the address asks for; empty means no matter."""

    q: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, given: QueryDict) -> "Wanted":
        """Read an address; a day that is none is passed over."""
        return cls(
            q=str(given.get("q", "")).strip()[:100],
            channel=str(given.get("channel", ""))[:60],
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
        )

    @property
    def query(self) -> str:
        """The address again, for the export."""
        parts: dict[str, Any] = {
            "q": self.q,
            "channel": self.channel,
            "since": self.since,
            "until": self.until,
        }
        return urlencode({key: value for key, value in parts.items() if value})

    def narrow(self, facts: QuerySet[Fact], user: User, *, at: str, also: Q | None = None) -> QuerySet[Fact]:
        """Narrow facts whose moment is the column `at`; `also` is another way to meet the words."""
        if self.q:
            whose = Q(customer__in=customers.matching(customers.visible_to(user), self.q, user).values("pk"))
            facts = facts.filter(whose | also if also is not None else whose)
        if self.channel:
            facts = facts.filter(channel=self.channel)
        if self.since:
            facts = facts.filter(**{f"{at}__gte": _midnight(self.since)})
        if self.until:
            facts = facts.filter(**{f"{at}__lt": _midnight(self.until + timedelta(days=1))})
        return facts


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
