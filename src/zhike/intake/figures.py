"""Keeps a batch's figures equal to its chunks and problems, which are what really happened."""

from django.db.models import Count, Sum

from zhike.intake import spool
from zhike.intake.models import Batch, BatchState, Chunk, Problem, ProblemState
from zhike.kernel import audit, clock


def recount(batch: Batch) -> None:
    """Read the figures off the chunks and problems; call inside the transaction that changed them."""
    told = ("read", "accepted", "added", "changed")
    chunks = Chunk.objects.filter(batch=batch).aggregate(**{name: Sum(name) for name in told})
    states: dict[str, int] = {}
    fresh: dict[str, int] = {}
    counted = Problem.objects.filter(batch=batch).values_list("state", "repeats").annotate(rows=Count("id"))
    for state, repeats, rows in counted.order_by():
        states[state] = states.get(state, 0) + rows
        fresh[state] = fresh.get(state, 0) + (0 if repeats else rows)
    batch.read = chunks["read"] or 0
    batch.accepted = chunks["accepted"] or 0
    batch.added, batch.changed = chunks["added"], chunks["changed"]
    batch.held = states.pop(ProblemState.HELD, 0)
    batch.refused = sum(states.values())
    batch.open_held = fresh.get(ProblemState.HELD, 0)
    batch.open_rows = batch.open_held + fresh.get(ProblemState.REFUSED, 0)
    figures = ("held", "refused", "open_rows", "open_held")
    batch.save(update_fields=[*told, *figures])


def finish_if_complete(batch: Batch) -> None:
    """End a batch whose last chunk is absorbed: its receipt is final and its file is forgotten."""
    if batch.state != BatchState.ABSORBING:
        return
    if Chunk.objects.filter(batch=batch, state=Chunk.State.STAGED).exists():
        return
    batch.state = BatchState.DONE
    batch.finished_at, batch.sample = clock.now(), b""
    batch.save(update_fields=["state", "finished_at", "sample"])
    figures = {
        name: getattr(batch, name) for name in ("kind", "read", "accepted", "held", "refused", "not_data")
    }
    audit.record("intake.finished", batch, by=batch.by, changes=figures)
    spool.delete(batch.key)
