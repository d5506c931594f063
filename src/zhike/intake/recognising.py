"""Rows that come again: the same row sent twice is one problem, and a row that goes through settles the earlier ones of its kind.

Of a problem two keyed digests are kept, so that nothing readable lies beside the sealed row: of its cells as they
stood in the file, and of what identifies it (`Kind.known_by`: a customer's code, an order's number and product).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet

from zhike.core.errors import BadValue
from zhike.intake import figures, queries
from zhike.intake.models import Batch, BatchState, Problem, ProblemState
from zhike.kernel import bulk, sealing

_MARK_REPEATS = """
    UPDATE intake_problem AS fresh SET repeats = true FROM intake_problem AS known JOIN intake_batch AS of ON of.id = known.batch_id
    WHERE fresh.batch_id = %(batch)s AND fresh.row = ANY(%(rows)s) AND known.content = fresh.content
    AND known.batch_id <> fresh.batch_id AND NOT known.repeats AND of.state <> ALL(%(given_up)s)
"""
# What this very file still has open is not settled by another row of the same order or customer in it.
_SETTLED = """
    SELECT known.id, known.batch_id FROM intake_problem AS known JOIN "{staged}" AS taken ON taken.identity = known.identity
    WHERE known.batch_id < %(batch)s AND known.state = ANY(%(open)s)
    AND NOT EXISTS (SELECT FROM intake_problem AS own WHERE own.batch_id = %(batch)s AND own.identity = known.identity)
"""


class Recogniser:
    """Digests of the rows of one batch, comparable with those of other batches of its source and kind."""

    def __init__(self, batch: Batch) -> None:
        of = f"{batch.source_id}|{batch.kind}"
        self._ways = queries.kind(batch.kind).known_by
        self._places = sorted((field.key, index, field) for index, _, field in queries.places(batch))
        self._content = sealing.blinder(f"intake.content|{of}")
        self._identity = sealing.blinder(f"intake.identity|{of}")

    def content(self, cells: Sequence[str]) -> bytes:
        """The digest of the cells that fill fields."""
        return self._content("\x1f".join(f"{key}={_cell(cells, index)}" for key, index, _ in self._places))

    def identity(self, cells: Sequence[str]) -> bytes | None:
        """The digest of what identifies a row that is still as in the file, or None when that is missing or wrong."""
        wanted = {key for way in self._ways for key in way}
        values: dict[str, Any] = {}
        for key, index, field in self._places:
            if key in wanted:
                try:
                    values[key] = field.clean(_cell(cells, index))
                except BadValue:
                    continue
        return self._of(values)

    def identities(self, table: pa.Table) -> set[bytes]:
        """The digests of the rows of a cleaned table."""
        names = [name for name in table.column_names if any(name in way for way in self._ways)]
        rows = table.select(names).to_pylist()
        return {found for row in rows if (found := self._of(row)) is not None}

    def _of(self, values: Mapping[str, Any]) -> bytes | None:
        for way in self._ways:
            if all(values.get(key) is not None for key in way):
                return self._identity("\x1f".join(str(values[key]) for key in way))
        return None


def mark_repeats(batch: Batch, rows: Sequence[int]) -> None:
    """Of problems just written, those that an earlier batch already has need nobody a second time."""
    given_up = [BatchState.FAILED.value, BatchState.DISCARDED.value]
    bulk.run(_MARK_REPEATS, {"batch": batch.pk, "rows": list(rows), "given_up": given_up})


def settle_known(batch: Batch, accepted: Callable[[], pa.Table]) -> None:
    """Close the open problems of earlier batches whose row has now been accepted; costs one question when there are none."""
    earlier = Batch.objects.filter(source=batch.source_id, kind=batch.kind, pk__lt=batch.pk)
    if not _open(earlier).exclude(identity=None).exists():
        return
    identities = Recogniser(batch).identities(accepted())
    with bulk.staged({"identity": "bytea"}, ((one,) for one in identities), index="identity") as staged:
        found = bulk.rows(
            _SETTLED.format(staged=staged),
            {"batch": batch.pk, "open": [one.value for one in queries.OPEN_STATES]},
        )
    correct(Problem.objects.filter(pk__in=[pk for pk, _ in found]), {of for _, of in found})


def correct(problems: QuerySet[Problem], batches: set[int]) -> None:
    """Mark open problems of these batches as corrected and count the batches anew."""
    for one in Batch.objects.select_for_update().filter(pk__in=batches).order_by("pk"):
        problems.filter(batch=one, state__in=queries.OPEN_STATES).update(state=ProblemState.CORRECTED)
        figures.recount(one)


def _open(batches: QuerySet[Batch]) -> QuerySet[Problem]:
    return Problem.objects.filter(batch__in=batches, state__in=queries.OPEN_STATES)


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""
