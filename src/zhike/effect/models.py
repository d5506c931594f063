"""KPI readings per tier and month, effects of strategies before against after, and what people noted."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models


class KpiReading(models.Model):
    """What the customers of one manager and department in one tier add to a KPI at the end of a month.

    A mean or share is `total` divided by `customers`, so that readings add up to any scope somebody may see. What does
    not add up (a median) is kept once for everybody, as `whole`.
    """

    kpi = models.CharField(max_length=60)
    tier = models.CharField(max_length=60, blank=True)
    month = models.DateField()
    manager = models.ForeignKey("kernel.User", null=True, on_delete=models.CASCADE, related_name="+")
    department = models.ForeignKey("kernel.Department", null=True, on_delete=models.CASCADE, related_name="+")
    whole = models.BooleanField(default=False)
    total = models.DecimalField(max_digits=28, decimal_places=6)
    customers = models.PositiveIntegerField()
    as_of = models.DateField()
    method = models.CharField(max_length=40)

    class Meta:
        ordering: ClassVar[list[str]] = ["kpi", "tier", "month"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["month", "kpi", "tier", "manager", "department", "whole"],
                name="effect_one_reading_per_month",
                nulls_distinct=False,
            ),
        ]

    class Privacy:
        public: ClassVar = {"id", "kpi", "tier", "month", "whole", "total", "customers", "as_of", "method"}
        internal: ClassVar = {"manager", "department"}

    def __str__(self) -> str:
        return f"{self.kpi} {self.tier or '*'} {self.month:%Y-%m}"


class Effect(models.Model):
    """One figure of the same customers before and after their strategy began, over periods of equal length."""

    strategy = models.ForeignKey("strategies.Strategy", on_delete=models.CASCADE, related_name="+")
    kpi = models.CharField(max_length=60)
    began_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    before = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    after = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    customers = models.PositiveIntegerField()
    as_of = models.DateField()
    method = models.CharField(max_length=40)

    class Meta:
        ordering: ClassVar[list[str]] = ["strategy", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("strategy", "kpi", name="effect_one_per_strategy_and_kpi"),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "strategy", "kpi", "began_on", "days", "before", "after", "customers", "as_of", "method"
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.strategy_id} {self.kpi}"


class KpiNote(models.Model):
    """Why a target was reached or missed in a month, and the adjustment made."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    kpi = models.CharField(max_length=60)
    tier = models.CharField(max_length=60, blank=True)
    month = models.DateField()
    reason = models.TextField(max_length=1000)
    adjustment = models.TextField(max_length=1000, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey("kernel.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-month", "kpi", "tier"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("kpi", "tier", "month", name="effect_one_note_per_month"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "kpi", "tier", "month", "written_at"}
        internal: ClassVar = {"reason", "adjustment", "written_by"}

    def __str__(self) -> str:
        return f"{self.kpi} {self.tier or '*'} {self.month:%Y-%m}"
