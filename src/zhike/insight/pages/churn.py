"""Churn: who is likely to stay away within the horizon, what that would cost, and how well the past was foretold."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import charts
from zhike.core.charts import Chart
from zhike.core.text import Text
from zhike.engine.churn.words import ALL
from zhike.insight import forecast_words, queries
from zhike.insight.models import Forecast, Run
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.value import ANY, TOP, PartRow, TopRow, listed, part_of, top_row
from zhike.insight.queries import Part
from zhike.kernel import slots
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True)
class Quality:
    """One method in the trial: does it put customers in order (AUC), and how far off are its probabilities (Brier)?"""

    method: str
    auc: float | None
    brier: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnPage(Page):
    """Levels, reasons, the most valuable at risk, and the trial."""

    template: ClassVar[str] = "insight/churn.html"
    tabs: list[Tab]
    run: Run | None
    days: int
    whole: Part
    whole_url: str
    untold: int
    untold_url: str
    levels: list[PartRow]
    warned: Part
    warned_url: str
    reasons: Chart
    top: list[TopRow]
    words: list[Text]
    trial: dict[str, Any] | None
    qualities: list[Quality]
    calibration: Chart | None
    may_run: bool
    more: list[str]


@needs(Right.INSIGHT_VIEW)
@require_GET
def churn(request: StaffRequest) -> HttpResponse:
    """Churn among the customers the user may see."""
    user = request.user
    run = queries.latest(Run.Kind.CHURN)
    levels = queries.by_level(user)
    whole = queries.together(levels.values())
    trial = run.params.get("trial") if run else None
    page = ChurnPage(
        title=_("Churn"),
        pretitle=as_of(run, user),
        tabs=tabs(),
        run=run,
        days=run.params["horizon_days"] if run else 0,
        whole=whole,
        whole_url=listed(forecast=ANY),
        untold=queries.customers_seen(user) - whole.customers,
        untold_url=listed(risk="untold"),
        levels=_levels(levels, whole),
        warned=queries.together(part for key, part in levels.items() if key != "none"),
        warned_url=listed(risk="warned"),
        reasons=_reasons(user),
        top=[top_row(user, one) for one in queries.at_risk(user, TOP)],
        words=forecast_words.churn(run.method, run.params) if run else [],
        trial=trial,
        qualities=_qualities(trial) if trial else [],
        calibration=_calibration(trial["bands"]) if trial else None,
        may_run=may(user, Right.INSIGHT_RUN),
        more=[mark_safe(one.render(request, None)) for one in slots.panels("insight.churn", user)],  # noqa: S308 — templates
    )
    return show(request, page)


def _levels(found: dict[str, Part], whole: Part) -> list[PartRow]:
    return [
        PartRow(
            label=str(Forecast.Level(key).label),
            key=key,
            part=part,
            share=part_of(Decimal(part.customers), Decimal(whole.customers)),
            url=listed(risk=key),
        )
        for key, part in reversed(found.items())
    ]


def _reasons(user: User) -> Chart:
    items = [
        charts.Item(label=ALL[key].label, value=number, color="risk", url=listed(churn_reason=key))
        for key, number in queries.by_reason(user)
        if key in ALL
    ]
    return charts.bar(items, columns=(_("Reason"), _("Customers")), across=True)


def _qualities(trial: dict[str, Any]) -> list[Quality]:
    named = ((_("This model"), "model"), (_("Recency alone"), "recency_rule"), (_("BG/NBD alone"), "bg_nbd"))
    return [Quality(words, trial[key]["auc"], trial[key]["brier"]) for words, key in named]


def _calibration(bands: list[dict[str, Any]]) -> Chart:
    """Ten equal groups of customers by probability: foretold and real share that bought nothing."""
    labels = [f"{one['lowest']:.0%}–{one['highest']:.0%}" for one in bands]
    series = [
        charts.Series(name=_("Expected"), values=[one["expected"] for one in bands], color="core"),
        charts.Series(name=_("Actual"), values=[one["actual"] for one in bands], color="ordinary"),
    ]
    return charts.bars(labels, series, first=_("Probability"), unit="share")
