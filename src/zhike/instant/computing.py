"""Computes everything a report tells, by the same engine that serves the product, on the tables in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhike.core.blueprints import BlueprintSpec
from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.engine import cohorts, metrics, tiering
from zhike.engine.churn.features import snapshot
from zhike.engine.cross import v1 as cross
from zhike.engine.cross.base import Base
from zhike.engine.forecasts import foretelling, learning
from zhike.engine.lake import Session
from zhike.engine.lake.session import quoted
from zhike.engine.rfm import v1 as rfm
from zhike.engine.rules import metrics_needed
from zhike.instant import crossing
from zhike.instant import rhythm as rhythms
from zhike.instant.cells import Tell
from zhike.instant.loading import Loaded
from zhike.instant.rhythm import Rhythm

SHOWN = (
    "orders", "spend", "average_order", "first_purchase_on", "last_purchase_on", "recency_days", "spend_12m", "orders_12m",
    "gap_days", "discount_share", "returns", "return_rate", "online_share", "repeat",
)  # fmt: skip
METHOD = rfm.Quantiles(buckets=2, high_from=2, frequency_days=0, monetary_metric="spend")
STEPS = (
    Text("计算指标与 RFM", "Computing metrics and RFM"),
    Text("学习价值与流失模型", "Learning value and churn"),
    Text("汇总", "Summing up"),
)


NEVER_AGAIN = Text(
    "没有人在不同的日子花钱买过两次,无从推算以后的购买。",
    "Nobody spent money on two different days: what will be bought cannot be told.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything computed; the table `base` of the session has one row per customer with all that is known of them."""

    loaded: Loaded
    rhythm: Rhythm
    spec: BlueprintSpec
    cuts: rfm.Cuts
    learnt: learning.Learnt | None
    unforetold: Text | None
    cohorts: tuple[cohorts.Cohort, ...]
    crossed: tuple[Base, cross.Findings] | None
    fields: Sequence[FieldSpec]

    @property
    def as_of(self) -> date:
        """The reporting day."""
        return self.loaded.as_of


def compute(
    session: Session, loaded: Loaded, fields: Sequence[FieldSpec], folder: Path, tell: Tell
) -> Findings:
    """Metrics, classes, tiers, forecasts and cohorts on the reporting day."""
    as_of = loaded.as_of
    rhythm = rhythms.of(session, loaded.first_on, as_of)
    spec = rhythms.blueprint(rhythm.stretch)
    tell(0, 3, STEPS[0])
    rules = [tiering.TierRule(one.key, one.rule) for one in spec.tiers]
    needed = metrics_needed([one.rule for one in rules if one.rule is not None])
    computed = metrics.compute(session, as_of, [*SHOWN, *needed, *rfm.inputs(METHOD), *crossing.METRICS])
    cuts = _recent(rfm.cuts(session, computed, METHOD), rhythm.silent)
    classified = session.keep(rfm.classify(computed, METHOD, cuts), "classified")
    placed = session.keep(tiering.place(session, computed, rules, as_of=as_of), "placed")
    tell(1, 3, STEPS[1])
    learnt, why = _forecast(session, as_of, rhythm.horizon, spec, folder)
    tell(2, 3, STEPS[2])
    _base(session, computed, classified, placed)
    found = cohorts.cohorts(session, as_of)
    _place(session, placed, as_of)
    apart = crossing.crossed(session, as_of, computed, classified, spec, fields)
    return Findings(
        loaded=loaded,
        rhythm=rhythm,
        spec=spec,
        cuts=cuts,
        learnt=learnt,
        unforetold=why,
        cohorts=found,
        crossed=apart,
        fields=fields,
    )


def _recent(cuts: rfm.Cuts, silent: int) -> rfm.Cuts:
    """Cut points by which nobody counts as recent whom the tiers warn of."""
    return replace(cuts, recency=tuple(min(one, silent - 1) for one in cuts.recency))


def _forecast(
    session: Session, as_of: date, horizon: int, spec: BlueprintSpec, folder: Path
) -> tuple[learning.Learnt | None, Text | None]:
    """Value and churn of every customer as the table `foretold`; without any history a reason instead."""
    now = snapshot(session, as_of, horizon=horizon)
    if not len(now.customer_id) or now.age.max() <= 0:
        session.cursor.execute("CREATE TEMP TABLE foretold AS SELECT NULL::BIGINT AS customer_id WHERE false")
        return None, Text(
            "所有订单都在同一天,没有可以外推的历史。",
            "All orders were placed on one day: there is no history to go on.",
        )
    learnt = learning.learn(session, now)
    told = foretelling.foretold(learnt, now, spec.forecast)
    pq.write_table(told, folder / "foretold.parquet")
    session.cursor.execute(
        f"CREATE TEMP TABLE foretold AS FROM read_parquet({quoted(str(folder / 'foretold.parquet'))})"
    )
    if not pc.any(pc.is_finite(told["value"])).as_py():
        # What a second purchase would be worth nobody has shown: the engine gives no number then.
        session.cursor.execute("DELETE FROM foretold")
        return None, NEVER_AGAIN
    return learnt, None


def _base(session: Session, computed: ir.Table, classified: ir.Table, placed: ir.Table) -> None:
    names = [table.op().name for table in (computed, classified, placed)]
    numbers = ("value", "low", "high", "purchases", "alive", "churn")
    told = ", ".join(
        [*(f"CASE WHEN isfinite(f.{one}) THEN f.{one} END AS {one}" for one in numbers), "f.level, f.reasons"]
    )
    missing = ", ".join(
        [*(f"NULL::DOUBLE AS {one}" for one in numbers), "NULL::VARCHAR AS level, NULL::VARCHAR AS reasons"]
    )
    known = session.cursor.execute("SELECT count(*) FROM foretold").fetchone()
    session.cursor.execute(
        f"CREATE TEMP TABLE base AS SELECT m.*, p.who, p.name, c.r, c.f, c.m, c.rfm_class, t.tier, "
        f"{told if known and known[0] else missing} FROM {names[0]} m JOIN people p ON p.id = m.customer_id "
        f"JOIN {names[1]} c ON c.customer_id = m.customer_id JOIN {names[2]} t ON t.customer_id = m.customer_id "
        "LEFT JOIN foretold f ON f.customer_id = m.customer_id"
    )


def _place(session: Session, placed: ir.Table, as_of: date) -> None:
    """The tiers where the engine looks for them."""
    session.cursor.execute(
        "CREATE TABLE lake.main.placements AS SELECT customer_id AS id, customer_id, tier, "
        f"DATE '{as_of}' AS since, NULL::DATE AS until FROM {placed.op().name}"
    )


def rows(session: Session, question: str) -> list[dict[str, Any]]:
    """The answer of a question about the table `base`, as plain values."""
    found: list[dict[str, Any]] = session.cursor.execute(question).to_arrow_table().to_pylist()
    return found
