"""Long questions about some customers: asked by whoever opens the page, answered by a job, kept while they are about the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import transaction

from zhike.core.text import Text
from zhike.insight.models import Answer
from zhike.kernel import clock, jobs
from zhike.kernel.models import Job, User

KEPT = 300  # answers, the latest; each is some kilobytes
PORTRAIT, FORETELL = "portrait", "foretell"
KINDS = (PORTRAIT, FORETELL)
EVERYBODY = "everybody"  # asked by no page: the daily loop answers it


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of a kind; `about` holds, as JSON, everything that its answer depends on."""

    kind: str
    about: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """The same for the same question, and for no other."""
        said = json.dumps(self.about, sort_keys=True, ensure_ascii=False, default=str)
        return sha256(f"{self.kind} {said}".encode()).hexdigest()


def answer(question: Question) -> Any:
    """What a question came to; None while nobody has answered it."""
    return (
        Answer.objects.filter(kind=question.kind, mark=question.mark).values_list("told", flat=True).first()
    )


def last_job(kind: str, mark: str) -> Job | None:
    """The latest job about a question."""
    return Job.objects.filter(name=f"insight.{kind}", arguments__mark=mark).order_by("-pk").first()


def ask(question: Question, *, by: User, title: Text) -> Job:
    """Let a job answer a question, unless one that does is under way."""
    under_way = last_job(question.kind, question.mark)
    if under_way is not None and not under_way.ended:
        return under_way
    return jobs.defer(
        f"insight.{question.kind}", by=by, title=title, mark=question.mark, about=question.about
    )


def keep(kind: str, mark: str, told: Any) -> None:
    """Keep an answer, and let go of the oldest."""
    with transaction.atomic():
        Answer.objects.update_or_create(kind=kind, mark=mark, defaults={"told": told, "at": clock.now()})
        latest = Answer.objects.order_by("-at", "-pk").values("pk")[:KEPT]
        Answer.objects.exclude(pk__in=list(latest.values_list("pk", flat=True))).delete()
