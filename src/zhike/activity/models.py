"""Facts about customers: what they bought, brought back, said, rated and looked at."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.activity import words
from zhike.core import masks
from zhike.kernel.models import Tracked


class Direction(models.TextChoices):
    """Who began an interaction."""

    OUT = "out", _("We to the customer")
    IN = "in", _("The customer to us")


class Product(models.Model):
    """Something sold, known by its code; a product first seen in an order has its code only."""

    class Withheld(models.TextChoices):
        """Why a product is not recommended for now."""

        STOCK = "stock", _("Out of stock")
        ENDED = "ended", _("No longer sold")
        UNFIT = "unfit", _("Not to be recommended")

    code = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=100, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    source = models.CharField(max_length=60)
    withheld = models.CharField(
        max_length=10, blank=True, default="", db_default="", choices=Withheld.choices
    )

    class Privacy:
        public: ClassVar = {"id", "code", "name", "category", "brand", "price", "source", "withheld"}

    def __str__(self) -> str:
        return self.code

    @property
    def shown(self) -> str:
        """The name as one reads it, or the code when only that is known."""
        return words.calm(self.name) or self.code


class Order(Tracked):
    """One purchase; its amount is the sum of its lines unless the source gave a total."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=100)
    placed_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    total = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    discount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    channel = models.CharField(max_length=60, blank=True)
    store = models.CharField(max_length=100, blank=True)
    payment = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["number", "source"], name="activity_order_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "placed_at"], name="activity_order_of_customer"),
            models.Index(fields=["placed_at", "id"], name="activity_order_by_time"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "source", "channel", "store", "payment", "tx"}
        internal: ClassVar = {"customer", "number", "placed_at", "amount", "total", "discount"}

    def __str__(self) -> str:
        return self.number


class OrderLine(Tracked):
    """One product within an order; the `position` keeps a line the same line when a file is sent again."""

    # Without database constraints: checking them costs more than writing the line, and imports write millions. Lines are
    # only written together with their order, the order's eraser deletes them, and `doctor` looks for strays.
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    position = models.CharField(max_length=60)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    discount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "position"], name="activity_order_line_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "product", "position", "batch", "tx"}
        internal: ClassVar = {"order", "quantity", "amount", "discount"}

    def __str__(self) -> str:
        return f"{self.order_id} {self.position}"


class Return(Tracked):
    """Money given back for goods brought back; it lowers what a customer has spent."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="returns")
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    returned_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reason = models.CharField(max_length=200, blank=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "number", "source"], name="activity_return_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "returned_on"], name="activity_return_of_customer"),
        ]

    class Privacy:
        public: ClassVar = {"id", "source", "batch", "tx"}
        internal: ClassVar = {"customer", "order", "number", "returned_on", "amount", "reason"}

    def __str__(self) -> str:
        return self.number


class Interaction(Tracked):
    """One contact with a customer: when, on which channel, what for, and what was said."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    at = models.DateTimeField()
    channel = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=100, blank=True)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    content = models.TextField(blank=True, max_length=5000)
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["customer", "number", "source"], name="activity_interaction_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "at"], name="activity_interaction_of"),
            models.Index(fields=["at", "id"], name="activity_interaction_by_time"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "source", "batch", "tx"}
        internal: ClassVar = {"customer", "number", "at", "channel", "purpose", "direction", "by"}
        personal: ClassVar = {"content": masks.hidden}

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"


class Feedback(Tracked):
    """What a customer thought: a rating from 1 to 5, words, or both."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    at = models.DateTimeField()
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    channel = models.CharField(max_length=60, blank=True)
    content = models.TextField(blank=True, max_length=5000)
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")
    batch = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "feedback"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "number", "source"], name="activity_feedback_once"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=0, rating__lte=10),
                name="activity_feedback_rating_in_range",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "at"], name="activity_feedback_of"),
        ]

    class Privacy:
        public: ClassVar = {"id", "key", "source", "batch", "tx"}
        internal: ClassVar = {"customer", "number", "at", "rating", "channel", "by"}
        personal: ClassVar = {"content": masks.hidden}

    def __str__(self) -> str:
        return f"{self.rating} {self.key}"


class Event(Tracked):
    """Something a customer did on a site, in an app or in a shop: a visit, a page viewed, a coupon redeemed."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    detail = models.CharField(max_length=300, blank=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "number", "source"], name="activity_event_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "at"], name="activity_event_of"),
        ]

    class Privacy:
        public: ClassVar = {"id", "source", "kind", "batch", "tx"}
        internal: ClassVar = {"customer", "number", "at", "detail"}

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
