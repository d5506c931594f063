"""Computing a statement as a job: values on both days by the models in force, one row per customer, kept in the lake."""

from __future__ import annotations

import time
from datetime import date
from importlib import import_module
from typing import Any, Final

import ibis.expr.types as ir
import pyarrow as pa
from django.db import transaction

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints import BlueprintSpec
from zhike.core.text import Text
from zhike.engine import ledger
from zhike.engine import metrics as engine_metrics
from zhike.engine.lake import Session
from zhike.engine.rfm import v1
from zhike.insight import methods
from zhike.insight.facts import InsightRefusal
from zhike.insight.ledger import periods
from zhike.insight.ledger.periods import Period
from zhike.insight.models import Run, Statement
from zhike.kernel import audit, bulk, clock, jobs, lake
from zhike.kernel.models import Job, JobState, User

KEPT: Final = 36  # statements; a million customers take some 20 MB each
JOB: Final = "insight.ledger"
STEPS: Final = 4
WORTHS: Final = "zhike.insight.ledger.worths"  # loads scipy, see actions.SCIPY


@jobs.job(JOB, queue="default")
def statement_job(run: jobs.Run, *, first: str, second: str) -> dict[str, object]:
    """A statement between two days as a job."""
    period = Period(date.fromisoformat(first), date.fromisoformat(second))
    found = compute(period, by=run.job.by, run=run)
    return {"first": first, "second": second, "customers": found.customers}


def ask(period: Period, *, by: User | None) -> Job:
    """Let a job compute a statement, unless one that does is under way."""
    under_way = computing(period)
    if under_way is not None:
        return under_way
    title = Text(
        f"客户资产负债表 {period.first} – {period.second}",
        f"Customer balance sheet {period.first} – {period.second}",
    )
    return jobs.defer(JOB, by=by, title=title, first=f"{period.first}", second=f"{period.second}")


def computing(period: Period) -> Job | None:
    """The job that is computing a statement, if any."""
    about = {"first": f"{period.first}", "second": f"{period.second}"}
    states = [JobState.WAITING, JobState.RUNNING]
    return Job.objects.filter(name=JOB, arguments=about, state__in=states).order_by("-pk").first()


def compute(period: Period, *, by: User | None = None, run: jobs.Run | None = None) -> Statement:
    """Compute a statement and keep it instead of the one between the same days."""
    began = time.monotonic()
    runs = [_runs(day) for day in (period.first, period.second)]
    forces = periods.forces(period)
    found = Statement.objects.filter(first=period.first, second=period.second).first()
    found = found or Statement(first=period.first, second=period.second)
    with lake.session() as session:
        rows = _entries(session, period, runs, run)
        found.customers = ledger.put(session, str(found.key), rows)
    found.runs, found.about = forces, _about(period, runs)
    found.at, found.by, found.seconds = clock.now(), by, round(time.monotonic() - began, 3)
    with transaction.atomic():
        found.save()
        audit.record(
            "insight.stated", found, by=by, changes={"first": f"{period.first}", "second": f"{period.second}"}
        )
    _forget()
    return found


def _runs(day: date) -> tuple[Run, Run]:
    value, churn = (periods.in_force(kind, day) for kind in (Run.Kind.VALUE, Run.Kind.CHURN))
    if value is None or churn is None:
        raise InsightRefusal(
            Text("还没有价值模型。", "There is no model of value yet."),
            Text("请先导入订单并运行每日更新。", "Import orders and run the daily refresh first."),
            place=Text("客户资产负债表", "Customer balance sheet"),
        )
    return value, churn


def _entries(session: Session, period: Period, runs: list[tuple[Run, Run]], run: jobs.Run | None) -> ir.Table:
    worths = import_module(WORTHS)
    old, new = (worths.model(*pair) for pair in runs)
    spec = blueprints.current()

    def told(step: int) -> None:
        if run is not None:
            run.progress(step, STEPS)

    before = session.take(worths.worth(session, period.first, old, new if runs[0] != runs[1] else None))
    told(1)
    after = session.take(worths.worth(session, period.second, new))
    told(2)
    classes = [_classes(session, day) for day in (period.first, period.second)]
    told(3)
    terms = ledger.Terms(
        first=period.first,
        second=period.second,
        horizons=(old.learnt.horizon, new.learnt.horizon),
        ranks=ranks(spec),
        region=region_field(spec),
    )
    return ledger.entries(session, terms, (before, after), (classes[0], classes[1]), _moved(session, terms))


def _classes(session: Session, day: date) -> ir.Table:
    """The RFM class of everybody known by a day, by the method in force on it."""
    run = periods.in_force(Run.Kind.RFM, day)
    spec = blueprints.spec_of(run.version) if run and run.version else blueprints.current()
    method = methods.method_of(spec.rfm)
    computed = engine_metrics.compute(session, day, v1.inputs(method))
    return session.keep(v1.classify(computed, method, v1.cuts(session, computed, method)), "classes")


def ranks(spec: BlueprintSpec) -> dict[str, int]:
    """Tiers by rank, higher is better: as the blueprint orders them, but that of the colour of risk is the lowest."""
    listed = sorted(spec.tiers, key=lambda tier: (tier.color == "risk", tier.order), reverse=True)
    return {tier.key: rank for rank, tier in enumerate(listed)}


def region_field(spec: BlueprintSpec) -> str:
    """The first field of the blueprint that is a region; empty without one."""
    return next((one.key for one in spec.fields.values() if one.type == "region" and not one.sealed), "")


def _moved(session: Session, terms: ledger.Terms) -> ir.Table | None:
    """Customers whose region was another at the end of the first day, and which: what the next change found."""
    if not terms.region:
        return None
    rows = bulk.rows(
        """
        SELECT DISTINCT ON (v.customer_id) v.customer_id, coalesce(v.prior -> 'values' ->> %s, '')
        FROM customers_customerversion v
        WHERE v.changed ? %s AND (v.at AT TIME ZONE 'Asia/Shanghai')::date > %s
        ORDER BY v.customer_id, v.number
        """,
        [terms.region, terms.region, terms.first],
    )
    return session.take(_table(rows), "moved") if rows else None


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    ids, regions = zip(*rows, strict=True)
    return pa.table({"customer_id": pa.array(ids, pa.int64()), "region": pa.array(regions, pa.string())})


def _about(period: Period, runs: list[tuple[Run, Run]]) -> dict[str, Any]:
    """What pages say of the models: learnt when, foretelling how far, how far off on their trial, and whether too late."""
    days = (period.first, period.second)
    return {
        "models": [
            {
                "as_of": value.as_of.isoformat(),
                "learnt_on": value.params["learnt_on"],
                "early": day < value.as_of,
                "horizon": churn.params["horizon_days"],
                "error": _error(value.params.get("holdout")),
            }
            for day, (value, churn) in zip(days, runs, strict=True)
        ]
    }


def _error(holdout: dict[str, Any] | None) -> float | None:
    """How far the model's total was off on its trial, relative; None without a trial."""
    if not holdout or not holdout["actual"]:
        return None
    return float(holdout["expected"] / holdout["actual"] - 1)


def _forget() -> None:
    """Keep the latest statements only, and their rows."""
    keys = list(Statement.objects.values_list("key", flat=True)[:KEPT])
    Statement.objects.exclude(key__in=keys).delete()
    with lake.session() as session:
        ledger.drop_others(session, map(str, keys))
