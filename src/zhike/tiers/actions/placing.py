"""Put every customer in a tier and give the rule tags, as the blueprint in force says."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.db import transaction

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints.specs import BlueprintSpec
from zhike.engine import metrics as engine_metrics
from zhike.engine import tiering
from zhike.engine.rules import figures_for
from zhike.insight import actions as insight
from zhike.kernel import clock, lake
from zhike.kernel.models import User
from zhike.tiers import reasons, storing
from zhike.tiers.facts import Move, PlacementReceipt
from zhike.tiers.models import Tag, Tier

KIND = "tiers"


def place(*, as_of: date, by: User | None = None) -> PlacementReceipt:
    """Judge every customer by the ordered rules of the blueprint in force; close and open only what changed.

    Running again for the same day changes nothing; a day before the latest run is answered with that day's run.
    """
    earlier = insight.not_before_latest(KIND, as_of)
    if earlier is not None:
        return receipt(earlier)
    began = time.monotonic()
    spec, version = blueprints.current(), blueprints.current_version()
    with transaction.atomic(), lake.session() as session:
        insight.one_at_a_time(KIND)
        adopt(spec)
        rules = reasons.rules_of(spec)
        metrics = engine_metrics.compute(session, as_of, reasons.metrics_of(rules))
        figures = figures_for(session, metrics, rules, as_of)
        placed = tiering.place(session, metrics, reasons.tier_rules(spec), as_of=as_of, means=figures)
        kept = reasons.constants(spec, version.number, figures)
        moves, counts = storing.write_placements(
            storing.placed_rows(session, session.keep(placed)), kept, as_of
        )
        tagged = tiering.tagged(
            session, metrics, {tag.key: tag.rule for tag in spec.tags}, as_of=as_of, means=figures
        )
        given, taken, tags = storing.write_taggings(storing.tagged_rows(session, session.keep(tagged)), as_of)
        run = insight.record_run(
            kind=KIND,
            method=reasons.METHOD,
            params={
                "figures": {key: None if value is None else f"{value}" for key, value in figures.items()}
            },
            as_of=as_of,
            counts={tier.key: counts.get(tier.key, 0) for tier in spec.tiers},
            changes=_changes(moves, given, taken),
            seconds=time.monotonic() - began,
            by=by,
        )
    return _receipt(run, moves, tags, given, taken)


def adopt(spec: BlueprintSpec) -> None:
    """Bring tiers and rule tags in line with the blueprint; what it no longer names is retired."""
    for tier in spec.tiers:
        Tier.objects.update_or_create(
            key=tier.key,
            defaults={
                "label": tier.label.as_json(),
                "traits": tier.traits.as_json(),
                "color": str(tier.color),
                "order": tier.order,
                "retired": False,
            },
        )
    Tier.objects.exclude(key__in=[tier.key for tier in spec.tiers]).update(retired=True)
    for tag in spec.tags:
        Tag.objects.update_or_create(
            key=tag.key,
            defaults={"label": tag.label.as_json(), "kind": Tag.Kind.RULE, "retired": False},
            create_defaults={
                "label": tag.label.as_json(),
                "kind": Tag.Kind.RULE,
                "retired": False,
                "created_at": clock.now(),
            },
        )
    Tag.objects.filter(kind=Tag.Kind.RULE).exclude(key__in=[tag.key for tag in spec.tags]).update(
        retired=True
    )


def _changes(moves: tuple[Move, ...], given: int, taken: int) -> dict[str, Any]:
    return {"moves": [[one.was, one.now, one.customers] for one in moves], "tagged": given, "untagged": taken}


def receipt(run: Any) -> PlacementReceipt:
    """What a past run found; nothing was changed now."""
    return _receipt(run, (), {}, 0, 0)


def _receipt(
    run: Any, moves: tuple[Move, ...], tags: dict[str, int], given: int, taken: int
) -> PlacementReceipt:
    return PlacementReceipt(
        as_of=run.as_of,
        run=run.key,
        customers=run.customers,
        counts=dict(run.counts),
        moves=moves,
        tags=tags,
        tagged=given,
        untagged=taken,
        seconds=run.seconds,
    )
