"""After a key rotation: seal every kept value anew with the current key, in small committed steps."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from zhike.core.text import Text
from zhike.kernel import audit, bulk, jobs, sealing

STEP = 5000
TITLE = Text(zh="用新密钥重新加密", en="Seal again with the new key")


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed tokens: one token a row, or a JSON object of field → token. `row` names the AAD's row."""

    table: str
    column: str
    row: str = "key"
    is_map: bool = False


_columns: dict[tuple[str, str], SealedColumn] = {}


def register(column: SealedColumn) -> SealedColumn:
    """Register a column that a rotation must seal anew."""
    _columns[column.table, column.column] = column
    return column


@jobs.job("kernel.reseal", queue="bulk")
def reseal(run: jobs.Run) -> dict[str, object]:
    """Seal anew whatever an older key sealed; can be stopped and run again at any time."""
    counts: dict[str, object] = {}
    total = sum(_stale(column) for column in _columns.values())
    done = 0
    for column in _columns.values():
        for step in _steps(column):
            done += step
            counts[column.table] = int(str(counts.get(column.table, 0))) + step
            run.progress(done, max(total, done))
    audit.record("keys.resealed", None, by=run.job.by, changes=counts)
    return counts


def _pattern(column: SealedColumn) -> str:
    """What marks a value as sealed by an older key: a token not beginning with the current key's id."""
    current = f"{sealing.ring().current}."
    if column.is_map:
        return (
            f"EXISTS (SELECT 1 FROM jsonb_each_text({column.column}) AS one WHERE left(one.value, {len(current)}) "
            f"<> '{current}')"
        )
    return f"left({column.column}, {len(current)}) <> '{current}'"


def _stale(column: SealedColumn) -> int:
    return int(bulk.rows(f"SELECT count(*) FROM {column.table} WHERE {_pattern(column)}")[0][0])


def _steps(column: SealedColumn) -> Iterator[int]:
    """Each step commits on its own; yields how many rows it sealed anew."""
    while True:
        with transaction.atomic():
            step = _step(column)
        if not step:
            return
        yield step


def _step(column: SealedColumn) -> int:
    found = bulk.rows(
        f"SELECT id, {column.row}::text, {column.column} FROM {column.table} "
        f"WHERE {_pattern(column)} ORDER BY id LIMIT {STEP} FOR UPDATE"
    )
    kind = "jsonb" if column.is_map else "text"
    fresh = [(key, _anew(column, row, kept)) for key, row, kept in found]
    with bulk.staged({"id": "bigint", "fresh": kind}, fresh) as staged, connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {column.table} AS t SET {column.column} = s.fresh FROM "{staged}" AS s WHERE t.id = s.id'
        )
    return len(fresh)


def _anew(column: SealedColumn, row: str, kept: str) -> str:
    def one(token: str) -> str:
        place = {"table": column.table, "column": column.column, "row": row}
        return sealing.seal(sealing.unseal(token, **place), **place)

    if column.is_map:  # a raw cursor hands JSON over as text
        return json.dumps({field: one(token) for field, token in json.loads(kept).items()})
    return one(kept)
