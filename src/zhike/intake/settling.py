"""After absorbing: what became of a chunk's rows, and what staff do about the rows that wait."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Max

from zhike.core.text import Text
from zhike.intake import figures, origin, queries, recognising, sealed_rows, spool
from zhike.intake.cleaning import Cleaner, Place
from zhike.intake.facts import HeldRow, IntakeRefusal, StagedChunk
from zhike.intake.models import Batch, BatchState, Chunk, Problem, ProblemState
from zhike.intake.reading import tables
from zhike.intake.reading.pieces import columns_of
from zhike.intake.receiving import enqueue, enqueue_look
from zhike.intake.sealed_rows import OpenRow, Wrong
from zhike.intake.staging import seal_chunk, write_problems
from zhike.kernel import audit, jobs
from zhike.kernel.models import User

RETRY_ROWS = 20_000


@transaction.atomic
def settle(
    chunk: StagedChunk,
    *,
    held: Sequence[HeldRow] = (),
    refused: Sequence[HeldRow] = (),
    added: int | None = None,
    changed: int | None = None,
    by: User | None = None,
) -> Batch:
    """Note what became of a chunk's rows; call in the transaction that absorbed them. Settling twice changes nothing.

    `added` and `changed` count records, not rows: of an order told in three rows there is one.
    """
    batch = Batch.objects.select_for_update().get(pk=chunk.batch)
    waiting = Chunk.objects.select_for_update().only("rows", "state", "number")
    kept = waiting.filter(batch=batch, number=chunk.number).first()
    if kept is None:  # somebody discarded the batch after the chunk was opened
        raise jobs.Cancelled
    if kept.state == Chunk.State.ABSORBED:
        return batch
    away = {one.row for one in (*held, *refused)}
    if away or _origin_place(batch) is not None:
        raw = sealed_rows.open_table(kept.raw, batch.key, f"raw{kept.number}")
        _write_away(batch, chunk, raw, held, refused)
        _mark_corrected(batch, raw, away)
    gone = pa.array(list(away), pa.int64())
    recognising.settle_known(batch, lambda: chunk.table.filter(pc.invert(pc.is_in(chunk.table["row"], gone))))
    kept.accepted = kept.rows - len(away)
    kept.added, kept.changed = added, changed
    kept.state, kept.payload, kept.raw = Chunk.State.ABSORBED, b"", b""
    kept.save(update_fields=["accepted", "added", "changed", "state", "payload", "raw"])
    figures.recount(batch)
    figures.finish_if_complete(batch)
    return batch


@transaction.atomic
def retry(*, batch: Batch, by: User) -> int:
    """Try the held rows again, for example after their customers have been imported; returns how many."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("source").get(pk=batch.pk)
    if batch.state != BatchState.DONE:
        raise IntakeRefusal(
            reason=Text(zh="这个批次还没有结束。", en="This batch has not finished yet."),
            remedy=Text(zh="请等它结束后再重试。", en="Wait until it has, then try again."),
        )
    waiting = list(queries.problems(batch, state=ProblemState.HELD).select_for_update())
    if not waiting:
        return 0
    number = (Chunk.objects.filter(batch=batch).aggregate(last=Max("number"))["last"] or 0) + 1
    for start in range(0, len(waiting), RETRY_ROWS):
        _stage_again(batch, number + start // RETRY_ROWS, waiting[start : start + RETRY_ROWS])
    batch.state, batch.finished_at = BatchState.ABSORBING, None
    batch.save(update_fields=["state", "finished_at"])
    figures.recount(batch)
    audit.record("intake.retried", batch, by=by, changes={"rows": len(waiting)})
    enqueue(batch, by=by)
    return len(waiting)


@transaction.atomic
def dismiss(*, batch: Batch, rows: Iterable[int] | None, by: User) -> int:
    """Lay rows aside that need nothing more (all open ones when `rows` is None); they stay counted as refused."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    chosen = Problem.objects.filter(queries.OPEN, batch=batch)
    if rows is not None:
        chosen = chosen.filter(row__in=list(rows))
    count = chosen.update(state=ProblemState.DISMISSED)
    figures.recount(batch)
    audit.record("intake.dismissed", batch, by=by, changes={"rows": count})
    return count


@transaction.atomic
def discard(*, batch: Batch, by: User) -> None:
    """Give up a batch that was not imported; its file is forgotten, what was already taken in stays."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == BatchState.DONE:
        raise IntakeRefusal(
            reason=Text(zh="这个批次已经导入。", en="This batch has been imported."),
            remedy=Text(zh="可以忽略其中的问题行。", en="You can dismiss its problem rows."),
        )
    Chunk.objects.filter(batch=batch, state=Chunk.State.STAGED).delete()
    batch.state, batch.sample = BatchState.DISCARDED, b""
    batch.save(update_fields=["state", "sample"])
    figures.recount(batch)
    audit.record("intake.discarded", batch, by=by)
    spool.delete(batch.key)


@transaction.atomic
def stop(*, batch: Batch, by: User) -> None:
    """Ask the job of an import under way to stop; it can be resumed."""
    if batch.job is not None and not batch.job.ended:
        jobs.cancel(batch.job)
        audit.record("intake.stopped", batch, by=by)


@transaction.atomic
def resume(*, batch: Batch, by: User) -> Batch:
    """Queue a stopped import again; it goes on where it stopped."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("source", "job").get(pk=batch.pk)
    stopped = batch.job is None or batch.job.ended
    under_way = {BatchState.LOOKING, BatchState.WAITING, BatchState.STAGING, BatchState.ABSORBING}
    if not stopped or batch.state not in under_way:
        raise IntakeRefusal(
            reason=Text(zh="这个批次没有停下来的步骤。", en="Nothing of this batch has stopped."),
            remedy=Text(zh="请查看它的进度或回执。", en="Look at its progress or receipt."),
        )
    return enqueue_look(batch, by=by) if batch.state == BatchState.LOOKING else enqueue(batch, by=by)


def _stage_again(batch: Batch, number: int, waiting: list[Problem]) -> None:
    """Clean held rows anew (the blueprint may have changed) and stage them under the keys they had."""
    rows = {one.row: sealed_rows.open_row(one.sealed, batch.key, one.row) for one in waiting}
    cleaner = Cleaner(queries.kind(batch.kind), [Place(*one) for one in queries.places(batch)], 1 << 20)
    columns = columns_of([row.cells for row in rows.values()])
    cleaned = cleaner.clean(list(rows), columns)
    Problem.objects.filter(pk__in=[one.pk for one in waiting]).delete()
    bad = {n: OpenRow(rows[n].cells, sealed_rows.wrong_cells(found)) for n, found in cleaned.bad.items()}
    write_problems(batch, bad, ProblemState.REFUSED)
    table = _with_keys(cleaned.table, [rows[n].key for n in cleaned.table["row"].to_pylist()])
    raw = sealed_rows.raw_table(list(rows), columns)
    seal_chunk(Chunk(batch=batch, number=number, read=0), table, raw)


def _write_away(
    batch: Batch, chunk: StagedChunk, raw: pa.Table, held: Sequence[HeldRow], refused: Sequence[HeldRow]
) -> None:
    """Keep the rows that were not accepted, as they stood in the file."""
    wanted = pa.array([one.row for one in (*held, *refused)], pa.int64())
    rows = sealed_rows.raw_rows(raw.filter(pc.is_in(raw["row"], wanted)))
    keys = _keys(chunk.table) if held else {}
    not_refused = [one for one in held if one.row not in {other.row for other in refused}]
    names = {field.key: name for _index, name, field in queries.places(batch)}
    write_problems(batch, _open_rows(refused, rows, keys, names), ProblemState.REFUSED)
    write_problems(batch, _open_rows(not_refused, rows, keys, names), ProblemState.HELD)


def _open_rows(
    outcomes: Sequence[HeldRow],
    rows: dict[int, list[str]],
    keys: dict[int, tuple[str, int]],
    names: Mapping[str, str],
) -> dict[int, OpenRow]:
    found: dict[int, OpenRow] = {}
    for one in outcomes:
        wrong = Wrong(names.get(one.field, ""), one.reason, one.remedy)
        if one.row in found:
            found[one.row].wrong.append(wrong)
        else:
            found[one.row] = OpenRow(rows[one.row], [wrong], keys.get(one.row))
    return found


def _keys(table: pa.Table) -> dict[int, tuple[str, int]]:
    if "row_key" not in table.column_names:
        return {}
    pairs = zip(table["row_key"].to_pylist(), table["occurrence"].to_pylist(), strict=True)
    return dict(zip(table["row"].to_pylist(), pairs, strict=True))


def _with_keys(table: pa.Table, keys: list[tuple[str, int] | None]) -> pa.Table:
    if not any(keys):
        return table
    table = table.append_column("row_key", pa.array([key[0] if key else None for key in keys], pa.string()))
    return table.append_column("occurrence", pa.array([key[1] if key else 1 for key in keys], pa.int64()))


def _origin_place(batch: Batch) -> int | None:
    """Where the file says which row of an earlier batch each row corrects."""
    columns = tables.header_of(batch.found).columns
    return next((one.index for one in columns if one.name == origin.ORIGIN), None)


def _mark_corrected(batch: Batch, raw: pa.Table, away: set[int]) -> None:
    """Rows of an earlier batch that came back in a problem file and were accepted now need nobody any more."""
    place = _origin_place(batch)
    if place is None or f"c{place}" not in raw.column_names:
        return
    origins: dict[UUID, list[int]] = {}
    for number, cell in zip(raw["row"].to_pylist(), raw[f"c{place}"].to_pylist(), strict=True):
        if number not in away and (named := origin.read(cell)):
            origins.setdefault(named[0], []).append(named[1])
    earlier = Batch.objects.select_for_update().filter(kind=batch.kind, source=batch.source)
    for one in earlier.filter(key__in=origins).order_by("pk"):
        recognising.correct(Problem.objects.filter(row__in=origins[one.key]), {one.pk})
