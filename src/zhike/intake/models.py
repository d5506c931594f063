"""Sources, batches of rows, chunks waiting to be absorbed, and rows with problems."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core import masks
from zhike.core.text import Text
from zhike.intake.facts import UnknownColumns

UNKNOWN_COLUMN_CHOICES = [
    (UnknownColumns.ADD.value, _("Add them as fields of the blueprint")),
    (UnknownColumns.DROP.value, _("Leave them out")),
    (UnknownColumns.REFUSE.value, _("Refuse the file")),
]


class Source(models.Model):
    """Where data comes from: a shop system, a list kept in Excel; remembers how its columns are matched."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    # Of two sources that disagree the one with the higher rank is believed.
    rank = models.PositiveSmallIntegerField(default=50)
    unknown_columns = models.CharField(
        max_length=8,
        default=UnknownColumns.DROP.value,
        choices=UNKNOWN_COLUMN_CHOICES,
    )
    # kind → plain column name → field key ("" means: leave out).
    mapping = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-rank", "name"]

    class Privacy:
        internal: ClassVar = {"id", "key", "name", "rank", "unknown_columns", "mapping", "created_at"}

    def __str__(self) -> str:
        return self.name


class BatchState(models.TextChoices):
    """Where a batch stands."""

    LOOKING = "looking", _("Opening the workbook")
    MAPPING = "mapping", _("Columns to confirm")
    WAITING = "waiting", _("Queued")
    STAGING = "staging", _("Reading")
    ABSORBING = "absorbing", _("Importing")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Failed")
    DISCARDED = "discarded", _("Discarded")


class Batch(models.Model):
    """One file, from upload to receipt."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40, db_index=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    state = models.CharField(
        max_length=12, choices=BatchState.choices, default=BatchState.MAPPING, db_index=True
    )
    # What a look at the file told: type, encoding, sheet, header (reading.tables.Table.as_json).
    found = models.JSONField(default=dict)
    # Chosen columns: [[index, column name, field key], …].
    mapping = models.JSONField(default=list)
    sample = models.BinaryField(default=b"")
    read = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    # Rows that still need somebody: held ones, and refused ones nobody has corrected or dismissed.
    open_rows = models.BigIntegerField(default=0)
    open_held = models.BigIntegerField(default=0)
    not_data = models.IntegerField(default=0)
    # How many records were new and how many changed; unknown (null) of batches taken in before this was kept.
    added = models.BigIntegerField(null=True)
    changed = models.BigIntegerField(null=True)
    job = models.ForeignKey("kernel.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.SET_NULL, related_name="+")
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "batches"

    class Privacy:
        internal: ClassVar = {
            "id", "key", "source", "kind", "file_name", "sha256", "size", "state", "found", "mapping", "read", "accepted",
            "held", "refused", "open_rows", "open_held", "not_data", "added", "changed", "job", "by", "error",
            "created_at", "finished_at",
        }  # fmt: skip
        sensitive: ClassVar = {"sample": masks.hidden}

    def __str__(self) -> str:
        return self.file_name

    @property
    def ended(self) -> bool:
        """Whether its receipt is final (held rows may still be retried)."""
        return self.state in {BatchState.DONE, BatchState.FAILED, BatchState.DISCARDED}

    @property
    def problem(self) -> Text | None:
        """Why the batch failed, if it did."""
        return Text.from_json(self.error) if self.error else None


class Chunk(models.Model):
    """Some thousand rows of a batch, cleaned and sealed, until they are absorbed."""

    class State(models.TextChoices):
        """Where a chunk stands."""

        STAGED = "staged", _("Staged")
        ABSORBED = "absorbed", _("Absorbed")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    # Rows read from the file, of which `rows` were clean; a retry reads none anew.
    read = models.IntegerField()
    rows = models.IntegerField()
    accepted = models.IntegerField(default=0)
    added = models.IntegerField(null=True)
    changed = models.IntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    payload = models.BinaryField()
    raw = models.BinaryField()
    # Digests of the rows' keys, eight bytes each: what occurrence numbers are counted from after an interruption.
    marks = models.BinaryField(default=b"")
    # [[row, why], …] of rows below the header that are no records.
    not_data = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "number"], name="intake_chunk_once"),
        ]

    class Privacy:
        internal: ClassVar = {
            "id",
            "batch",
            "number",
            "read",
            "rows",
            "accepted",
            "added",
            "changed",
            "state",
            "marks",
            "not_data",
        }
        sensitive: ClassVar = {"payload": masks.hidden, "raw": masks.hidden}

    def __str__(self) -> str:
        return f"{self.batch_id} #{self.number}"


class ProblemState(models.TextChoices):
    """What is the matter with a row that was not accepted."""

    HELD = "held", _("Held")
    REFUSED = "refused", _("To correct")
    DISMISSED = "dismissed", _("Dismissed")
    CORRECTED = "corrected", _("Corrected in a later file")


class Problem(models.Model):
    """A row that was not accepted: the row as it stood in the file, sealed, with each reason and remedy."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+", db_index=False)
    row = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=ProblemState.choices)
    columns = models.JSONField(default=list)
    sealed = models.BinaryField()
    # Keyed digests by which a row is known that comes again (`recognising`).
    content = models.BinaryField(null=True)
    identity = models.BinaryField(null=True)
    # The very same row stands in an earlier receipt: there it is dealt with.
    repeats = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["row"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "row"], name="intake_problem_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["content"], name="intake_problem_content"),
            models.Index(
                fields=["identity"],
                name="intake_problem_identity",
                condition=models.Q(state__in=["held", "refused"]),
            ),
        ]

    class Privacy:
        internal: ClassVar = {"id", "batch", "row", "state", "columns", "content", "identity", "repeats"}
        sensitive: ClassVar = {"sealed": masks.hidden}

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.row}"
