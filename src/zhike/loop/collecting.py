"""Collecting, told in order: a file becomes staged rows, staged rows become customers and what they did."""

from contextlib import closing
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.activity import actions as activity
from zhike.core.text import Text
from zhike.customers import actions as customers
from zhike.customers.facts import Outcome
from zhike.intake import actions as intake
from zhike.intake import queries
from zhike.intake.facts import Receipt, StagedChunk
from zhike.kernel import jobs
from zhike.kernel.models import User
from zhike.tiers import actions as segments

if TYPE_CHECKING:
    from collections.abc import Generator

    from zhike.intake.models import Batch

CUSTOMERS = "customers"


def take_in(batch: "Batch", run: jobs.Run, *, by: User | None) -> Receipt:
    """Bring a confirmed batch to its receipt; after an interruption the same call goes on where it stopped."""
    intake.stage(batch, run)
    with closing(_chunks(batch)) as chunks:
        for chunk in chunks:
            _absorb(batch, chunk, by=by)
            batch.refresh_from_db()
            run.progress(batch.accepted + batch.held + batch.refused, batch.read, Text("写入", "Taking in"))
    return queries.receipt(batch)


def _chunks(batch: "Batch") -> "Generator[StagedChunk, None, None]":
    if batch.kind == CUSTOMERS:
        return queries.staged(batch, customers.reader(batch.source))
    return queries.staged(batch)


def _absorb(batch: "Batch", chunk: StagedChunk, *, by: User | None) -> None:
    """One chunk, its outcome and its receipt in one transaction: a crash leaves all of it or nothing."""
    with transaction.atomic():
        outcome = _outcome(batch, chunk, by=by)
        intake.settle(chunk, held=outcome.held, added=outcome.added, changed=outcome.changed, by=by)


def _outcome(batch: "Batch", chunk: StagedChunk, *, by: User | None) -> Outcome:
    if batch.kind == CUSTOMERS:
        return customers.absorb(chunk.table, source=batch.source, by=by, batch=batch, said=chunk.prepared)
    return activity.absorb(batch.kind, chunk.table, source=batch.source, by=by, batch=batch)


@jobs.job("loop.collect", queue="bulk")
def collect(run: jobs.Run, *, batch: int) -> dict[str, object]:
    """Import one batch; the segments follow at once."""
    receipt = take_in(queries.batch(batch), run, by=run.job.by)
    if receipt.accepted:
        segments.keep_up()
    return receipt.as_json()
