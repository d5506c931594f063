"""Customers, what they are recognised by, how they are reached, and what they were before."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from zhike.core import masks
from zhike.kernel.models import Tracked


class Customer(Tracked):
    """One person or company, whatever number of sources know them; values keep the source they came from."""

    class Kind(models.TextChoices):
        PERSON = "person", pgettext_lazy("kind of customer", "Person")
        COMPANY = "company", pgettext_lazy("kind of customer", "Company")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    code = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200, blank=True)
    search = SearchVectorField(default="")
    values = models.JSONField(default=dict)
    # Of a sealed field only the digest stands at the field; the token stays under its digest, also of former values.
    digests = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
    others = models.JSONField(default=dict)
    manager = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("kernel.Department", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # A longer list of pending entries makes imports cheaper; searches read it too, so it must not grow much more.
            GinIndex(fields=["search"], name="customers_search", gin_pending_list_limit=16_384),
            models.Index(fields=["name", "id"], name="customers_by_name"),
            models.Index(fields=["updated_at", "id"], name="customers_by_change"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "kind", "version", "created_at", "updated_at", "tx"}
        internal: ClassVar = {"code", "manager", "department", "origins"}
        # Each value is shown by the FieldSpec of its own key; the column as a whole never is.
        personal: ClassVar = {
            "name": masks.name,
            "search": masks.hidden,
            "values": masks.hidden,
            "others": masks.hidden,
        }
        sensitive: ClassVar = {"sealed": masks.hidden, "digests": masks.hidden}

    def __str__(self) -> str:
        return self.code

    @property
    def is_company(self) -> bool:
        """A company's name is public; a person's is masked for those without the right."""
        return self.kind == self.Kind.COMPANY


class Identity(models.Model):
    """A mark that names one customer, as a keyed digest: an id within a source, a credit code, another unique value.

    Phones and e-mails name customers too, through the digests of their contact points: two customers of one source may
    share one, so they cannot be unique.
    """

    # Without a database constraint: checking it costs as much as writing the row, and imports write millions. Rows are
    # only written together with their customer, erasers delete them, and `doctor` looks for strays.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=16)

    class Meta:
        verbose_name_plural = "identities"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["digest", "kind"], name="customers_identity_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "customer", "kind"}
        sensitive: ClassVar = {"digest": masks.hidden}

    def __str__(self) -> str:
        return self.kind


class ContactPoint(models.Model):
    """One way to reach a customer, sealed; the digest finds it exactly, the tail by its last four digits."""

    # Binds the seal to this row; never searched for, so it has no index of its own.
    key = models.UUIDField(default=uuid4, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    field = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    sealed = models.TextField()
    digest = models.BinaryField(max_length=16)
    tail = models.BinaryField(max_length=16, null=True)
    source = models.CharField(max_length=60)
    primary = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["customer", "field", "digest"], name="customers_contact_point_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["digest"], name="customers_contact_exact"),
            models.Index(fields=["tail"], name="customers_contact_tail", condition=Q(tail__isnull=False)),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "customer", "field", "kind", "source", "primary"}
        sensitive: ClassVar = {"sealed": masks.hidden, "digest": masks.hidden, "tail": masks.hidden}

    def __str__(self) -> str:
        return f"{self.field} {self.key}"


class Objection(models.Model):
    """A customer who wants no decisions and no recommendations from a profile of theirs (PIPL, article 24)."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Privacy:
        internal: ClassVar = {"customer", "since", "by"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.since}"


class CustomerVersion(models.Model):
    """What a customer was before one change; sealed parts stay sealed."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    changed = models.JSONField()
    prior = models.JSONField()
    source = models.CharField(max_length=60)
    batch = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "number"], name="customers_version_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "customer", "number", "changed", "source", "batch", "at"}
        internal: ClassVar = {"by"}
        personal: ClassVar = {"prior": masks.hidden}

    def __str__(self) -> str:
        return f"{self.customer_id} v{self.number}"


class SavedView(models.Model):
    """A list of customers worth opening again: filters, sort and columns, for oneself or for everybody."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey("kernel.User", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "name"], name="customers_saved_view_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "user", "name", "shared"}
        internal: ClassVar = {"query"}

    def __str__(self) -> str:
        return self.name
