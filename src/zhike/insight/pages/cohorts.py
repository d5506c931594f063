"""Cohorts: do customers come back, and what has a customer of each month brought in so far?"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from zhike.core import charts
from zhike.core.charts import Chart
from zhike.engine.cohorts import Cohort
from zhike.insight import queries
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.whom import Whom, whom
from zhike.insight.queries import CohortTable
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right

SHOWN = 18  # months that fit a screen
AFTER = (1, 3, 6, 12)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One cohort in numbers; `back` pairs each of AFTER months, in words, with the retention (None: not reached yet)."""

    month: str
    customers: int
    url: str
    spend: Decimal
    value: Decimal
    back: list[tuple[str, Decimal | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortsPage(Page):
    """Retention as a heat map, value as lines, both as a table; `begins` is the first month of orders where it is shown."""

    template: ClassVar[str] = "insight/cohorts.html"
    tabs: list[Tab]
    whom: Whom
    rows: list[CohortRow]
    after: list[str]
    older: int
    running: bool
    begins: str
    retention: Chart | None
    value: Chart | None


@needs(Right.INSIGHT_VIEW)
@require_GET
def cohorts(request: StaffRequest) -> HttpResponse:
    """The latest cohorts of the customers the user may see, or of those left by filters."""
    asked = whom(request)
    found = queries.cohort_table(asked.ids)
    shown = found.cohorts[-SHOWN:] if found else ()
    page = CohortsPage(
        title=_("Cohorts"),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        whom=asked,
        rows=[_row(found, one, asked) for one in shown] if found else [],
        after=_after(),
        older=len(found.cohorts) - len(shown) if found else 0,
        running=bool(found and found.running),
        begins=_month(shown[0]) if found and len(shown) == len(found.cohorts) and shown else "",
        retention=_retention(shown) if shown else None,
        value=_value(shown) if shown else None,
    )
    return show(request, page)


def _row(found: CohortTable, cohort: Cohort, asked: Whom) -> CohortRow:
    kept = cohort.retention
    return CohortRow(
        month=_month(cohort),
        customers=cohort.customers,
        url=asked.listed(reverse("customers:list"), metric=found.band(cohort)),
        spend=sum(cohort.spend, Decimal(0)),
        value=cohort.value[-1],
        back=[(words, _at(kept, number)) for words, number in zip(_after(), AFTER, strict=True)],
    )


def _after() -> list[str]:
    words = [ngettext("After %(number)s month", "After %(number)s months", number) for number in AFTER]
    return [one % {"number": number} for one, number in zip(words, AFTER, strict=True)]


def _month(cohort: Cohort) -> str:
    return f"{cohort.month:%Y-%m}"


def _ages(shown: Sequence[Cohort]) -> range:
    return range(len(shown[0].active))


def _retention(shown: Sequence[Cohort]) -> Chart:
    """Month 0 is left out: it is 100 % by definition and would pale all others."""
    ages = _ages(shown)[1:]
    values = [[_at(one.retention, age) for age in ages] for one in shown]
    return charts.matrix(
        [_month(one) for one in shown],
        [str(age) for age in ages],
        values,
        first=_("First purchase"),
        unit="share",
    )


def _value(shown: Sequence[Cohort]) -> Chart:
    ages = _ages(shown)
    colors = reversed(charts.shades(len(shown)))  # the oldest is the darkest, as in the heat map
    series = [
        charts.Series(name=_month(one), values=[_at(one.value, age) for age in ages], color=color)
        for one, color in zip(shown, colors, strict=True)
    ]
    return charts.line([str(age) for age in ages], series, first=_("Months since"), unit="money_short")


def _at(values: Sequence[Decimal], age: int) -> Decimal | None:
    return values[age] if age < len(values) else None
