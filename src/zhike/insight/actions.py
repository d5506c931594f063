"""Computing scores and forecasts of all customers and keeping a note of every run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any

from django.db import connection, transaction

from zhike.blueprint import queries as blueprints
from zhike.core.rules.classes import RFM, RISK
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.engine import classes, large_orders
from zhike.engine import metrics as engine_metrics
from zhike.engine.churn.features import snapshot
from zhike.engine.churn.words import LEVELS
from zhike.engine.rfm import v1
from zhike.insight import answering, computing, crossing, methods, queries, sighting, storing
from zhike.insight.facts import ForecastReceipt, InsightReceipt, InsightRefusal, RecommendReceipt
from zhike.insight.models import Forecast, LargeOrder, Recommendation, Run, Score
from zhike.insight.queries import everybody
from zhike.kernel import audit, bulk, clock, lake
from zhike.kernel.models import User

# scipy costs a process 45 MB and a second: web processes import this module, and do without these (nor `recommending`, `opining`).
STATSMODELS = "trending"
SCIPY = ("learning", "foretelling")


def refresh(*, as_of: date, by: User | None = None, on_spark: str | None = None) -> InsightReceipt:
    """Compute metrics and RFM class of every customer in the lake and write back what changed.

    A day before the latest run is answered with what that day's run found, because scores never go back in time.
    `on_spark` names the Spark that reads the facts; None: as the settings say.
    """
    earlier = not_before_latest(Run.Kind.RFM, as_of)
    if earlier is not None:
        return _receipt(earlier, written=0, removed=0)
    began = time.monotonic()
    spec = blueprints.current()
    method = methods.method_of(spec.rfm)
    keys = (*storing.kept(spec), *v1.inputs(method))
    with transaction.atomic(), lake.session() as session:
        one_at_a_time(Run.Kind.RFM)
        wanted = dict.fromkeys((*engine_metrics.CATALOGUE, *keys))
        computed = computing.refreshed(session, as_of, wanted, on_spark=on_spark)
        cuts = v1.cuts(session, computed, method)
        classified = session.keep(v1.classify(computed, method, cuts), "classified")
        classes.keep(session, RFM, classified.select("customer_id", key=classified.rfm_class))
        counts = v1.counts(session, classified)
        found = storing.scores(computed, classified, as_of, keys)
        written, removed = storing.write_back(storing.rows(session, found), as_of)
        run = record_run(
            kind=Run.Kind.RFM,
            method=methods.METHOD,
            params=methods.params_of(method, cuts) | {"realised": v1.shares(session, classified)},
            as_of=as_of,
            counts=counts,
            changes={"written": written, "removed": removed},
            seconds=time.monotonic() - began,
            by=by,
        )
    return _receipt(run, written=written, removed=removed)


def forecast(*, as_of: date, by: User | None = None) -> ForecastReceipt:
    """Tell every customer's value in the year to come and their risk of staying away, and write back what changed.

    A day before the latest forecast changes nothing, because forecasts never go back in time.
    """
    learning, foretelling = (import_module(f"zhike.engine.forecasts.{name}") for name in SCIPY)
    began = time.monotonic()
    spec = blueprints.current()
    latest = queries.latest(Run.Kind.VALUE)
    if latest is not None and as_of < latest.as_of:
        return ForecastReceipt(as_of=as_of, customers=latest.customers, written=0, removed=0, seconds=0.0)
    with transaction.atomic(), lake.session() as session:
        one_at_a_time(Run.Kind.VALUE)
        now = snapshot(session, as_of, horizon=spec.forecast.silence(spec.kind))
        if not len(now.customer_id):
            removed, _ = Forecast.objects.all().delete()
            classes.forget(session, RISK)
            return ForecastReceipt(as_of=as_of, customers=0, written=0, removed=removed, seconds=0.0)
        kept = queries.learnt()
        learnt, params = learning.current(session, now, kept, spec.forecast)
        found = foretelling.foretold(learnt, now, spec.forecast)
        levels = found.select(["customer_id", "level"]).rename_columns(["customer_id", "key"])
        classes.keep(session, RISK, session.take(levels))
        written, removed = storing.write_forecasts(found, as_of, drift=kept is not None and params == kept)
        receipt = ForecastReceipt(
            as_of=as_of,
            customers=len(now.customer_id),
            written=written,
            removed=removed,
            seconds=time.monotonic() - began,
        )
        methods_used = (learnt.value_method, learnt.churn_method)
        _record_forecast(receipt, methods_used, params, Counter(found.column("level").to_pylist()), by)
    return receipt


def cross(*, as_of: date, by: User | None = None, now: bool = False) -> Run | None:
    """Find the statements that matter about groups of customers, once a week or `now`; None when it is not due."""
    latest = queries.latest(Run.Kind.CROSS)
    due = latest is None or now or (as_of - latest.as_of).days >= crossing.EVERY
    if not due or (latest is not None and as_of < latest.as_of) or crossing.too_few():
        return None
    began = time.monotonic()
    with transaction.atomic(), lake.session() as session:
        one_at_a_time(Run.Kind.CROSS)
        params = crossing.crossed(session, as_of)
        return record_run(
            kind=Run.Kind.CROSS,
            method=crossing.METHOD,
            params=params,
            as_of=as_of,
            counts={"customers": params["customers"]},
            changes={"told": len(params["told"])},
            seconds=time.monotonic() - began,
            by=by,
        )


def recommend(*, as_of: date, by: User | None = None) -> RecommendReceipt:
    """Tell every customer's next purchases, again and new, once a week or when the base has grown.

    Whoever wants no profile of theirs used is left out, of what is learnt and of what is told.
    """
    recommending = import_module("zhike.insight.recommending")
    began = time.monotonic()
    latest = queries.latest(Run.Kind.RECOMMEND)
    with transaction.atomic(), lake.session() as session:
        one_at_a_time(Run.Kind.RECOMMEND)
        if latest is not None and recommending.holds(session, latest, as_of):
            removed, _ = Recommendation.objects.filter(bulk.among("pk", customers.objectors())).delete()
            return RecommendReceipt(
                as_of=latest.as_of, customers=latest.customers, written=0, removed=removed, seconds=0.0
            )
        spec = blueprints.current()
        teller = recommending.Teller.learnt(
            session, as_of, spec.forecast.silence(spec.kind), latest.params if latest else {}
        )
        written, removed = storing.write_recommendations(teller.rows(), as_of)
        run = record_run(
            kind=Run.Kind.RECOMMEND,
            method=teller.method,
            params=teller.params,
            as_of=as_of,
            counts={"customers": teller.told},
            changes={"written": written, "removed": removed},
            seconds=time.monotonic() - began,
            by=by,
        )
    return RecommendReceipt(
        as_of=as_of, customers=run.customers, written=written, removed=removed, seconds=run.seconds
    )


def judge(*, as_of: date, by: User | None = None) -> int:
    """Judge the feedback whose words have not been judged yet: sentiment and topics. Returns how many were judged."""
    if not queries.waiting():
        return 0
    opining = import_module("zhike.insight.opining")
    began = time.monotonic()
    with transaction.atomic():
        one_at_a_time(Run.Kind.OPINIONS)
        judged, params, counts = opining.judged()
        record_run(
            kind=Run.Kind.OPINIONS,
            method=opining.METHOD,
            params=params,
            as_of=as_of,
            counts=counts,
            changes={"judged": judged},
            seconds=time.monotonic() - began,
            by=by,
        )
    return int(judged)


def trend(*, as_of: date, by: User | None = None) -> Run | None:
    """Tell where sales, orders and customers are heading, once a week; None when it is not due."""
    latest = queries.latest(Run.Kind.TREND)
    if latest is not None and (as_of - latest.as_of).days < crossing.EVERY:
        return None
    trending = import_module(f"zhike.insight.{STATSMODELS}")
    began = time.monotonic()
    with transaction.atomic(), lake.session() as session:
        one_at_a_time(Run.Kind.TREND)
        params = trending.told(session, as_of)
        return record_run(
            kind=Run.Kind.TREND,
            method=params["method"],
            params=params,
            as_of=as_of,
            counts={"customers": Score.objects.count()},
            changes={"months": len(params["months"])},
            seconds=time.monotonic() - began,
            by=by,
        )


def keep_everybody(*, as_of: date) -> None:
    """Keep the figures of the whole base that pages show, where they are not kept already."""
    with lake.session() as session:
        for what in everybody.WHAT:
            question = everybody.question(session, what, as_of)
            if answering.answer(question) is None:
                answering.keep(question.kind, question.mark, everybody.computed(session, what, as_of))


def sight(*, as_of: date, by: User | None = None) -> int:
    """Look for large orders in sight and write back what changed; returns how many. Never goes back in time."""
    latest = queries.latest(Run.Kind.LARGE)
    if latest is not None and as_of < latest.as_of:
        return latest.customers
    began = time.monotonic()
    with transaction.atomic(), lake.session() as session:
        one_at_a_time(Run.Kind.LARGE)
        rows, params = sighting.seen(session, as_of)
        written, removed = storing.write_large_orders(rows, as_of)
        record_run(
            kind=Run.Kind.LARGE,
            method=large_orders.METHOD,
            params=params,
            as_of=as_of,
            counts={"customers": rows.num_rows},
            changes={"written": written, "removed": removed},
            seconds=time.monotonic() - began,
            by=by,
        )
    return int(rows.num_rows)


def _record_forecast(
    receipt: ForecastReceipt,
    methods_used: tuple[str, str],
    params: tuple[dict[str, Any], dict[str, Any]],
    levels: Mapping[str, int],
    by: User | None,
) -> None:
    """Value and churn are two runs of one computation, each with its method and what it was told from."""
    counts = ({"customers": receipt.customers}, {key: levels.get(key, 0) for key in LEVELS})
    kinds = (Run.Kind.VALUE, Run.Kind.CHURN)
    for kind, method, kept, counted in zip(kinds, methods_used, params, counts, strict=True):
        record_run(
            kind=kind,
            method=method,
            params=kept,
            as_of=receipt.as_of,
            counts=counted,
            changes={"written": receipt.written, "removed": receipt.removed},
            seconds=receipt.seconds,
            by=by,
        )


def not_before_latest(kind: str, as_of: date) -> Run | None:
    """None when `as_of` may be computed; the run of that day when a later one exists; a refusal when there is none."""
    latest = queries.latest(kind)
    if latest is None or as_of >= latest.as_of:
        return None
    found = queries.run_on(as_of, kind)
    if found is not None:
        return found
    raise InsightRefusal(
        Text(
            f"已有 {latest.as_of} 的计算结果,不能再按更早的 {as_of} 计算。",
            f"There is a run for {latest.as_of}; an earlier day such as {as_of} cannot be computed any more.",
        ),
        Text(f"请选择 {latest.as_of} 或之后的日期。", f"Choose {latest.as_of} or a later day."),
        place=Text("统计日", "Reporting day"),
    )


def one_at_a_time(kind: str) -> None:
    """Let a second run of a kind wait for the first; needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"insight.run.{kind}"])


def record_run(
    *,
    kind: str,
    method: str,
    params: Mapping[str, Any],
    as_of: date,
    counts: Mapping[str, int],
    changes: Mapping[str, Any],
    seconds: float,
    by: User | None,
) -> Run:
    """Keep a run; one that repeats the latest run of the same day and found the same is not kept twice."""
    latest = queries.latest(kind)
    version = blueprints.current_version()
    same = latest is not None and (latest.as_of, latest.method, latest.version_id) == (
        as_of,
        method,
        version.pk,
    )
    if latest is not None and same and latest.counts == dict(counts) and not any(changes.values()):
        return latest
    run = Run.objects.create(
        kind=kind,
        method=method,
        version=version,
        params=dict(params),
        as_of=as_of,
        customers=sum(counts.values()),
        counts=dict(counts),
        changes=dict(changes),
        seconds=round(seconds, 3),
        at=clock.now(),
        by=by,
    )
    audit.record(
        "insight.ran", run, by=by, changes={"kind": kind, "as_of": f"{as_of}", "customers": run.customers}
    )
    return run


def _receipt(run: Run, *, written: int, removed: int) -> InsightReceipt:
    return InsightReceipt(
        as_of=run.as_of,
        run=run.key,
        customers=run.customers,
        counts=dict(run.counts),
        written=written,
        removed=removed,
        seconds=run.seconds,
    )


def merge_scores(kept: int, gone: int) -> None:
    """Two customers became one: the other's score goes, the next run scores them together."""
    Score.objects.filter(customer_id=gone).delete()


def merge_large_orders(kept: int, gone: int) -> None:
    """And for large orders in sight."""
    LargeOrder.objects.filter(customer_id=gone).delete()


def merge_recommendations(kept: int, gone: int) -> None:
    """And for recommendations."""
    Recommendation.objects.filter(customer_id=gone).delete()


def merge_forecasts(kept: int, gone: int) -> None:
    """The same for forecasts: what the kept customer brings is told anew by the next run."""
    Forecast.objects.filter(customer_id=gone).delete()
