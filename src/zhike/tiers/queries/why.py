"""Why a customer stands where they stand: the rule's conditions ticked with the values they were decided on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhike.blueprint import queries as blueprints
from zhike.core import masks
from zhike.core.rules import Tick, text, values_needed
from zhike.core.text import Text, language
from zhike.insight import queries as insight
from zhike.kernel.models import User
from zhike.tiers import reasons
from zhike.tiers.facts import TierName
from zhike.tiers.models import Placement, Tagging
from zhike.tiers.queries import standing

HELD = Text("手动调整", "placed by hand")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One tier's rule on the customer's values of today."""

    tier: TierName
    holds: bool
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A placement with its reasons, and how the rules of all tiers look on today's values."""

    placement: Placement
    tier: TierName
    ticks: tuple[Tick, ...]
    judged: tuple[Judged, ...]
    as_of: date | None

    @property
    def by_hand(self) -> bool:
        """Whether a person and not a rule placed the customer."""
        return self.placement.by_id is not None


def why(customer: Any, *, everything: bool = False) -> Why | None:
    """The reasons of a customer's open placement; `everything` adds every tier's rule on today's values."""
    placement = standing.current(customer)
    if placement is None:
        return None
    teller = reasons.Teller(blueprints.current())
    judged = _judged(customer) if everything else ()
    run = insight.latest("tiers")
    return Why(
        placement=placement,
        tier=standing.name_of(placement.tier),
        ticks=teller.told(placement.reasons),
        judged=judged,
        as_of=run.as_of if run else None,
    )


def _judged(customer: Any) -> tuple[Judged, ...]:
    card = insight.score_of(customer)
    run = insight.latest("tiers")
    if card is None or run is None:
        return ()
    spec = blueprints.current()
    names = standing.names()
    values = {**customer.values, **card.metrics, "tags": _tags(customer), "tier": _tier(customer)}
    figures = run.params.get("figures", {})
    labels = blueprints.labels_of(spec)
    found = []
    for tier in spec.tiers:
        if tier.rule is None or tier.key not in names or not values_needed(tier.rule) <= values.keys():
            continue
        ticks = tuple(
            reasons.one_tick(part, values, figures, labels, run.as_of) for part in reasons.parts(tier.rule)
        )
        found.append(Judged(tier=names[tier.key], holds=all(tick.holds for tick in ticks), ticks=ticks))
    return tuple(found)


def _tags(customer: Any) -> frozenset[str]:
    return frozenset(Tagging.objects.filter(customer=customer).values_list("tag__key", flat=True))


def _tier(customer: Any) -> str | None:
    placement = standing.current(customer)
    return placement.tier.key if placement else None


def rule_in_words(tier: str) -> str:
    """The rule of a tier as a sentence in the asker's language; "" for the tier that takes the rest."""
    spec = blueprints.current_or_none()
    found = spec.tier(tier) if spec else None
    if spec is None or found is None or found.rule is None:
        return ""
    return str(text(found.rule, blueprints.labels_of(spec)))


def tag_rules_in_words() -> dict[str, str]:
    """The rule of every rule tag as a sentence in the asker's language."""
    spec = blueprints.current_or_none()
    if spec is None:
        return {}
    labels = blueprints.labels_of(spec)
    return {tag.key: str(text(tag.rule, labels)) for tag in spec.tags}


def placements_for_export(user: User) -> Iterator[tuple[str, str, date, str]]:
    """Code, tier, since and reasons of every customer the user may see, in the language of the moment."""
    teller = reasons.Teller(blueprints.current())
    lang = language()
    for placement in standing.exported(user):
        tier = standing.name_of(placement.tier)
        yield placement.customer.code, tier.label.in_(lang), placement.since, sentence(teller, placement)


def reasons_on(customer_ids: list[int], day: date) -> dict[int, str]:
    """Why some customers stood where they stood on a day, in a line each, for callers that have checked the scope."""
    spec = blueprints.current_or_none()
    if spec is None:
        return {}
    teller = reasons.Teller(spec)
    found = standing.placed_on(day).filter(customer_id__in=customer_ids).select_related("tier")
    return {one.customer_id: f"{one.since}: {sentence(teller, one)}" for one in found}


def sentence(teller: reasons.Teller, placement: Placement) -> str:
    """The reasons of a placement in one line: 累计消费额 ≥ 50 万 ✓ (61.2 万)."""
    if placement.by_id is not None:
        return (
            f"{HELD}:{masks.numbers(placement.note)}"
            if language() == "zh"
            else f"{HELD}: {masks.numbers(placement.note)}"
        )
    ticks = teller.told(placement.reasons)
    return "; ".join(_line(tick) for tick in ticks)


def _line(tick: Tick) -> str:
    mark = "✓" if tick.holds else "✗"
    said = str(tick.shown)
    return f"{tick.text} {mark} ({said})" if said else f"{tick.text} {mark}"
