"""Statements in words: what slices are called, how models are spoken of, and how the interval is to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.blueprint import queries as blueprints
from zhike.core import figures
from zhike.core.regions import show_region
from zhike.core.text import language
from zhike.engine.ledger.movements import MOVEMENTS, Movement
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.forecast_words import terms_of
from zhike.insight.models import Run, Statement
from zhike.kernel.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a slice is called, and the colour of its tier or class."""

    key: str
    label: str
    tint: str = ""


def dimensions() -> dict[str, str]:
    """By what a statement can be split, in words."""
    return {
        "tier": _("Tier"),
        "region": _("Region"),
        "manager": _("Account manager"),
        "channel": _("Channel"),
        "rfm": _("RFM class"),
    }


def picks() -> dict[str, str]:
    """The usual periods in words."""
    return {
        "month": _("This month"),
        "quarter": _("This quarter"),
        "year": _("This year"),
        "last_month": _("Last month"),
        "last_quarter": _("Last quarter"),
    }


def names(dimension: str, keys: Iterable[str]) -> dict[str, Name]:
    """The slices of a dimension by key, tiers and classes in their own order, others by name, nameless last."""
    listed = list(dict.fromkeys(keys))
    known = _KNOWN[dimension](listed)
    found = {key: known[key] for key in known if key in listed}
    rest = [key for key in listed if key and key not in found]
    found |= {key: Name(key=key, label=key) for key in sorted(rest)}
    return found | ({"": Name(key="", label=_nameless(dimension))} if "" in listed else {})


def tier_keys() -> list[str]:
    """The tiers of the blueprint in force."""
    return list(_tiers([]))


def _tiers(keys: list[str]) -> dict[str, Name]:
    spec = blueprints.current_or_none()
    listed = sorted(spec.tiers, key=lambda tier: tier.order) if spec else []
    return {one.key: Name(key=one.key, label=str(one.label), tint=f"tier-{one.color}") for one in listed}


def _regions(keys: list[str]) -> dict[str, Name]:
    return {key: Name(key=key, label=show_region(key, language())) for key in sorted(keys) if key}


def _managers(keys: list[str]) -> dict[str, Name]:
    people = User.objects.filter(pk__in=[key for key in keys if key]).order_by("name")
    return {str(one.pk): Name(key=str(one.pk), label=one.name) for one in people}


def _classes(keys: list[str]) -> dict[str, Name]:
    return {key: Name(key=key, label=str(one.label), tint=f"rfm-{key}") for key, one in RFM_CLASSES.items()}


def _as_they_are(keys: list[str]) -> dict[str, Name]:
    return {}


_KNOWN = {
    "tier": _tiers, "region": _regions, "manager": _managers, "channel": _as_they_are, "rfm": _classes
}  # fmt: skip


def _nameless(dimension: str) -> str:
    return {
        "tier": _("Not placed yet"),
        "manager": _("Nobody in charge"),
        "channel": _("No channel recorded"),
    }.get(dimension, _("Not filled in"))


def movement(key: Movement) -> tuple[str, str]:
    """A movement's name and meaning."""
    told = MOVEMENTS[key]
    return str(told.label), str(told.meaning)


def notes(statement: Statement) -> list[str]:
    """By which models a statement was made, and what its interval covers."""
    models = statement.about["models"]
    said = [_model(day, one) for day, one in zip((statement.first, statement.second), models, strict=True)]
    return [*dict.fromkeys(said), _asleep(models), _told_apart(), _covered(models[1])]


def about_slices(statement: Statement, dimension: str) -> str:
    """What has to be known of the slices of a dimension; "" when they are what they seem."""
    if dimension != "manager":
        return ""
    told = {"day": figures.day(timezone.localtime(statement.at).date())}
    return (
        _(
            "Which manager a customer had on an earlier day is not kept. On both days customers count under the manager they had"
            " on %(day)s, when this was computed; whoever changed hands brings their past along, so nothing moves between managers."
        )
        % told
    )


def reckoned(statement: Statement) -> str:
    """How margin and discount differ between the two days, in one sentence; empty when they are the same."""
    ids = statement.runs.get("value") or [None, None]
    known = Run.objects.in_bulk([pk for pk in ids if pk])
    if len(known) < 2:
        return ""
    was, now = (terms_of(known[pk].params) for pk in ids)
    labels = {"margin": _("Margin"), "discount": _("Discount per year")}
    parts = [
        f"{label} {_percent(was[key])} → {_percent(now[key])}"
        for key, label in labels.items()
        if float(was[key]) != float(now[key])
    ]
    if not parts:
        return ""
    told = {"terms": ", ".join(parts)}
    return (
        _("Value is reckoned differently on the two days: %(terms)s; what that makes is in “Model change”.")
        % told
    )


def _percent(value: float) -> str:
    return f"{figures.plain(float(value) * 100)}%"


def _model(day: object, about: Mapping[str, object]) -> str:
    told = {"day": figures.day(day), "as_of": about["as_of"]}
    if about["early"]:
        return _("There was no model by %(day)s; the earliest one, of %(as_of)s, stands in for it.") % told
    return _("Values on %(day)s are told by the model in force on that day, of %(as_of)s.") % told


def _asleep(models: list[dict[str, object]]) -> str:
    days = {"days": models[1]["horizon"]}
    return _("Asleep: no order for more than %(days)s days, or a churn risk of critical.") % days


def _told_apart() -> str:
    return _(
        "Asleep or close to it: asleep, or with a churn risk of warning or critical on the closing day. “Likely to stay away” on"
        " the churn page counts by the probability alone, from watch on, whether asleep or not."
    )


def _covered(about: Mapping[str, object]) -> str:
    error = about["error"]
    if error is None:
        return _("The 95% interval counts chance between customers only; there was no trial of the model.")
    told = {"error": figures.share(abs(float(str(error))))}
    return (
        _(
            "The 95%% interval counts chance between customers, who are taken as independent, and how far the model was off on"
            " its trial (%(error)s); it does not cover a market that turns or other prices."
        )
        % told
    )
