"""Taking a file in: spool it, look at it, suggest which column is what, and queue it when somebody confirms."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from pypinyin import lazy_pinyin

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.intake import adding, matching, queries, sealed_rows, spool
from zhike.intake.facts import IntakeRefusal, UnknownColumns
from zhike.intake.matching import Suggestion
from zhike.intake.models import Batch, BatchState, Source
from zhike.intake.origin import OURS
from zhike.intake.reading import filetypes, refusals, tables
from zhike.intake.reading.filetypes import FileType
from zhike.intake.reading.headings import plain
from zhike.intake.reading.pieces import columns_of
from zhike.intake.reading.refusals import BadFile
from zhike.kernel import audit, jobs
from zhike.kernel.models import User

LONGEST_NAME = 120
LARGE_WORKBOOK = 4 << 20
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_BAD_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\\/\u202a-\u202e\u2066-\u2069]+")


def receive(
    *, blocks: Iterable[bytes], name: str, kind: str, source: Source, by: User | None, at_once: bool = False
) -> Batch:
    """Spool an uploaded file and look at it; a file that cannot be read leaves nothing behind but the refusal.

    Opening a large workbook takes seconds: it is left to the job `intake.look`, unless `at_once`.
    """
    queries.kind(kind)
    batch = Batch(source=source, kind=kind, file_name=safe_name(name), size=0, by=by)
    try:
        batch.sha256, batch.size = spool.write(batch.key, _limited(blocks))
        later = not at_once and batch.size > LARGE_WORKBOOK and _is_workbook(batch)
        if later:
            batch.state = BatchState.LOOKING
        else:
            _look(batch)
        with transaction.atomic():
            batch.save()
            audit.record("intake.received", batch, by=by, changes={"kind": kind, "size": batch.size})
            if later:
                enqueue_look(batch, by=by)
    except Exception:
        spool.delete(batch.key)
        raise
    return batch


def receive_path(
    path: Path,
    *,
    kind: str,
    source: str = "",
    by: User | None,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
) -> Batch:
    """Take a file in from disk with the suggested columns confirmed, ready for the job `loop.collect` (for the CLI).

    `mapping` (column name → field key) overrides suggestions. Raises when a required field has no column.
    """
    if not path.is_file():
        raise IntakeRefusal(
            reason=Text(zh=f"找不到文件 {path}。", en=f"There is no file {path}."),
            remedy=Text(zh="请检查路径。", en="Check the path."),
        )
    found = ensure_source(source or "files", by=by)
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(1 << 20), b"")
        batch = receive(blocks=blocks, name=path.name, kind=kind, source=found, by=by, at_once=True)
    if sheet:
        look_again(batch=batch, sheet=sheet, header_row=None, by=by)
    _take_suggestions(batch, mapping, by=by)
    return batch


def receive_rows(content: bytes, *, kind: str, source: str, by: User | None) -> Batch:
    """Take rows in that another program sent as CSV with its header in row 1, ready for the job `loop.collect`."""
    found = ensure_source(source, by=by)
    batch = receive(blocks=[content], name=f"{found.key}.csv", kind=kind, source=found, by=by)
    look_again(batch=batch, sheet="", header_row=1, by=by)
    _take_suggestions(batch, None, by=by)
    return batch


def _take_suggestions(batch: Batch, mapping: Mapping[str, str] | None, *, by: User | None) -> None:
    """Confirm the columns that are sure, and those that the sender named."""
    own = {plain(name): field for name, field in (mapping or {}).items()}
    chosen = {
        one.index: own.get(plain(one.name), one.field if one.confidence >= matching.SURE else "")
        for one in suggestions(batch)
    }
    with transaction.atomic():
        prepare(batch, chosen, by=by, automatic=not own)


def ensure_source(key: str, *, by: User | None) -> Source:
    """The source of this key or name, made when it is new."""
    found = Source.objects.filter(key=key).first() or Source.objects.filter(name=key).first()
    if found is None:
        with transaction.atomic():
            found, fresh = Source.objects.get_or_create(key=_free_key(key), defaults={"name": key[:80]})
            if fresh:
                audit.record("intake.source_added", found, by=by)
    return found


def _free_key(name: str) -> str:
    """A key made of a name, in ASCII; names that sound alike get different ones."""
    ascii_name = name if name.isascii() else "-".join(lazy_pinyin(name))
    base = slugify(ascii_name)[:50] or "source"
    taken = set(Source.objects.filter(key__startswith=base).values_list("key", flat=True))
    return next(key for n in count(1) if (key := base if n == 1 else f"{base}-{n}") not in taken)


def safe_name(name: str) -> str:
    """A file name that is safe to show and to offer for download: no path, no control or direction signs."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = _BAD_IN_NAMES.sub("_", last).strip(" .") or "file"
    stem, dot, ending = clean.rpartition(".")
    return clean if len(clean) <= LONGEST_NAME else f"{(stem or clean)[: LONGEST_NAME - 12]}{dot}{ending[:8]}"


def look_again(*, batch: Batch, sheet: str, header_row: int | None, by: User | None) -> Batch:
    """Read another sheet, or take another row as the header."""
    _must_be_unconfirmed(batch)
    _look(batch, sheet=sheet, header_row=header_row)
    with transaction.atomic():
        batch.save(update_fields=["found", "sample"])
        audit.record("intake.looked_again", batch, by=by, changes={"sheet": sheet, "header_row": header_row})
    return batch


def look(batch: Batch) -> None:
    """Open a large workbook that was left to a job; one that cannot be read fails the batch."""
    if batch.state != BatchState.LOOKING:
        return
    try:
        _look(batch)
    except Refusal as refusal:
        with transaction.atomic():
            batch.state, batch.error = BatchState.FAILED, refusal.text.as_json()
            batch.save(update_fields=["state", "error"])
            audit.record("intake.failed", batch, by=batch.by)
        spool.delete(batch.key)
        raise
    batch.state = BatchState.MAPPING
    batch.save(update_fields=["found", "sample", "state"])


@transaction.atomic
def change_kind(*, batch: Batch, kind: str, by: User) -> Batch:
    """Take the file for another kind of data than was said at its upload."""
    queries.kind(kind)
    batch = Batch.objects.select_for_update(of=("self",)).select_related("source").get(pk=batch.pk)
    _must_be_unconfirmed(batch)
    before, batch.kind = batch.kind, kind
    batch.save(update_fields=["kind"])
    audit.record("intake.kind_changed", batch, by=by, changes={"before": before, "after": kind})
    return batch


def suggestions(batch: Batch) -> list[Suggestion]:
    """Which column probably fills which field."""
    header = tables.header_of(batch.found)
    rows = queries.sample_rows(batch)
    columns = [(one.index, one.name, one.group) for one in header.columns]
    samples = {index: [cells[index] for _, cells in rows if index < len(cells)] for index, _, _ in columns}
    remembered = batch.source.mapping.get(batch.kind, {})
    return matching.suggest(queries.kind(batch.kind), columns, samples, remembered)


@transaction.atomic
def confirm(*, batch: Batch, mapping: Mapping[int, str], by: User) -> Batch:
    """Fix which column fills which field, remember it for the source, and queue the import."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("source").get(pk=batch.pk)
    _must_be_unconfirmed(batch)
    prepare(batch, mapping, by=by, automatic=False)
    return enqueue(batch, by=by)


def prepare(batch: Batch, mapping: Mapping[int, str], *, by: User | None, automatic: bool) -> None:
    """Check a mapping and keep it with the batch and its source."""
    kind = queries.kind(batch.kind)
    columns = tables.header_of(batch.found).columns
    mapping = _with_added(batch, mapping, by=by, automatic=automatic)
    unknown = [one.name for one in columns if not mapping.get(one.index)]
    if automatic and unknown and batch.source.unknown_columns == UnknownColumns.REFUSE:
        remembered = batch.source.mapping.get(batch.kind, {})
        _refuse_unknown([n for n in unknown if n not in OURS and remembered.get(plain(n)) != ""])
    chosen = [[one.index, one.name, mapping[one.index]] for one in columns if mapping.get(one.index)]
    _check_mapping([str(field) for _, _, field in chosen], kind.key)
    batch.mapping = chosen
    batch.state = BatchState.WAITING
    batch.save(update_fields=["mapping", "state"])
    if not automatic:
        remember = {plain(one.name): mapping.get(one.index, "") for one in columns}
        source = Source.objects.select_for_update().get(pk=batch.source_id)
        source.mapping = {**source.mapping, kind.key: {**source.mapping.get(kind.key, {}), **remember}}
        source.save(update_fields=["mapping"])
        batch.source = source


def enqueue(batch: Batch, *, by: User | None) -> Batch:
    """Queue the job that reads, cleans and absorbs the batch."""
    title = Text(zh=f"导入 {batch.file_name}", en=f"Import {batch.file_name}")
    batch.job = jobs.defer("loop.collect", by=by, title=title, batch=batch.pk)
    batch.save(update_fields=["job"])
    audit.record("intake.confirmed", batch, by=by, changes={"columns": len(batch.mapping)})
    return batch


def enqueue_look(batch: Batch, *, by: User | None) -> Batch:
    """Queue the job that opens a large workbook."""
    title = Text(zh=f"打开 {batch.file_name}", en=f"Open {batch.file_name}")
    batch.job = jobs.defer("intake.look", by=by, title=title, batch=batch.pk)
    batch.save(update_fields=["job"])
    return batch


def _is_workbook(batch: Batch) -> bool:
    found = filetypes.detect(spool.opener(batch.key))
    return found in {FileType.XLSX, FileType.XLS}


def _look(batch: Batch, *, sheet: str = "", header_row: int | None = None) -> None:
    try:
        found = tables.look(spool.opener(batch.key), matching.knower(), sheet=sheet, header_row=header_row)
    except BadFile as refusal:
        disguised = batch.file_name.lower().endswith(WORKBOOKS) and not _is_workbook(batch)
        raise (refusals.text_in_disguise() if disguised else refusal) from None
    batch.found = found.as_json()
    numbers, rows = [number for number, _ in found.head], [cells for _, cells in found.head]
    batch.sample = sealed_rows.seal_table(
        sealed_rows.raw_table(numbers, columns_of(rows)), batch.key, "sample"
    )


def _with_added(
    batch: Batch, mapping: Mapping[int, str], *, by: User | None, automatic: bool
) -> dict[int, str]:
    """The mapping with new fields for the columns that are to become some."""
    columns = {one.index: one.name for one in tables.header_of(batch.found).columns}
    wanted = [index for index, field in mapping.items() if field == adding.NEW and index in columns]
    if automatic and batch.kind == "customers" and batch.source.unknown_columns == UnknownColumns.ADD:
        remembered = batch.source.mapping.get(batch.kind, {})
        wanted += [
            index
            for index, name in columns.items()
            if not mapping.get(index) and name not in OURS and remembered.get(plain(name)) != ""
        ]
    if not wanted:
        return dict(mapping)
    keys = adding.add_fields([columns[index] for index in wanted], source=batch.source, by=by)
    return {**mapping, **{index: keys[columns[index]] for index in wanted}}


def _check_mapping(fields: Sequence[str], kind: str) -> None:
    known = {one.key: one for one in queries.kind(kind).fields()}
    if strange := [key for key in fields if key not in known]:
        raise IntakeRefusal(
            reason=Text(zh=f"没有字段“{strange[0]}”。", en=f"There is no field “{strange[0]}”."),
            remedy=Text(zh=f"可用的字段:{', '.join(known)}。", en=f"Use one of: {', '.join(known)}."),
        )
    if twice := {key for key in fields if fields.count(key) > 1}:
        names = [known[key].label for key in twice if key in known]
        raise IntakeRefusal(
            reason=Text(
                zh=f"有两列对应同一个字段:{'、'.join(one.zh for one in names)}。",
                en=f"Two columns fill the same field: {', '.join(one.en for one in names)}.",
            ),
            remedy=Text(zh="请只保留一列。", en="Keep one of them."),
        )
    # A list of customers may leave out what the blueprint asks for: it can add to customers who already have it.
    missing = [
        one.label for one in known.values() if one.required and one.key not in fields and kind != "customers"
    ]
    if missing or not fields:
        zh, en = "、".join(one.zh for one in missing), ", ".join(one.en for one in missing)
        raise IntakeRefusal(
            reason=Text(zh=f"缺少必需的列:{zh}。", en=f"Required columns are missing: {en}.")
            if missing
            else Text(zh="没有一列对应到字段。", en="No column fills a field."),
            remedy=Text(
                zh="请选择对应的列,或补上该列后重新上传。",
                en="Choose the column for it, or add it to the file and upload again.",
            ),
        )


def _refuse_unknown(names: list[str]) -> None:
    if names:
        raise IntakeRefusal(
            reason=Text(
                zh=f"有未知的列:{'、'.join(names)}。", en=f"There are unknown columns: {', '.join(names)}."
            ),
            remedy=Text(
                zh="该来源设为“拒绝未知列”;请改正文件,或在来源设置中更改。",
                en="This source refuses unknown columns; mend the file, or change the source's setting.",
            ),
        )


def _must_be_unconfirmed(batch: Batch) -> None:
    if batch.state != BatchState.MAPPING:
        raise IntakeRefusal(
            reason=Text(zh="这个批次已经确认过。", en="This batch has already been confirmed."),
            remedy=Text(zh="请查看它的回执。", en="Look at its receipt."),
        )


def _limited(blocks: Iterable[bytes]) -> Iterable[bytes]:
    most, taken = settings.CONFIG.max_upload_mb << 20, 0
    for block in blocks:
        taken += len(block)
        if taken > most:
            raise BadFile(
                reason=Text(
                    zh=f"文件超过 {settings.CONFIG.max_upload_mb} MB。",
                    en=f"The file is over {settings.CONFIG.max_upload_mb} MB.",
                ),
                remedy=Text(
                    zh="请拆成几个文件,或由管理员调高 max_upload_mb。",
                    en="Split it into several files, or have an administrator raise max_upload_mb.",
                ),
            )
        yield block
