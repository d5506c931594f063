"""What the whole installation is: its name, and whether it shows demonstration data."""

from django.db import models


class Installation(models.Model):
    """One row. A demonstration pins the business date to the end of its data and says so on every page."""

    company = models.CharField(max_length=120, blank=True)
    is_demo = models.BooleanField(default=False)
    business_date = models.DateField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]

    class Privacy:
        internal = {"id", "company", "is_demo", "business_date"}
