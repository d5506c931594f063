"""Questions to kernel's tables."""

import hashlib
import time

from django.db.models import QuerySet
from django.utils import timezone

from zhike.kernel.models import ApiToken, AuditEntry, Department, Installation, Invitation, Job, User
from zhike.kernel.rights import Right

_INSTALLATION_SECONDS = 5.0
_installation: tuple[float, Installation] | None = None


def installation() -> Installation:
    """The one installation row, remembered for a few seconds because every page asks for it."""
    global _installation
    if _installation is None or time.monotonic() - _installation[0] > _INSTALLATION_SECONDS:
        found = Installation.objects.filter(id=1).first() or Installation(id=1)
        _installation = (time.monotonic(), found)
    return _installation[1]


def forget_installation() -> None:
    """Read the installation row anew next time (after a change, and between tests)."""
    global _installation
    _installation = None


def staff(asker: User) -> QuerySet[User]:
    """The members of staff that the asker may see: everybody with the right to manage, else those in scope."""
    people = User.objects.select_related("department").order_by("name")
    if asker.has(Right.STAFF_MANAGE) or asker.scope == "all":
        return people
    if asker.department is None or asker.scope == "own":
        return people.filter(pk=asker.pk)
    if asker.scope == "department":
        return people.filter(department=asker.department)
    return people.filter(department__path__startswith=asker.department.path)


def departments() -> QuerySet[Department]:
    """All departments, parents before children."""
    return Department.objects.order_by("path")


def audit_entries(asker: User) -> QuerySet[AuditEntry]:
    """The audit log, newest first; empty for those without the right to read it."""
    entries = AuditEntry.objects.select_related("by").order_by("-id")
    return entries if asker.has(Right.AUDIT_VIEW) else entries.none()


def jobs(asker: User) -> QuerySet[Job]:
    """Background jobs: all of them for administrators and auditors, one's own otherwise."""
    every = Job.objects.select_related("by").order_by("-id")
    return every if asker.has(Right.AUDIT_VIEW) or asker.has(Right.STAFF_MANAGE) else every.filter(by=asker)


def tokens(asker: User) -> QuerySet[ApiToken]:
    """One's own API tokens; administrators see all."""
    every = ApiToken.objects.select_related("user").order_by("-id")
    return every if asker.has(Right.STAFF_MANAGE) else every.filter(user=asker)


def digest(secret: str) -> bytes:
    """How links and tokens are kept: SHA-256 of 256 random bits needs no salt."""
    return hashlib.sha256(secret.encode()).digest()


def invitation(secret: str) -> Invitation | None:
    """The open invitation behind a link, if any."""
    return Invitation.objects.open(at=timezone.now()).filter(digest=digest(secret)).first()


def token(secret: str) -> ApiToken | None:
    """The living API token with this secret, if its user is active."""
    found = (
        ApiToken.objects.select_related("user__department")
        .filter(digest=digest(secret), revoked_at=None, user__is_active=True)
        .first()
    )
    return None if found is None or (found.expires_at and found.expires_at < timezone.now()) else found


def is_set_up() -> bool:
    """Whether anybody can sign in yet; the invented staff of a demonstration cannot."""
    return User.objects.filter(is_active=True).exclude(password__startswith="!").exists()  # noqa: S106
