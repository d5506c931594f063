"""Writing the audit log: in the same transaction as the change it tells of."""

from collections.abc import Mapping

from django.db import models

from zhike.kernel.models import AuditEntry, User


def record(
    what: str,
    thing: models.Model | None,
    *,
    by: User | None,
    note: str = "",
    changes: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Note that `by` (None: the system) did `what` to `thing`. Put no personal value in clear into `changes`."""
    kind = thing._meta.label if thing is not None else ""
    name = str(getattr(thing, "key", None) or thing.pk) if thing is not None else ""
    return AuditEntry.objects.create(
        what=what, kind=kind, thing=name, by=by, note=note, changes=dict(changes or {})
    )
