"""From the spooled file to sealed chunks of clean rows: read, map, clean, stage; a chunk is one transaction."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from psycopg.types.json import Jsonb

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.intake import figures, queries, recognising, sealed_rows, spool
from zhike.intake.cleaning import Cleaned, Cleaner, Place
from zhike.intake.keys import Keys
from zhike.intake.models import Batch, BatchState, Chunk, Problem, ProblemState
from zhike.intake.reading import layout, pieces, tables
from zhike.intake.reading.pieces import Piece
from zhike.intake.sealed_rows import OpenRow
from zhike.kernel import audit, bulk, jobs

CHUNK_ROWS = 20_000
MOST_REMARKED = 5_000

STEP_READ = Text(zh="读取与清洗", en="Reading and cleaning")


@dataclass(slots=True)
class Block:
    """Rows of the data area that make one chunk, and the rows between them that are no records."""

    pieces: list[Piece] = field(default_factory=list)
    not_data: list[tuple[int, str]] = field(default_factory=list)
    size: int = 0

    def add(self, records: Piece, not_data: list[tuple[int, layout.NotData]]) -> None:
        """Put rows behind those it holds."""
        if len(records):
            self.pieces.append(records)
            self.size += len(records)
        self.not_data += [(number, why.value) for number, why in not_data]


def stage(batch: Batch, run: jobs.Run) -> Batch:
    """Read, map, clean and stage a confirmed batch; after an interruption it goes on with the next chunk.

    A file that turns out to be unreadable midway fails the batch as a whole: none of it is absorbed.
    """
    if batch.state not in {BatchState.WAITING, BatchState.STAGING}:
        return batch
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.STAGING, job=run.job)
    try:
        _stage(batch, run)
    except Refusal as refusal:
        _fail(batch, refusal)
        raise
    return batch


def _stage(batch: Batch, run: jobs.Run) -> None:
    header = tables.header_of(batch.found)
    places = [Place(*one) for one in queries.places(batch)]
    kind = queries.kind(batch.kind)
    cleaner = Cleaner(kind, places, _width(batch, header))
    keys = Keys(kind)
    staged = list(Chunk.objects.filter(batch=batch).order_by("number").values_list("number", "marks"))
    for _, marks in staged:
        keys.remember(bytes(marks))
    total = max(int(batch.found.get("rows_estimate", 0)), 1)
    blocks = itertools.islice(_blocks(batch, header), len(staged), None)
    for number, block in enumerate(blocks, len(staged)):
        rows = pieces.joined(block.pieces)
        cleaned = cleaner.clean(rows.numbers.to_pylist(), rows.columns)
        with transaction.atomic():
            _keep(batch, number, rows, block.not_data, cleaned, keys)
        run.progress(min((number + 1) * CHUNK_ROWS, total), total, STEP_READ)
    with transaction.atomic():
        _complete(batch)


def _blocks(batch: Batch, header: layout.Header) -> Iterator[Block]:
    """The rows below the header in blocks of equal size, so that a chunk's number tells which rows it holds."""
    block = Block()
    for piece in tables.read_pieces(spool.opener(batch.key), batch.found):
        records, not_data = layout.records(piece, header)
        while block.size + len(records) >= CHUNK_ROWS:
            part, records = records.slice(0, room := CHUNK_ROWS - block.size), records.slice(room)
            last = part.numbers[-1].as_py()
            block.add(part, [one for one in not_data if one[0] < last])
            not_data = [one for one in not_data if one[0] > last]
            yield block
            block = Block()
        block.add(records, not_data)
    if block.size or block.not_data:
        yield block


def _width(batch: Batch, header: layout.Header) -> int:
    """Where a row of a text file must end; beside a table in a workbook people keep notes."""
    return header.columns[-1].index + 1 if batch.found.get("text") else 1 << 20


def _keep(
    batch: Batch, number: int, rows: Piece, not_data: list[tuple[int, str]], cleaned: Cleaned, keys: Keys
) -> None:
    """One chunk with its problems, in the caller's transaction."""
    wrong = pa.array(list(cleaned.bad), pa.int64())
    cells = dict(rows.filter(pc.is_in(rows.numbers, value_set=wrong)).rows()) if cleaned.bad else {}
    refused = {row: OpenRow(cells[row], sealed_rows.wrong_cells(found)) for row, found in cleaned.bad.items()}
    write_problems(batch, refused, ProblemState.REFUSED)
    table, marks = keys.add(cleaned.table)
    chunk = Chunk(batch=batch, number=number, read=len(rows), marks=marks, not_data=not_data[:MOST_REMARKED])
    seal_chunk(chunk, table, sealed_rows.raw_table(rows.numbers, rows.columns))
    batch.not_data += len(not_data)
    batch.save(update_fields=["not_data"])


def seal_chunk(chunk: Chunk, table: pa.Table, raw: pa.Table) -> None:
    """Seal a chunk's clean rows and those rows as they stood in the file; one without rows has nothing left to do."""
    chunk.rows = table.num_rows
    if not chunk.rows:
        chunk.state, chunk.payload, chunk.raw = Chunk.State.ABSORBED, b"", b""
    else:
        if table.num_rows < raw.num_rows:
            raw = raw.filter(pc.is_in(raw["row"], value_set=table["row"].combine_chunks()))
        key, number = chunk.batch.key, chunk.number
        chunk.payload = sealed_rows.seal_table(table.combine_chunks(), key, f"payload{number}")
        chunk.raw = sealed_rows.seal_table(raw, key, f"raw{number}")
    chunk.save(force_insert=True)


def write_problems(batch: Batch, rows: dict[int, OpenRow], state: ProblemState) -> None:
    """Keep rows that were not accepted, sealed; those an earlier batch has already told of are marked."""
    if not rows:
        return
    known = recognising.Recogniser(batch)
    columns = ("batch_id", "row", "state", "columns", "sealed", "content", "identity", "repeats")
    bulk.copy_rows(
        Problem._meta.db_table,
        columns,
        (
            (batch.pk, number, state.value, Jsonb([one.column for one in row.wrong]),
             sealed_rows.seal_row(row, batch.key, number), known.content(row.cells), known.identity(row.cells), False)
            for number, row in rows.items()
        ),
    )  # fmt: skip
    recognising.mark_repeats(batch, list(rows))


def _complete(batch: Batch) -> None:
    batch.state = BatchState.ABSORBING
    batch.save(update_fields=["state"])
    figures.recount(batch)
    figures.finish_if_complete(batch)


def _fail(batch: Batch, refusal: Refusal) -> None:
    """Nothing of an unreadable file is taken in: what was staged is dropped, the reason stays."""
    with transaction.atomic():
        Chunk.objects.filter(batch=batch).delete()
        Problem.objects.filter(batch=batch).delete()
        batch.state, batch.not_data = BatchState.FAILED, 0
        batch.error = refusal.text.as_json()
        batch.save(update_fields=["state", "error", "not_data"])
        figures.recount(batch)
        audit.record("intake.failed", batch, by=batch.by)
