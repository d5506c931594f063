"""The score and the forecast of every customer, and the runs that computed them and the tiers."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class Run(models.Model):
    """One computation over all customers: by which method and parameters, as of which day, and what came out."""

    class Kind(models.TextChoices):
        RFM = "rfm", _("RFM")
        TIERS = "tiers", _("Tiers")
        VALUE = "value", _("Value to come")
        CHURN = "churn", _("Churn")
        CROSS = "cross", _("Cross analysis")
        TREND = "trend", _("Trends")
        RECOMMEND = "recommend", _("Recommendations")
        OPINIONS = "opinions", _("Opinions")
        LARGE = "large", _("Large orders in sight")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    method = models.CharField(max_length=40)
    version = models.ForeignKey(
        "blueprint.BlueprintVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    params = models.JSONField(default=dict)
    as_of = models.DateField()
    customers = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    at = models.DateTimeField()
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-as_of", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "-as_of", "-id"], name="insight_run_latest"),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "key", "kind", "method", "version", "params", "as_of", "customers", "counts", "changes", "seconds",
            "at",
        }  # fmt: skip
        internal: ClassVar = {"by"}

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of}"


class Statement(models.Model):
    """A balance sheet of the customer base between two days; its rows, one per customer, are in the lake under its key.

    `runs`: the runs in force on each day by kind, None where the blueprint in force had to do; a statement made from other runs
    than those in force now is computed anew. `about`: what pages say of how it was made.
    """

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    first = models.DateField()
    second = models.DateField()
    runs = models.JSONField(default=dict)
    about = models.JSONField(default=dict)
    customers = models.PositiveIntegerField()
    seconds = models.FloatField(default=0)
    at = models.DateTimeField()
    by = models.ForeignKey("kernel.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("first", "second", name="insight_statement_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="insight_statement_forward"
            ),
        ]

    class Privacy:
        public: ClassVar = {
            "id", "key", "first", "second", "runs", "about", "customers", "seconds", "at",
        }  # fmt: skip
        internal: ClassVar = {"by"}

    def __str__(self) -> str:
        return f"{self.first} – {self.second}"


class Score(models.Model):
    """What one customer is worth and how they buy, as the latest run found it.

    `as_of` is the day on which these numbers last became different: a run that finds the same numbers leaves the row
    alone, so the scores as a whole are as recent as the latest run.
    """

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    as_of = models.DateField()
    spend = models.DecimalField(max_digits=14, decimal_places=2)
    orders = models.PositiveIntegerField()
    last_purchase_on = models.DateField(null=True)
    r = models.PositiveSmallIntegerField()
    f = models.PositiveSmallIntegerField()
    m = models.PositiveSmallIntegerField()
    rfm_class = models.CharField(max_length=30)
    metrics = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["rfm_class"], name="insight_score_class"),
            models.Index(fields=["-spend", "customer"], name="insight_score_spend"),
            models.Index(fields=["-last_purchase_on", "customer"], name="insight_score_last"),
        ]

    class Privacy:
        public: ClassVar = {"as_of"}
        internal: ClassVar = {
            "customer", "spend", "orders", "last_purchase_on", "r", "f", "m", "rfm_class", "metrics",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.customer_id} {self.rfm_class}"


class Forecast(models.Model):
    """What one customer who has bought is expected to bring, and how likely they are to stay away.

    Figures are rounded to what they can promise, so that a day without news leaves most rows alone; `as_of` is the day on
    which they last became different. `reasons`: key and value of what speaks for churn, kept where there is a warning;
    the usual values and the horizons are in the runs.
    """

    class Level(models.TextChoices):
        NONE = "none", _("No warning")
        WATCH = "watch", _("Watch")
        WARNING = "warning", _("Warning")
        CRITICAL = "critical", _("Critical")

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    as_of = models.DateField()
    purchases = models.DecimalField(max_digits=9, decimal_places=1)
    value = models.DecimalField(max_digits=14, decimal_places=0)
    low = models.DecimalField(max_digits=14, decimal_places=0)
    high = models.DecimalField(max_digits=14, decimal_places=0)
    alive = models.DecimalField(max_digits=3, decimal_places=2)
    churn = models.DecimalField(max_digits=3, decimal_places=2)
    level = models.CharField(max_length=10, choices=Level.choices)
    reasons = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-value", "customer"], name="insight_forecast_value"),
            models.Index(fields=["level"], name="insight_forecast_level"),
        ]

    class Privacy:
        public: ClassVar = {"as_of"}
        internal: ClassVar = {
            "customer", "purchases", "value", "low", "high", "alive", "churn", "level", "reasons",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.customer_id} {self.level}"


class Item(models.Model):
    """What is recommended: a product, products of one name, or a category; known by the `mark` that it bears in its grain."""

    grain = models.CharField(max_length=10)
    mark = models.CharField(max_length=200)
    label = models.CharField(max_length=200)
    share = models.FloatField(default=0)  # of the customers who bought anything

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["grain", "mark"], name="insight_item_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "grain", "mark", "label", "share"}

    def __str__(self) -> str:
        return self.label


class Recommendation(models.Model):
    """What one customer is likely to buy again, and what they may buy for the first time: ids of items, the best first.

    `because` stands beside `again` and then `fresh`: [times bought, mean days between, day of the last since 1970] for the
    first, the item bought that speaks for it (or null: it is popular) for the second. Only what changed is written.
    """

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    as_of = models.DateField()
    again = ArrayField(models.IntegerField())
    fresh = ArrayField(models.IntegerField())
    because = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["again"], name="insight_recommended_again"),
            GinIndex(fields=["fresh"], name="insight_recommended_fresh"),
        ]

    class Privacy:
        public: ClassVar = {"as_of"}
        internal: ClassVar = {"customer", "again", "fresh", "because"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.again} {self.fresh}"


class Opinion(models.Model):
    """What one piece of feedback says: for or against, and about which topics; the words themselves stay where they are.

    `said` is a checksum of the words that were judged: corrected words are judged again.
    """

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", _("Positive")
        UNCLEAR = "unclear", _("Unclear")
        NEGATIVE = "negative", _("Negative")
        UNJUDGED = "unjudged", _("Not judged")

    # Without a database constraint: feedback is deleted by set statements; the next run removes what has no feedback.
    feedback = models.OneToOneField(
        "activity.Feedback", primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    sentiment = models.CharField(max_length=10, choices=Sentiment.choices)
    topics = ArrayField(models.CharField(max_length=60))
    said = models.IntegerField()

    class Privacy:
        internal: ClassVar = {"feedback", "sentiment", "topics", "said"}

    def __str__(self) -> str:
        return f"{self.feedback_id} {self.sentiment}"


class Answer(models.Model):
    """What a long question about some customers came to: `mark` is a checksum of everything the answer depends on."""

    kind = models.CharField(max_length=12)
    mark = models.CharField(max_length=64)
    told = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "mark"], name="insight_answered_once"),
        ]

    class Privacy:
        public: ClassVar = {"id", "kind", "mark", "at"}
        internal: ClassVar = {"told"}

    def __str__(self) -> str:
        return f"{self.kind} {self.mark[:8]}"


class LargeOrder(models.Model):
    """A customer with a large order in sight as of the latest run, and the signs that say so."""

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    as_of = models.DateField()
    points = models.PositiveSmallIntegerField()
    signs = models.JSONField(default=list)

    class Privacy:
        public: ClassVar = {"as_of"}
        internal: ClassVar = {"customer", "points", "signs"}

    def __str__(self) -> str:
        return f"{self.customer_id} {self.points}"
