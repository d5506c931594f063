"""Tiers, who stood in them from when to when and why, tags, and segments with who was in them when."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.kernel.models import Tracked
from zhike.tiers.shipped import both


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


class Segment(models.Model):
    """Customers whom a rule describes, kept up to date; the last good result stays beside a later error."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    note = models.CharField(max_length=500, blank=True)
    rule = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    as_of = models.DateField(null=True)
    seconds = models.FloatField(default=0)
    members = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    error = models.JSONField(null=True)
    failed_at = models.DateTimeField(null=True)
    # The state of the lake that the members were found in: later ones tell to whom something has happened since.
    snapshot = models.BigIntegerField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("name", condition=Q(archived_at=None), name="tiers_segment_name_once"),
            models.CheckConstraint(
                condition=Q(refreshed_at=None, as_of=None)
                | Q(refreshed_at__isnull=False, as_of__isnull=False),
                name="tiers_segment_refreshed_as_of_a_day",
            ),
            models.CheckConstraint(
                condition=Q(error=None, failed_at=None) | Q(error__isnull=False, failed_at__isnull=False),
                name="tiers_segment_failed_at_a_time",
            ),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "key", "revision", "created_at", "updated_at", "archived_at", "refreshed_at", "as_of", "seconds",
            "members", "added", "removed", "failed_at", "snapshot",
        }  # fmt: skip
        internal: ClassVar = {"name", "note", "rule", "created_by", "updated_by", "error"}

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> Text:
        """Its name in both languages; one that people wrote is the same in both."""
        return both(self.name)

    @property
    def remark(self) -> Text:
        """Its note in both languages."""
        return both(self.note)


class Membership(Tracked):
    """One customer in one segment, from `since` up to but not including `until`; open while `until` is empty."""

    class Source(models.TextChoices):
        RULE = "rule", _("By rule")
        HAND = "hand", _("By hand")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    since = models.DateField()
    until = models.DateField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "segment", "customer", condition=Q(until=None), name="tiers_one_open_membership"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="tiers_membership_ends_after_start"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer"], name="tiers_membership_customer"),
            models.Index(fields=["segment", "since"], name="tiers_membership_came"),
            models.Index(
                fields=["segment", "until"], name="tiers_membership_left", condition=Q(until__isnull=False)
            ),
        ]

    class Privacy:
        public: ClassVar = {"id", "segment", "since", "until", "source", "tx"}
        internal: ClassVar = {"customer"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.segment_id} {self.since}"


class HandPick(models.Model):
    """A customer put into a segment or kept out of it by hand, whatever its rule says."""

    class Kind(models.TextChoices):
        INCLUDE = "include", _("Put in by hand")
        EXCLUDE = "exclude", _("Kept out by hand")

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("segment", "customer", name="tiers_picked_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "segment", "kind", "at"}
        internal: ClassVar = {"customer", "by"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.segment_id} {self.kind}"
