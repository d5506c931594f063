"""Tiers, who stood in them from when to when and why, and the tags customers carry."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.kernel.models import Tracked


class Tier(models.Model):
    """A rank among customers, as the blueprint names it; one the blueprint no longer names is retired, not deleted."""

    key = models.CharField(max_length=60, unique=True)
    label = models.JSONField()
    traits = models.JSONField(default=dict)
    color = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()
    retired = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["retired", "order", "key"]

    class Privacy:
        public: ClassVar = {"id", "key", "label", "traits", "color", "order", "retired"}

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        """The tier's name in both languages."""
        return Text.from_json(self.label)

    @property
    def traits_text(self) -> Text:
        """What the blueprint says customers of this tier have in common."""
        return Text.from_json(self.traits)


class Placement(Tracked):
    """One customer in one tier, from `since` up to but not including `until`; open while `until` is empty.

    `reasons` keeps method, blueprint version and every test of the rule with the value it saw. A placement made by
    hand has `by`, `note` and `held_until`: runs leave it alone up to and including that day.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    method = models.CharField(max_length=40)
    as_of = models.DateField()
    reasons = models.JSONField(default=dict)
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, db_default="")
    held_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("customer", condition=Q(until=None), name="tiers_one_open_placement"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="tiers_placement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(held_until=None) | (Q(by__isnull=False) & ~Q(note="")),
                name="tiers_held_by_somebody_for_a_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "since"], name="tiers_placement_of_customer"),
            models.Index(fields=["since"], name="tiers_placement_since"),
        ]

    class Privacy:
        public: ClassVar = {"id", "tier", "since", "until", "method", "as_of", "held_until", "tx"}
        internal: ClassVar = {"customer", "reasons", "by", "note"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.tier_id} {self.since}"


class Tag(models.Model):
    """A mark on customers: set by a rule of the blueprint, or by hand."""

    class Kind(models.TextChoices):
        RULE = "rule", _("By rule")
        HAND = "hand", _("By hand")

    key = models.CharField(max_length=60, unique=True)
    label = models.JSONField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    retired = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["retired", "kind", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "label", condition=Q(kind="hand", retired=False), name="tiers_tag_name_once"
            ),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "label", "kind", "retired", "created_at"}
        internal: ClassVar = {"created_by"}

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        """The tag's name in both languages."""
        return Text.from_json(self.label)


class Tagging(Tracked):
    """One customer carrying one tag since a day."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("customer", "tag", name="tiers_tagging_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "tag", "since", "tx"}
        internal: ClassVar = {"customer", "by"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.tag_id}"
