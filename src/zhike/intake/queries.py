"""Questions to intake: sources and batches, staged chunks, receipts and rows with problems."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404

from zhike.blueprint import queries as blueprints
from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake import sealed_rows, spool
from zhike.intake.facts import IntakeRefusal, Kind, ProblemNote, Receipt, StagedChunk
from zhike.intake.kinds import registry
from zhike.intake.models import Batch, BatchState, Chunk, Problem, ProblemState, Source
from zhike.intake.reading import layout, tables
from zhike.kernel.models import User
from zhike.kernel.rights import Right

OPEN_STATES = (ProblemState.HELD, ProblemState.REFUSED)
OPEN = Q(state__in=OPEN_STATES, repeats=False)
NEEDS_SOMEBODY = Q(state=BatchState.MAPPING) | Q(state=BatchState.DONE, open_rows__gt=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source as the list shows it."""

    source: Source
    batches: int
    last: datetime | None
    columns: int


def kinds() -> tuple[Kind, ...]:
    """All kinds of data that can be imported."""
    return registry.every()


def kind(key: str) -> Kind:
    """One kind by its key; raises `IntakeRefusal`."""
    return registry.kind(key)


def kind_or_404(key: str) -> Kind:
    """One kind by its key, or 404."""
    try:
        return registry.kind(key)
    except IntakeRefusal as refusal:
        raise Http404(key) from refusal


def module_labels() -> dict[str, Text]:
    """The blueprint's modules by key, as headings of its fields."""
    return {module.key: module.label for module in blueprints.current().modules}


def sources() -> QuerySet[Source]:
    """All sources, the most believed first."""
    return Source.objects.all()


def source_rows(user: User) -> list[SourceRow]:
    """All sources with how many of the batches the user may see came from each, and when the last one did."""
    seen = visible_to(user).order_by().values("source").annotate(count=Count("pk"), last=Max("created_at"))
    known = {one["source"]: one for one in seen}
    return [
        SourceRow(
            source=one,
            batches=known[one.pk]["count"] if one.pk in known else 0,
            last=known[one.pk]["last"] if one.pk in known else None,
            columns=sum(1 for columns in one.mapping.values() for field in columns.values() if field),
        )
        for one in sources()
    ]


def source_for(key: str) -> Source:
    """A source by its key, or 404."""
    return get_object_or_404(Source, key=key)


def ranks() -> dict[str, int]:
    """How far each source is believed: key → rank, higher is better."""
    return dict(Source.objects.values_list("key", "rank"))


def visible_to(user: User) -> QuerySet[Batch]:
    """The batches a user may see: all with scope over everybody, else those the user sent."""
    if not user.has(Right.INTAKE_VIEW):
        return Batch.objects.none()
    every = Batch.objects.select_related("source", "by", "job")
    return every if user.scope == "all" else every.filter(by=user)


def batch_for(user: User, key: UUID) -> Batch:
    """A batch by its key, or 404."""
    return get_object_or_404(visible_to(user), key=key)


def batch(pk: int) -> Batch:
    """A batch by its id, for jobs."""
    return Batch.objects.select_related("source", "by").get(pk=pk)


def search(
    user: User, *, text: str = "", kind: str = "", state: str = "", open_only: bool = False
) -> QuerySet[Batch]:
    """The batches a user may see that fit, newest first; `text` looks in file and source names."""
    found = visible_to(user)
    if text:
        found = found.filter(Q(file_name__icontains=text) | Q(source__name__icontains=text))
    if kind:
        found = found.filter(kind=kind)
    if state in BatchState.values:
        found = found.filter(state=state)
    return found.filter(NEEDS_SOMEBODY) if open_only else found


def needing(user: User) -> QuerySet[Batch]:
    """Batches that wait for somebody: columns to confirm, or rows to correct or try again."""
    return visible_to(user).filter(NEEDS_SOMEBODY)


def may_read_rows(user: User, batch: Batch) -> bool:
    """Whether rows may be read in clear: by whoever sent the file, and by those who may see names and contacts."""
    own = batch.by_id == user.pk and user.has(Right.INTAKE_RUN)
    return own or (user.has(Right.NAMES_VIEW) and user.has(Right.PERSONAL_REVEAL))


def sent_before(batch: Batch, user: User | None = None) -> Batch | None:
    """An earlier batch of the same kind with the very same file; with a user, one that they may see."""
    among = Batch.objects.all() if user is None else visible_to(user)
    same = among.filter(sha256=batch.sha256, kind=batch.kind, pk__lt=batch.pk, state=BatchState.DONE)
    return same.order_by("-pk").first()


def has_file(batch: Batch) -> bool:
    """Whether the uploaded file is still there to be read again."""
    return spool.path_of(batch.key).exists()


def sample(batch: Batch) -> list[tuple[int, list[str]]]:
    """The first rows of the file with their numbers."""
    if not batch.sample:
        return []
    return list(sealed_rows.raw_rows(sealed_rows.open_table(batch.sample, batch.key, "sample")).items())


def sample_rows(batch: Batch) -> list[tuple[int, list[str]]]:
    """Of the first rows those that are data."""
    header = tables.header_of(batch.found)
    return [
        (number, cells)
        for number, cells in sample(batch)
        if number > header.row and layout.not_data(cells, header) is None
    ]


def staged(
    batch: Batch, prepare: Callable[[pa.Table], Any] = lambda table: None
) -> Generator[StagedChunk, None, None]:
    """The chunks of a batch that wait to be absorbed, in order.

    While one is absorbed, which is mostly PostgreSQL's work, the next is opened and prepared in a thread; `prepare` must
    not ask the database.
    """
    waiting = Chunk.objects.filter(batch=batch, state=Chunk.State.STAGED).order_by("number")
    before: Future[StagedChunk] | None = None
    with ThreadPoolExecutor(1, "prepare") as ahead:
        for number in list(waiting.values_list("number", flat=True)):
            chunk = waiting.filter(number=number).defer("raw", "marks").first()
            if chunk is None:
                continue
            coming = ahead.submit(_opened, chunk, batch.key, prepare)
            if before is not None:
                yield before.result()
            before = coming
        if before is not None:
            yield before.result()


def _opened(chunk: Chunk, batch: UUID, prepare: Callable[[pa.Table], Any]) -> StagedChunk:
    table = sealed_rows.open_table(chunk.payload, batch, f"payload{chunk.number}")
    return StagedChunk(
        batch=chunk.batch_id, number=chunk.number, rows=chunk.rows, table=table, prepared=prepare(table)
    )


def waiting_rows(batch: Batch) -> int:
    """How many cleaned rows wait to be absorbed."""
    waiting = Chunk.objects.filter(batch=batch, state=Chunk.State.STAGED)
    return int(waiting.aggregate(rows=Sum("rows"))["rows"] or 0)


def receipt(batch: Batch, *, notes: int = 0) -> Receipt:
    """What became of every row; with up to `notes` problems in clear (for the sender's own eyes only)."""
    batch.refresh_from_db()
    told = (note for problem in problems(batch)[:notes] for note in problem_notes(batch, problem))
    return Receipt(
        batch=batch.key,
        kind=batch.kind,
        file=batch.file_name,
        state=batch.state,
        read=batch.read,
        accepted=batch.accepted,
        held=batch.held,
        refused=batch.refused,
        waiting=waiting_rows(batch),
        not_data=batch.not_data,
        added=batch.added,
        changed=batch.changed,
        problems=tuple(told) if notes else (),
    )


def problems(batch: Batch, *, state: str = "", column: str = "") -> QuerySet[Problem]:
    """Rows of a batch that were not accepted, by row number."""
    found = Problem.objects.filter(batch=batch).order_by("row")
    if state:
        found = found.filter(state=state)
    return found.filter(columns__contains=[column]) if column else found


def problem_for(batch: Batch, row: int) -> Problem:
    """One row of a batch that was not accepted, or 404."""
    return get_object_or_404(Problem, batch=batch, row=row)


def problem_notes(batch: Batch, problem: Problem) -> list[ProblemNote]:
    """What is wrong with a row, cell by cell, in clear."""
    row = sealed_rows.open_row(problem.sealed, batch.key, problem.row)
    places = {name: index for index, name, _group in batch.found["columns"]}
    return [
        ProblemNote(
            row=problem.row,
            column=wrong.column,
            value=_cell(row.cells, places.get(wrong.column)),
            reason=wrong.reason,
            remedy=wrong.remedy,
            state=problem.state,
        )
        for wrong in row.wrong
    ]


def problem_columns(batch: Batch) -> list[tuple[str, int]]:
    """The columns with problems and how many rows each concerns, the worst first."""
    counts: dict[str, int] = {}
    for columns in Problem.objects.filter(OPEN, batch=batch).values_list("columns", flat=True):
        for column in columns:
            counts[column] = counts.get(column, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])


def earlier_receipts(batch: Batch, user: User) -> QuerySet[Batch]:
    """The batches the user may see in which rows of this one were already waiting for somebody."""
    repeated = Problem.objects.filter(batch=batch, repeats=True)
    known = Problem.objects.filter(content__in=repeated.values("content"), repeats=False)
    return visible_to(user).filter(pk__in=known.exclude(batch=batch).values("batch"))


def not_data(batch: Batch) -> list[tuple[int, layout.NotData]]:
    """Rows below the header that are no records (totals, remarks, repeated headers), by row number."""
    kept = Chunk.objects.filter(batch=batch).order_by("number").values_list("not_data", flat=True)
    return [(row, layout.NotData(why)) for some in kept for row, why in some]


def places(batch: Batch) -> list[tuple[int, str, FieldSpec]]:
    """The confirmed columns with their fields; a field that no longer exists is left out."""
    fields = {one.key: one for one in kind(batch.kind).fields()}
    return [(index, name, fields[key]) for index, name, key in batch.mapping if key in fields]


def _cell(cells: list[str], index: Any) -> str:
    return cells[index] if isinstance(index, int) and index < len(cells) else ""
