"""The asker's customers by the month of their first purchase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from zhike.engine.cohorts import Cohort, cohorts, complete, months_after
from zhike.insight.dimensions import spelled
from zhike.insight.queries.scores import counted, latest
from zhike.kernel import lake
from zhike.kernel.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortTable:
    """Cohorts up to a day, oldest first; `running` when the month of that day is not over."""

    as_of: date
    cohorts: tuple[Cohort, ...]
    running: bool

    def url(self, cohort: Cohort) -> str:
        """The list of a cohort's customers: a first purchase so many days before the run."""
        soonest = (self.as_of - months_after(cohort.month, 1)).days + 1
        longest = (self.as_of - cohort.month).days + 1
        band = spelled("first_purchase_on", max(soonest, 0), longest)
        return f"{reverse('customers:list')}?{urlencode({'metric': band})}"


def cohort_table(user: User) -> CohortTable | None:
    """The cohorts of the customers the user may see, as of the latest run; None before the first."""
    run = latest()
    if run is None:
        return None
    with lake.session() as session:
        found = cohorts(session, run.as_of, counted(session, user))
    return CohortTable(as_of=run.as_of, cohorts=found, running=not complete(run.as_of))
