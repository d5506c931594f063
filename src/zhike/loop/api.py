"""Many rows at once for other programs: one more channel of collecting, with a receipt and a result for every row."""

import csv
import io
from typing import Any, Literal, cast

from django.http import HttpRequest
from ninja import Field, Router, Schema

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.intake import actions as intake
from zhike.intake import queries
from zhike.kernel import jobs
from zhike.kernel.api import ApiRequest, needs
from zhike.kernel.rights import Right

router = Router(tags=["bulk"])

Row = dict[str, str | int | float | bool | None]
Kind = Literal["customers", "products", "orders", "returns", "interactions", "feedback", "events"]


class Rows(Schema):
    """Up to 5,000 rows of one kind from one source; columns are field keys or names, as in a file."""

    source: str = Field(min_length=1, max_length=60, description="the system the rows come from")
    rows: list[Row] = Field(min_length=1, max_length=5000)


class RowResult(Schema):
    """What became of one row (numbered from 0); `problems` say column, reason and remedy in both languages."""

    row: int
    state: str
    problems: list[dict[str, Any]]


class BulkOut(Schema):
    """The receipt and every row's result; `added` and `changed` count records, not rows."""

    batch: str
    read: int
    accepted: int
    held: int
    refused: int
    added: int | None
    changed: int | None
    results: list[RowResult]


@router.post("/bulk/{kind}", response=BulkOut)
@needs(Right.INTAKE_RUN)
def upsert(request: HttpRequest, kind: Kind, given: Rows) -> dict[str, Any]:
    """Add or update many rows; the same rows again change nothing."""
    user = cast(ApiRequest, request).user
    content, lines = _as_file(given.rows)
    batch = intake.receive_rows(content, kind=kind, source=given.source, by=user)
    title = Text(f"接口导入 {len(lines)} 行", f"API import of {len(lines)} rows")
    job = jobs.perform("loop.collect", by=user, title=title, batch=batch.pk)
    if job.error is not None:
        raise Refusal(Text.from_json(job.error["reason"]), Text.from_json(job.error["remedy"]))
    told = queries.receipt(batch, notes=len(lines)).as_json()
    passed_over = {row for row, _why in queries.not_data(batch)}
    return {**told, "results": _results(lines, cast(list[dict[str, Any]], told["problems"]), passed_over)}


def _as_file(rows: list[Row]) -> tuple[bytes, list[int]]:
    """The rows as CSV, and the line on which each of them begins (a value may hold line breaks)."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    lines, line = [], 2
    for row in rows:
        writer.writerow(row)
        lines.append(line)
        line += 1 + sum(value.count("\n") for value in row.values() if isinstance(value, str))
    return text.getvalue().encode(), lines


def _results(lines: list[int], problems: list[dict[str, Any]], passed_over: set[int]) -> list[dict[str, Any]]:
    notes: dict[int, list[dict[str, Any]]] = {}
    for note in problems:
        notes.setdefault(note["row"], []).append(note)
    return [
        {"row": row, "state": _state(line, notes, passed_over), "problems": notes.get(line, [])}
        for row, line in enumerate(lines)
    ]


def _state(line: int, notes: dict[int, list[dict[str, Any]]], passed_over: set[int]) -> str:
    if line in passed_over:
        return "not_data"
    return str(notes[line][0]["state"]) if line in notes else "accepted"
