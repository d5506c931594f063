"""What the insight stage shows on the 360 page: the value to come beside the spend, and the risk of churn with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from zhike.customers import queries as customers
from zhike.engine.metrics import CATALOGUE
from zhike.engine.metrics.store import Standing
from zhike.insight import lists, queries
from zhike.insight.facts import GROUPS
from zhike.insight.models import Run
from zhike.kernel import slots
from zhike.kernel.models import User
from zhike.kernel.pages import may
from zhike.kernel.rights import Right


def value(request: HttpRequest, customer: Any) -> str:
    """The 12-month value with its interval; nothing for who has no forecast, so that the page shows the past year."""
    card = queries.forecast_of(customer.pk)
    return render_to_string("insight/value_figure.html", {"card": card}, request) if card else ""


def recommendations(request: HttpRequest, customer: Any) -> str:
    """What the customer is likely to buy again and what they may buy for the first time, each with its reason."""
    card = queries.recommended_to(customer.pk)
    assert isinstance(request.user, User)
    may_edit = may(request.user, Right.CUSTOMERS_EDIT)
    context = {"card": card, "customer": customer, "may_edit": may_edit}
    return render_to_string("insight/recommendations_tab.html", context, request)


ON_THE_DESK = 6
TONES = {"positive": "green", "negative": "red", "unclear": "secondary", "unjudged": "secondary"}


def opinions(feedback: list[int]) -> dict[int, list[slots.Mark]]:
    """Sentiment and topics beside each piece of feedback."""
    found, known = queries.opinions_on(feedback), queries.topics() if feedback else {}
    return {
        key: [
            slots.Mark(str(one.get_sentiment_display()), TONES[one.sentiment]),
            *(slots.Mark(str(known[topic].label)) for topic in one.topics if topic in known),
        ]
        for key, one in found.items()
    }


def large_orders(request: HttpRequest, _subject: object) -> str:
    """On the workbench: customers in the user's scope with a large order in sight; nothing when there are none."""
    assert isinstance(request.user, User)
    found = queries.large_orders(request.user)
    shown = list(found[:ON_THE_DESK])
    run = queries.latest(Run.Kind.LARGE)
    if not shown or run is None:
        return ""
    rows = [(one, customers.shown_name(request.user, one.customer), queries.signs(one)) for one in shown]
    trial = run.params["trial"] if queries.sees_all(request.user) else None  # it counts the whole base
    context = {"rows": rows, "number": found.count(), "run": run, "trial": trial}
    return render_to_string("insight/large_orders_card.html", context, request)


def churn(request: HttpRequest, customer: Any) -> str:
    """How likely the customer stays away within the horizon, and why."""
    card = queries.forecast_of(customer.pk)
    return render_to_string("insight/churn_card.html", {"card": card}, request) if card else ""


@dataclass(frozen=True, slots=True)
class Stood:
    """One metric of the customer: its value, and how many of the base lie lower."""

    label: str
    formula: str
    value: str
    url: str
    lower: int | None
    unknown: str


def metrics(request: HttpRequest, customer: Any) -> str:
    """Every metric of the customer under its heading, with the place in the base."""
    found = queries.standing(customer.pk)
    groups = [
        (
            label,
            [_stood(key, found[key]) for key in CATALOGUE if key in found and CATALOGUE[key].group is group],
        )
        for group, label in GROUPS.items()
    ]
    context = {"groups": groups if found else []}
    return render_to_string("insight/metrics_tab.html", context, request)


def _stood(key: str, one: Standing) -> Stood:
    own = CATALOGUE[key]
    return Stood(
        label=str(own.label),
        formula=str(own.formula),
        value=lists.figure_of(key, one.value),
        url=reverse("insight:metric", args=[key]),
        lower=None if one.lower is None else round(one.lower * 100),
        unknown=str(own.null_means),
    )
