"""Blueprints and their versions; a version's YAML is what the rest of the product follows."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text


class State(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("In force")
    RETIRED = "retired", _("Retired")


class Blueprint(models.Model):
    """A named line of versions, such as 零售会员; the key is the word its YAML begins with."""

    key = models.SlugField(max_length=40, unique=True)
    label = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Privacy:
        internal: ClassVar = {"id", "key", "label", "created_at"}

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        """The blueprint's name in both languages."""
        return Text.from_json(self.label)


class BlueprintVersion(models.Model):
    """One version: a draft while it is being written, then in force, then retired. Only one is in force at a time."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    yaml = models.TextField()
    note = models.CharField(max_length=200, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    effective_from = models.DateField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blueprint", "number"], name="blueprint_version_number"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="published"), name="blueprint_one_in_force"
            ),
            models.UniqueConstraint(
                fields=["blueprint"], condition=Q(state="draft"), name="blueprint_one_draft_each"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(published_at__isnull=False, effective_from__isnull=False)
                | Q(state="retired"),
                name="blueprint_in_force_since",
            ),
        ]

    class Privacy:
        internal: ClassVar = {
            "id", "key", "blueprint", "number", "yaml", "note", "state", "revision", "created_at", "updated_at",
            "edited_by", "published_at", "published_by", "effective_from",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.blueprint} v{self.number}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == State.DRAFT

    @property
    def is_in_force(self) -> bool:
        """Whether the product follows it now."""
        return self.state == State.PUBLISHED
