"""Put every customer in the first tier whose rule holds, and give tags to those whose rules hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir

from zhike.core.rules import Rule, dids
from zhike.engine.lake import Session
from zhike.engine.rules import Means, condition, figures_for, metrics_needed, subjects

METHOD = "first_match"
VERSION = 1


@dataclass(frozen=True, slots=True)
class TierRule:
    """One tier: its key, and the rule to be in it (none: everybody who is left)."""

    key: str
    rule: Rule | None


def place(
    session: Session, metrics: ir.Table, tiers: Sequence[TierRule], *, as_of: date, means: Means | None = None
) -> ir.Table:
    """One row per customer: customer_id, tier, and every metric and figure of things done that a rule looked at.

    Tiers are tried in order; the one without a rule takes the rest. ValueError when no tier takes the rest.
    """
    rules = [tier.rule for tier in tiers if tier.rule is not None]
    rest = next((tier.key for tier in tiers if tier.rule is None), None)
    if rest is None:
        raise ValueError("one tier must be without a rule, to take the customers that are left")
    figures_now = figures_for(session, metrics, rules, as_of) if means is None else means
    table = subjects(session, metrics, rules, as_of)
    tests = [
        (condition(tier.rule, table, figures_now, as_of), tier.key) for tier in tiers if tier.rule is not None
    ]
    placed = ibis.cases(*tests, else_=rest) if tests else ibis.literal(rest)
    looked_at = dict.fromkeys((*metrics_needed(rules), *(one.key for rule in rules for one in dids(rule))))
    return table.select("customer_id", *looked_at, tier=placed)


def tagged(
    session: Session,
    metrics: ir.Table,
    tags: Mapping[str, Rule],
    *,
    as_of: date,
    means: Means | None = None,
) -> ir.Table:
    """One row per customer and tag whose rule holds: customer_id, tag."""
    rules = list(tags.values())
    figures_now = figures_for(session, metrics, rules, as_of) if means is None else means
    table = subjects(session, metrics, rules, as_of)
    found = [
        table.filter(condition(rule, table, figures_now, as_of)).select("customer_id", tag=ibis.literal(tag))
        for tag, rule in tags.items()
    ]
    none = metrics.filter(ibis.literal(False)).select("customer_id", tag=ibis.literal(""))
    return reduce(lambda left, right: left.union(right), found, none)
