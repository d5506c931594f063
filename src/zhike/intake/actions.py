"""Everything that changes batches and sources; other stages call these and nothing else."""

from django.db import transaction

from zhike.core.text import Text
from zhike.intake.facts import IntakeRefusal, UnknownColumns
from zhike.intake.models import Batch, Source
from zhike.intake.receiving import (
    change_kind,
    confirm,
    ensure_source,
    look,
    look_again,
    receive,
    receive_path,
    receive_rows,
    suggestions,
)
from zhike.intake.settling import discard, dismiss, resume, retry, settle, stop
from zhike.intake.staging import stage
from zhike.kernel import audit
from zhike.kernel.models import User

__all__ = [
    "change_kind",
    "change_source",
    "confirm",
    "discard",
    "dismiss",
    "ensure_source",
    "forget_column",
    "look",
    "look_again",
    "note_download",
    "receive",
    "receive_path",
    "receive_rows",
    "resume",
    "retry",
    "settle",
    "stage",
    "stop",
    "suggestions",
]


@transaction.atomic
def change_source(
    *, source: Source, name: str, rank: int, unknown_columns: UnknownColumns, by: User
) -> Source:
    """Rename a source, or change how far it is believed and what becomes of unknown columns."""
    if not name.strip():
        raise IntakeRefusal(
            reason=Text(zh="来源没有名称。", en="The source has no name."),
            remedy=Text(zh="请填写名称。", en="Give it a name."),
        )
    before = {"name": source.name, "rank": source.rank, "unknown_columns": source.unknown_columns}
    source.name, source.rank, source.unknown_columns = name.strip(), rank, unknown_columns.value
    source.save(update_fields=["name", "rank", "unknown_columns"])
    audit.record("intake.source_changed", source, by=by, changes={"before": before})
    return source


@transaction.atomic
def note_download(*, batch: Batch, by: User) -> None:
    """Note that somebody took the problem rows of a batch out as a file."""
    audit.record("intake.problems_downloaded", batch, by=by, changes={"rows": batch.open_rows})


@transaction.atomic
def forget_column(*, source: Source, kind: str, column: str, by: User) -> None:
    """Forget how one column of a source was matched."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    kept = {name: field for name, field in source.mapping.get(kind, {}).items() if name != column}
    source.mapping = {**source.mapping, kind: kept}
    source.save(update_fields=["mapping"])
    audit.record("intake.column_forgotten", source, by=by, changes={"kind": kind, "column": column})
