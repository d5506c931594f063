"""What happened, written in the same transaction as the change and never altered."""

from django.db import models

from zhike.kernel.models.people import User


class AuditEntry(models.Model):
    """One act of one person (or of the system) on one thing; the database refuses to alter or delete it."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=60, db_index=True)
    kind = models.CharField(max_length=60)
    thing = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "thing"], name="audit_thing")]

    class Privacy:
        internal = {"id", "at", "by", "what", "kind", "thing", "note", "changes"}
