"""How many of the asker's customers a rule would find, and some of them, while it is being written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from zhike.core.rules import Rule
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.engine.segments import cost, count_and_sample
from zhike.insight import queries as insight
from zhike.kernel import clock, lake
from zhike.kernel.models import User
from zhike.tiers.facts import TierName
from zhike.tiers.queries.standing import badges

QUICK, SLOW = 0.5, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer by the name the asker may see."""

    name: str
    code: str
    key: Any
    url: str
    tier: TierName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a rule finds among the asker's customers."""

    count: int
    seconds: float
    sample: list[Person]
    reads: Text

    @property
    def pace(self) -> Text:
        """How quick the rule is, in words."""
        if self.seconds < QUICK:
            return Text("很快", "quick")
        return Text("一般", "moderate") if self.seconds < SLOW else Text("较慢", "slow")


def count_live(user: User, rule: Rule) -> Count:
    """Count and sample within the user's scope, on what the lake holds now; refused when it takes too long."""
    with lake.session() as session:
        today = clock.today()
        found = count_and_sample(session, rule, today, scope=insight.counted(session, user))
        reads = cost(session, rule, today).text
    return Count(
        count=found.count,
        seconds=found.seconds,
        sample=people(user, found.sample),
        reads=_within_scope(user, reads),
    )


def _within_scope(user: User, reads: Text) -> Text:
    """How many rows there are in all is told only to those who see them all."""
    return reads if insight.sees_all(user) else Text("", "")


def people(user: User, ids: list[int] | tuple[int, ...]) -> list[Person]:
    """Those of some customers whom the user may see, in the order given."""
    seen = {one.pk: one for one in customers.visible_to(user).filter(pk__in=ids)}
    tiers = badges(seen)
    return [
        Person(
            name=customers.shown_name(user, seen[pk]),
            code=seen[pk].code,
            key=seen[pk].key,
            url=reverse("customers:customer", args=[seen[pk].key]),
            tier=tiers.get(pk),
        )
        for pk in ids
        if pk in seen
    ]
