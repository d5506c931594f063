"""Long work that a user started: its progress and how it ended (procrastinate does the running)."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.kernel.models.people import User


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(models.Model):
    """One piece of long work, with counts that a page can show."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    title = models.JSONField(default=dict)
    queue = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.WAITING, db_index=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    step = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    cancel_requested = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    runner = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    class Privacy:
        internal = {
            "id", "key", "name", "title", "queue", "arguments", "state", "done", "total", "step", "result", "error",
            "cancel_requested", "by", "runner", "created_at", "started_at", "finished_at",
        }  # fmt: skip

    @property
    def heading(self) -> Text:
        """What the job is about, in both languages."""
        return Text.from_json(self.title)

    @property
    def percent(self) -> int:
        """Progress from 0 to 100; a finished job is at 100 even when it had nothing to count."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
