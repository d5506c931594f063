"""What the tiers stage shows on other pages: badge, worth and reasons, tags, timeline, workbench cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.insight import queries as insight
from zhike.kernel import prose
from zhike.kernel.facts import Moment
from zhike.kernel.models import User
from zhike.kernel.pages import may
from zhike.kernel.rights import Right
from zhike.tiers import links, queries
from zhike.tiers.facts import TierName
from zhike.tiers.models import Placement, Tag

SHOWN = 6
BADGES = {"strategic": "purple", "core": "teal", "potential": "blue", "ordinary": "secondary", "risk": "red"}


def header(request: HttpRequest, customer: Any) -> str:
    """The tier badge beside the customer's name."""
    tier = queries.badges([customer.pk]).get(customer.pk)
    if tier is None:
        return ""
    url = reverse("tiers:why", args=[customer.key])
    return render_to_string("tiers/header.html", {"tier": tier, "url": url}, request)


def worth(request: HttpRequest, customer: Any) -> str:
    """Below a customer's purchases: the RFM class, and the reasons of the tier."""
    score = insight.score_of(customer)
    context = {
        "score": score,
        "class_url": links.customers(rfm=score.rfm_class) if score else "",
        "why": queries.why(customer),
        "why_url": reverse("tiers:why", args=[customer.key]),
        "move_url": reverse("tiers:move", args=[customer.key])
        if may(_user(request), Right.TIERS_MOVE)
        else "",
    }
    return render_to_string("tiers/worth.html", context, request)


def tags(request: HttpRequest, customer: Any) -> str:
    """The tags of a customer, with a way to add and take those given by hand."""
    user = _user(request)
    context = {
        "tags": queries.carried_by([customer.pk]).get(customer.pk, []),
        "known": queries.tags().filter(kind=Tag.Kind.HAND) if may(user, Right.CUSTOMERS_EDIT) else [],
        "may_edit": may(user, Right.CUSTOMERS_EDIT),
        "tag_url": reverse("tiers:tag", args=[customer.key]),
        "untag_url": reverse("tiers:untag", args=[customer.key]),
        "list_url": reverse("customers:list"),
    }
    return render_to_string("tiers/tag_card.html", context, request)


def moments(user: User, customer: Any, before: datetime) -> Iterator[Moment]:
    """Every move between tiers before a moment, for the timeline."""
    if not may(user, Right.TIERS_VIEW):
        return
    steps = list(queries.history(customer))
    changes = queries.rule_changes() if len(steps) > 1 else set()
    for placement, earlier in zip(steps, [*steps[1:], None], strict=False):
        moment = _moment(
            user, placement, earlier, customer, by_rules=queries.caused_by_rules(placement, changes)
        )
        if moment.at < before:
            yield moment


def _moment(
    user: User, placement: Placement, before: Placement | None, customer: Any, *, by_rules: bool
) -> Moment:
    now = placement.tier.name
    came = Text(f"{before.tier.name.zh} → {now.zh}", f"{before.tier.name.en} → {now.en}") if before else now
    said = (
        _("The rules changed that day: blueprint version %(number)s")
        if by_rules
        else _("By the rules of blueprint version %(number)s")
    )
    judged_by = said % {"number": placement.reasons.get("version", "–")}
    return Moment(
        at=timezone.make_aware(datetime.combine(placement.since, time())),
        icon="arrow-up-right" if before else "stack-2",
        color=BADGES.get(placement.tier.color, "secondary"),
        title=_("Moved between tiers: %(move)s") % {"move": came}
        if before
        else _("First tier: %(tier)s") % {"tier": now},
        detail=prose.said(user, placement.note) if placement.by_id else judged_by,
        href=reverse("tiers:why", args=[customer.key]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """One customer in a tier of risk."""

    name: str
    code: str
    url: str
    spend: Decimal
    last: object


def at_risk(request: HttpRequest, thing: None) -> str:
    """The customers most worth winning back, within the user's scope."""
    user = _user(request)
    tier = next((one for one in queries.tiers() if one.color == "risk"), None)
    if tier is None:
        return ""
    found = queries.highest_spend(user, tier.key, SHOWN)
    if not found:
        return ""
    rows = [
        AtRisk(
            name=customers.shown_name(user, score.customer),
            code=score.customer.code,
            url=reverse("customers:customer", args=[score.customer.key]),
            spend=score.spend,
            last=score.last_purchase_on,
        )
        for score in found
    ]
    number = queries.placements(user).filter(tier=tier).order_by().count()
    context = {"rows": rows, "number": number, "url": links.customers(tier=tier.key)}
    return render_to_string("tiers/home_risk.html", context, request)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """Customers who went from one tier to another since the run before."""

    was: TierName
    now: TierName
    customers: int
    url: str


def latest_moves(request: HttpRequest, thing: None) -> str:
    """The largest moves of the latest run, within the user's scope."""
    days = queries.last_two_days()
    if days is None:
        return ""
    found, names = queries.moves(_user(request), *days), queries.names()
    rows = [
        MoveLine(
            was=names[was],
            now=names[now],
            customers=number,
            url=links.customers(moved=queries.spelled(was, now, *days)),
        )
        for (was, now), number in sorted(found.cells.items(), key=lambda cell: -cell[1])
        if was != now and was in names and now in names
    ]
    if not rows:
        return ""
    context = {"rows": rows[:SHOWN], "first": days[0], "second": days[1]}
    return render_to_string("tiers/home_moves.html", context, request)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
