"""The audit log in words: what each recorded act means to a reader."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.core import figures
from zhike.kernel.models import Scope
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES

GROUPS: dict[str, Promise] = {
    "staff": _("Staff"),
    "customers": _("Customers"),
    "activity": _("Activity"),
    "blueprint": _("Blueprint"),
    "intake": _("Imports"),
    "insight": _("Customer assets"),
    "tiers": _("Tiers and tags"),
    "strategies": _("Strategies"),
    "execution": _("Tasks and execution"),
    "effect": _("Effect"),
    "loop": _("Closed loop"),
    "export": _("Exports"),
    "keys": _("Keys"),
    "demo": _("Demonstration"),
    "department": _("Departments"),
    "token": _("API tokens"),
    "installation": _("Installation"),
    "audit": _("Audit log"),
    "job": _("Background jobs"),
}

ACTS: dict[str, Promise] = {
    "activity.absorbed": _("Took in rows of a file"),
    "activity.exported": _("Exported orders and contacts"),
    "activity.feedback": _("Recorded feedback"),
    "activity.interaction": _("Recorded an interaction"),
    "blueprint.adopted": _("Adopted a blueprint"),
    "blueprint.draft_begun": _("Began a draft of the blueprint"),
    "blueprint.draft_saved": _("Saved a draft of the blueprint"),
    "blueprint.retired": _("Retired a blueprint version"),
    "blueprint.published": _("Published the blueprint"),
    "customers.absorbed": _("Took in customers of a file"),
    "customers.assigned": _("Assigned customers"),
    "customers.created": _("Created a customer"),
    "customers.edited": _("Edited a customer"),
    "customers.erased": _("Erased a customer"),
    "customers.restored": _("Restored an earlier state of a customer"),
    "customers.revealed": _("Revealed a masked value"),
    "customers.view_dropped": _("Removed a saved view"),
    "customers.view_saved": _("Saved a view"),
    "customers.exported": _("Exported customers"),
    "demo.imported": _("Loaded demonstration data"),
    "demo.month": _("Ran a month of the demonstration"),
    "demo.sent": _("Made demonstration records"),
    "effect.exported": _("Exported effects"),
    "effect.measured": _("Measured effects"),
    "effect.noted": _("Explained a figure"),
    "execution.added": _("Added a task"),
    "execution.cancelled": _("Cancelled a task"),
    "execution.completed": _("Completed a task"),
    "execution.completed_many": _("Completed several tasks"),
    "execution.planned": _("Planned tasks"),
    "execution.postponed": _("Postponed a task"),
    "execution.reassigned": _("Gave a task to somebody else"),
    "execution.recorded": _("Recorded what was done"),
    "execution.records_exported": _("Exported execution records"),
    "execution.reopened": _("Reopened a task"),
    "execution.tables_exported": _("Exported the three working tables"),
    "execution.tasks_exported": _("Exported tasks"),
    "execution.undone": _("Undid a completion"),
    "export.revealed": _("Exported values in clear"),
    "insight.ran": _("Computed scores and tiers"),
    "intake.column_forgotten": _("Forgot a column's match"),
    "intake.confirmed": _("Confirmed an import"),
    "intake.discarded": _("Discarded an import"),
    "intake.dismissed": _("Dismissed problem rows"),
    "intake.failed": _("An import failed"),
    "intake.finished": _("An import ended"),
    "intake.kind_changed": _("Changed what a file holds"),
    "intake.looked_again": _("Read a file anew"),
    "intake.problems_downloaded": _("Downloaded problem rows"),
    "intake.received": _("Received a file"),
    "intake.stopped": _("Stopped an import"),
    "intake.retried": _("Tried an import again"),
    "intake.source_added": _("Added a source"),
    "intake.source_changed": _("Changed a source"),
    "keys.resealed": _("Sealed values anew"),
    "keys.rotated": _("Rotated the keys"),
    "loop.quarterly": _("Ran the quarterly review"),
    "strategies.adopted": _("Put strategies in force"),
    "strategies.excepted": _("Made an exception for a customer"),
    "strategies.exception_ended": _("Ended an exception"),
    "strategies.reviewed": _("Reviewed a strategy"),
    "tiers.moved": _("Moved a customer to a tier"),
    "tiers.released": _("Let the rules place a customer again"),
    "tiers.tag_made": _("Made a tag"),
    "tiers.tag_retired": _("Retired a tag"),
    "tiers.tagged": _("Tagged customers"),
    "tiers.untagged": _("Removed a tag"),
    "staff.password_reset": _("Set a password anew"),
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

# The names under which acts keep their details; others are shown as recorded.
DETAILS: dict[str, Promise] = {
    "role": _("Role"),
    "scope": _("Sees"),
    "rights": _("Rights"),
    "active": _("May sign in"),
    "before": _("Was"),
    "after": _("Became"),
    "filter": _("Filter"),
    "reason": _("Reason"),
    "fields": _("Fields"),
    "field": _("Field"),
    "customers": _("Customers"),
    "tasks": _("Tasks"),
    "rows": _("Rows"),
    "kind": _("Kind"),
    "file": _("File"),
    "from": _("From"),
    "to": _("To"),
    "tier": _("Tier"),
}


VALUES: dict[str, str | Promise] = {
    **{role.key: role.label for role in ROLES.values()},
    **{scope.value: scope.label for scope in Scope},
    **{right.value: right.label for right in Right},
}


def named(detail: str) -> str:
    """The name of a detail in the reader's language."""
    return str(DETAILS.get(detail, detail))


def said(what: str) -> str:
    """The act in the reader's language; one that nobody translated is shown as it was recorded."""
    return str(ACTS.get(what, what))


def told(value: object) -> str:
    """A recorded value in the reader's language: roles, scopes and rights by their names."""
    if isinstance(value, dict):
        return ", ".join(f"{named(str(name))} {told(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(told(one) for one in value)
    return str(VALUES[value]) if isinstance(value, str) and value in VALUES else figures.figure(value)
