"""Keys by which another program speaks to the API in the name of a member of staff."""

from uuid import uuid4

from django.db import models

from zhike.core import masks
from zhike.kernel.models.people import User


class ApiToken(models.Model):
    """A named, scoped key; only its digest is kept, so it can be shown once and never again."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(unique=True)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    class Privacy:
        internal = {
            "id", "key", "user", "name", "rights", "created_at", "last_used_on", "expires_at", "revoked_at",
        }  # fmt: skip
        sensitive = {"digest": masks.hidden}
