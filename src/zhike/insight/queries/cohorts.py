"""Customers by the month of their first purchase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir

from zhike.engine.cohorts import Cohort, cohorts, complete, months_after
from zhike.engine.lake import Session
from zhike.insight.dimensions import spelled
from zhike.insight.queries import everybody
from zhike.insight.queries.scores import latest
from zhike.kernel import lake


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortTable:
    """Cohorts up to a day, oldest first; `running` when the month of that day is not over."""

    as_of: date
    cohorts: tuple[Cohort, ...]
    running: bool

    def band(self, cohort: Cohort) -> str:
        """The filter of the customer list for a cohort: a first purchase so many days before the run."""
        soonest = (self.as_of - months_after(cohort.month, 1)).days + 1
        longest = (self.as_of - cohort.month).days + 1
        return spelled("first_purchase_on", max(soonest, 0), longest)


def cohort_table(ids: Callable[[Session], ir.Table | None]) -> CohortTable | None:
    """The cohorts of the customers whose ids are given (None: of all), as of the latest run; None before the first."""
    run = latest()
    if run is None:
        return None
    with lake.session() as session:
        only = ids(session)
        everyone = only is None
        found = (
            everybody.cohorts_of_all(session, run.as_of) if everyone else cohorts(session, run.as_of, only)
        )
    return CohortTable(as_of=run.as_of, cohorts=found, running=not complete(run.as_of))
