"""Tasks to be done for customers and the records of what was done."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.text import Text
from zhike.kernel.models import Tracked


class Task(models.Model):
    """One thing to do for one customer by a date; at most one per customer, measure and cycle."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "Open")
        DONE = "done", _("Done")
        POSTPONED = "postponed", _("Postponed")
        CANCELLED = "cancelled", _("Cancelled")

    class Source(models.TextChoices):
        LOOP = "loop", _("Strategy")
        HAND = "hand", _("By hand")
        NEXT_STEP = "next_step", _("Next step")

    class Closing(models.TextChoices):
        LEFT_TIER = "left_tier", _("The customer left the tier or the measure ended")
        EXCEPTED = "excepted", _("An exception for this customer skips the measure")
        NEXT_CYCLE = "next_cycle", _("Not done before the next cycle began")
        BY_HAND = "by_hand", _("Cancelled by hand")
        UNDONE = "undone", _("The record it came from was withdrawn")
        MERGED = "merged", _("The customer was merged with another")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    measure = models.ForeignKey(
        "strategies.Measure", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    measure_key = models.CharField(max_length=130, null=True)  # NULL, not "": hand-made tasks never collide
    cycle = models.CharField(max_length=40, blank=True)
    tier = models.CharField(max_length=60, blank=True)
    title = models.JSONField()
    standard = models.JSONField(null=True)
    note = models.CharField(max_length=1000, blank=True)
    role = models.CharField(max_length=40, blank=True)
    assignee = models.ForeignKey(
        "kernel.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_on = models.DateField()
    postponed_to = models.DateField(null=True)
    act_on = models.GeneratedField(
        expression=Coalesce("postponed_to", "due_on"), output_field=models.DateField(), db_persist=True
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    source = models.CharField(max_length=10, choices=Source.choices)
    pinned = models.BooleanField(default=False)
    missed = models.PositiveSmallIntegerField(default=0)
    closing = models.CharField(max_length=20, blank=True, choices=Closing.choices)
    reason = models.CharField(max_length=500, blank=True)
    from_record = models.ForeignKey(
        "ExecutionRecord", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        "kernel.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey(
        "kernel.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["act_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("customer", "measure_key", "cycle", name="execution_task_once_per_cycle"),
            models.CheckConstraint(
                condition=Q(state="postponed", postponed_to__isnull=False) | ~Q(state="postponed"),
                name="execution_postponed_to_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "cancelled"], closed_on__isnull=False)
                | Q(state__in=["open", "postponed"], closed_on=None),
                name="execution_closed_has_a_day",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                "assignee",
                "act_on",
                "id",
                name="execution_task_mine",
                condition=Q(state__in=["open", "postponed"]),
            ),
            models.Index(
                "act_on", "id", name="execution_task_open", condition=Q(state__in=["open", "postponed"])
            ),
            models.Index(
                "closed_on", "id", name="execution_task_closed", condition=Q(closed_on__isnull=False)
            ),
            models.Index(
                "from_record", name="execution_task_follows", condition=Q(from_record__isnull=False)
            ),
            models.Index("customer", "state", "act_on", name="execution_task_customer"),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "key", "measure", "measure_key", "cycle", "tier", "standard", "role", "due_on", "postponed_to",
            "act_on", "state", "source", "pinned", "missed", "closing", "created_on", "created_at", "closed_on",
        }  # fmt: skip
        internal: ClassVar = {
            "customer", "title", "note", "assignee", "reason", "from_record", "created_by", "closed_by"
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.measure_key or self.source} {self.cycle}".strip()

    @property
    def name(self) -> Text:
        """What is to be done, in a few words."""
        return Text.from_json(self.title)

    @property
    def standard_text(self) -> Text | None:
        """How it is done well, where the strategy says so."""
        return Text.from_json(self.standard) if self.standard else None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be done."""
        return self.state in (self.State.OPEN, self.State.POSTPONED)


class ExecutionRecord(Tracked):
    """What was done for a customer: when, by whom, what they answered, and what comes next."""

    class Result(models.TextChoices):
        SUCCESS = "success", _("Success")
        FOLLOW_UP = "follow_up", _("To follow up")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    on_date = models.DateField()
    executor = models.ForeignKey("kernel.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=500)
    feedback = models.TextField(max_length=2000, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    next_step = models.CharField(max_length=300, blank=True)
    next_on = models.DateField(null=True)
    # Why a customer who stays away does so, as they were asked; a value of the blueprint's forecast.churn_reasons.
    churn_reason = models.CharField(max_length=60, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        "kernel.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-on_date", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "task", condition=Q(withdrawn_at=None), name="execution_one_record_per_task"
            ),
            models.CheckConstraint(
                condition=Q(next_step="", next_on=None) | (~Q(next_step="") & Q(next_on__isnull=False)),
                name="execution_next_step_has_a_day",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index("on_date", "id", name="execution_record_day"),
            models.Index("customer", "on_date", name="execution_record_customer"),
            models.Index("executor", "on_date", name="execution_record_executor"),
            models.Index("on_date", name="execution_record_reason", condition=~Q(churn_reason="")),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "tx", "on_date", "result", "next_on", "created_at", "withdrawn_at"}
        internal: ClassVar = {
            "customer", "task", "executor", "action", "feedback", "next_step", "churn_reason", "withdrawn_by"
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.on_date} {self.result}"
