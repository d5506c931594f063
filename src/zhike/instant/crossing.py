"""Crosses every group of customers with every trait of the file: tiers, classes, attributes, channels, goods and metrics."""

from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir

from zhike.core.blueprints import BlueprintSpec
from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.engine.cross import base as bases
from zhike.engine.cross import v1
from zhike.engine.cross.base import Base
from zhike.engine.lake import Session
from zhike.engine.metrics import CATALOGUE
from zhike.instant.cells import Column

# What a file of orders can tell of; visits, ratings and the like are not in it.
METRICS = tuple(
    key
    for key in (
        "spend_12m", "orders_12m", "average_order", "recency_days", "gap_days", "categories", "discount_share", "return_rate",
        "online_share", "tenure_days",
    )
    if key in CATALOGUE
)  # fmt: skip


def crossed(
    session: Session,
    as_of: date,
    metrics: ir.Table,
    classes: ir.Table,
    spec: BlueprintSpec,
    fields: Sequence[FieldSpec],
) -> tuple[Base, v1.Findings] | None:
    """What sets groups of customers apart; None when no group could be large enough. Needs the tables placed and foretold."""
    row = session.cursor.execute(f"SELECT count(*) FROM {metrics.op().name}").fetchone()
    if row is None or row[0] < 2 * v1.Limits().group:
        return None
    found = bases.base(
        session,
        as_of,
        metrics.select("customer_id", *METRICS),
        fields=fields,
        rules=[tier.rule for tier in spec.tiers if tier.rule is not None],
        classes=classes,
    )
    return found, v1.find(session, found.frame, found.dimensions)


def attributes(columns: Sequence[Column]) -> list[FieldSpec]:
    """The attributes of customers as fields under the names of their columns."""
    return [
        FieldSpec(
            key=one.key,
            type="choice",
            label=Text.same(one.found.column.name),
            sensitivity=Sensitivity.INTERNAL,
        )
        for one in columns
        if one.key.startswith("attribute_")
    ]
