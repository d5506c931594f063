"""What is crossed with what in this installation, and the statements as a run keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from zhike.blueprint import queries as blueprints
from zhike.core.rules.classes import RISK
from zhike.engine import metrics as engine_metrics
from zhike.engine.cross import v1
from zhike.engine.cross.bands import as_json
from zhike.engine.cross.base import METRICS, base
from zhike.engine.lake import Session
from zhike.engine.rfm import v1 as rfm
from zhike.insight import methods
from zhike.insight.models import Forecast, Score

METHOD = f"{v1.METHOD}/v{v1.VERSION}"
EVERY = 7  # days; statements about the whole base change slowly


def too_few() -> bool:
    """Whether no group could be large enough, with as many customers outside it."""
    return Score.objects.all()[: 2 * v1.Limits().group].count() < 2 * v1.Limits().group


def crossed(session: Session, as_of: date) -> dict[str, Any]:
    """The statements about all customers as of a day, as JSON keeps them."""
    spec = blueprints.current()
    method = methods.method_of(spec.rfm)
    keys = dict.fromkeys([*METRICS, *rfm.inputs(method)])
    computed = engine_metrics.compute(session, as_of, keys)
    classes = rfm.classify(computed, method, rfm.cuts(session, computed, method))
    levels = _levels(session)
    found = base(
        session,
        as_of,
        computed,
        fields=spec.fields.values(),
        rules=[tier.rule for tier in spec.tiers if tier.rule is not None],
        classes=classes,
        marks={RISK: levels} if levels is not None else {},
    )
    return kept(v1.find(session, found.frame, found.dimensions), as_json(found.bands))


def kept(found: v1.Findings, bands: Mapping[str, list[str | None]]) -> dict[str, Any]:
    """The findings as JSON keeps them."""
    limits = v1.Limits()
    return {
        "customers": found.customers,
        "tests": found.tests,
        "clear": found.clear,
        "group": limits.group,
        "rate": limits.rate,
        "least_lift": limits.lift,
        "bands": dict(bands),
        "told": [_told(one) for one in found.told],
    }


def _told(one: v1.Finding) -> dict[str, Any]:
    seen = one.seen
    return {
        "group": [one.group.dimension, one.group.value],
        "trait": [one.trait.dimension, one.trait.value],
        "seen": [seen.both, seen.group, seen.trait, seen.whole],
        "share": [round(end, 6) for end in one.share_range],
        "lift": [round(end, 6) for end in one.lift_range],
        "p": one.p,
        "q": one.q,
    }


def _levels(session: Session) -> ir.Table | None:
    """The warning level of every customer with a forecast; None before the first."""
    parts = []
    for level in Forecast.Level.values:
        who = list(Forecast.objects.filter(level=level).values_list("pk", flat=True))
        if who:
            parts.append(session.ids(who).mutate(key=ibis.literal(level)))
    return ibis.union(*parts) if parts else None
