"""Questions about what customers say in their own words; whoever asks sees the feedback of customers within their scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Func, QuerySet
from django.db.models.functions import TruncMonth

from zhike.engine.opinions import words
from zhike.engine.opinions.words import Topic
from zhike.insight.models import Opinion
from zhike.kernel import bulk

JUDGEABLE = "f.content <> ''"
WAITING = f"""FROM activity_feedback f LEFT JOIN insight_opinion o ON o.feedback_id = f.id
    WHERE {JUDGEABLE} AND (o.feedback_id IS NULL OR o.said <> hashtext(f.content))"""


@dataclass(slots=True)
class Split:
    """Feedback by sentiment."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(words.SENTIMENTS, 0))

    @property
    def every(self) -> int:
        """All pieces with words."""
        return sum(self.counts.values())

    @property
    def judged(self) -> int:
        """Those that were judged."""
        return self.every - self.counts["unjudged"]

    def share(self, key: str) -> float:
        """The share of a sentiment among those judged."""
        return self.counts[key] / self.judged if self.judged else 0.0


def waiting() -> bool:
    """Whether there is feedback with words that were not judged yet."""
    return bool(bulk.rows(f"SELECT 1 {WAITING} LIMIT 1"))


def topics() -> dict[str, Topic]:
    """The topics: the shipped ones with those of the company's own file, topics.toml in its home."""
    return words.topics(settings.CONFIG.home / "topics.toml")


def opinions(customers: QuerySet[Any], *, channel: str = "", since: date | None = None) -> QuerySet[Opinion]:
    """The opinions of some customers, through a channel, from a day on."""
    found = Opinion.objects.filter(feedback__customer__in=customers.order_by().values("pk"))
    if channel:
        found = found.filter(feedback__channel=channel)
    return found.filter(feedback__at__date__gte=since) if since else found


def by_month(found: QuerySet[Opinion]) -> dict[str, Split]:
    """Splits per month (YYYY-MM) in order."""
    months = found.annotate(month=TruncMonth("feedback__at")).values_list("month", "sentiment")
    counted = months.annotate(number=Count("pk")).order_by("month")
    return _splits((f"{month:%Y-%m}", sentiment, number) for month, sentiment, number in counted)


def by_topic(found: QuerySet[Opinion]) -> dict[str, Split]:
    """Splits per topic; a piece of feedback may be about several."""
    listed = found.annotate(topic=Func(F("topics"), function="unnest")).values_list("topic", "sentiment")
    return _splits(listed.annotate(number=Count("pk")).order_by("topic"))


def opinions_on(feedback: Iterable[int]) -> Mapping[int, Opinion]:
    """The opinions of some pieces of feedback, for callers that have checked the scope."""
    return Opinion.objects.in_bulk(list(feedback))


def _splits(rows: Iterable[Any]) -> dict[str, Split]:
    found: dict[str, Split] = {}
    for key, sentiment, number in rows:
        found.setdefault(key, Split()).counts[sentiment] = number
    return found
