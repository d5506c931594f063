"""The audit log in words: what each recorded act means to a reader."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: dict[str, Promise] = {
    "staff": _("Staff"),
    "department": _("Departments"),
    "token": _("API tokens"),
    "installation": _("Installation"),
    "audit": _("Audit log"),
    "job": _("Background jobs"),
}

ACTS: dict[str, Promise] = {
    "staff.invited": _("Invited somebody"),
    "staff.joined": _("Joined by invitation"),
    "staff.added": _("Added a member of staff"),
    "staff.edited": _("Changed a member of staff"),
    "staff.signed_in": _("Signed in"),
    "staff.password_link": _("Made a link for a new password"),
    "staff.password_changed": _("Changed the password"),
    "staff.second_factor_dropped": _("Removed a second factor"),
    "staff.invitation_withdrawn": _("Withdrew an invitation"),
    "department.added": _("Added a department"),
    "department.renamed": _("Renamed a department"),
    "department.removed": _("Removed a department"),
    "token.issued": _("Made an API token"),
    "token.revoked": _("Stopped an API token"),
    "installation.described": _("Changed the installation"),
    "audit.exported": _("Exported the audit log"),
    "job.cancelled": _("Stopped a job"),
}


def said(what: str) -> str:
    """The act in the reader's language; one that nobody translated is shown as it was recorded."""
    return str(ACTS.get(what, what))
