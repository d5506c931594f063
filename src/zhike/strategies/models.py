"""Strategies in force per tier, their measures, exceptions for single customers, and quarterly reviews."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.blueprints import Every
from zhike.core.text import Text


class Strategy(models.Model):
    """What one tier is promised from a date on; a later version closes it with `until`."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey("blueprint.BlueprintVersion", on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=60)
    label = models.JSONField()
    color = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()
    traits = models.JSONField()
    owner_role = models.CharField(max_length=40)
    cycle = models.CharField(max_length=20)
    effective_from = models.DateField()
    until = models.DateField(null=True)
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "-effective_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("tier", condition=Q(until=None), name="strategies_one_in_force_per_tier"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("effective_from")), name="strategies_end_after_start"
            ),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "key", "version", "tier", "label", "color", "order", "traits", "owner_role", "cycle",
            "effective_from", "until", "adopted_at",
        }  # fmt: skip
        internal: ClassVar = {"adopted_by"}

    def __str__(self) -> str:
        return f"{self.tier} {self.effective_from}"

    @property
    def name(self) -> Text:
        """The tier's name."""
        return Text.from_json(self.label)

    @property
    def traits_text(self) -> Text:
        """What customers of this tier have in common."""
        return Text.from_json(self.traits)

    @property
    def cycle_text(self) -> Text:
        """How often the strategy itself is looked at again, in words."""
        return Every(self.cycle).label


class Measure(models.Model):
    """One thing done for every customer of a tier: how often, within how many working days, to what standard."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="measures")
    code = models.CharField(max_length=60)
    title = models.JSONField()
    standard = models.JSONField()
    days_due = models.PositiveSmallIntegerField()
    every = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("strategy", "code", name="strategies_measure_code_once"),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "key", "strategy", "code", "title", "standard", "days_due", "every", "order"
        }  # fmt: skip

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> Text:
        """What is done, in a few words."""
        return Text.from_json(self.title)

    @property
    def standard_text(self) -> Text:
        """How it is done well."""
        return Text.from_json(self.standard)

    @property
    def every_text(self) -> Text:
        """How often it is done."""
        return Every(self.every).label


class StrategyException(models.Model):
    """One customer treated otherwise than the tier's standard, for a stated reason."""

    class Kind(models.TextChoices):
        SKIP = "skip", _("Skip the measure")
        OWNER = "owner", _("Another owner")
        CYCLE = "cycle", _("Another cycle")
        NOTE = "note", _("An extra note")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    measure_key = models.CharField(max_length=130, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    owner = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    every = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500)
    from_on = models.DateField()
    until = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("kernel.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "customer",
                "measure_key",
                "kind",
                condition=Q(ended_at=None),
                name="strategies_one_exception_of_a_kind",
            ),
            models.CheckConstraint(
                condition=(Q(kind="owner", owner__isnull=False) | ~Q(kind="owner")),
                name="strategies_another_owner_is_named",
            ),
            models.CheckConstraint(
                condition=(Q(kind="cycle") & ~Q(every="")) | ~Q(kind="cycle"),
                name="strategies_another_cycle_is_named",
            ),
            models.CheckConstraint(
                condition=(Q(kind="note") & ~Q(note="")) | ~Q(kind="note"),
                name="strategies_a_note_says_something",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("from_on")),
                name="strategies_exception_ends_after_start",
            ),
        ]

    class Privacy:
        public: ClassVar = {
            "id",
            "key",
            "measure_key",
            "kind",
            "every",
            "from_on",
            "until",
            "created_at",
            "ended_at",
        }
        internal: ClassVar = {"customer", "owner", "note", "reason", "created_by", "ended_by"}

    def __str__(self) -> str:
        return f"{self.kind} {self.measure_key or '*'}"


class StrategyReview(models.Model):
    """The decision taken about one tier's strategy at the end of a quarter, with the figures it was taken on."""

    class Decision(models.TextChoices):
        KEEP = "keep", _("Keep")
        CHANGE = "change", pgettext_lazy("strategy", "Change")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    tier = models.CharField(max_length=60)
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="+")
    quarter = models.CharField(max_length=10)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    note = models.TextField(max_length=2000)
    figures = models.JSONField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("kernel.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-quarter", "-decided_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("tier", "quarter", name="strategies_one_review_per_tier_and_quarter"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "tier", "strategy", "quarter", "decision", "figures", "decided_at"}
        internal: ClassVar = {"note", "decided_by"}

    def __str__(self) -> str:
        return f"{self.tier} {self.quarter}"
