"""What the audit log and the receipts of jobs keep beside an act, in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.blueprint import queries as blueprints
from zhike.core import figures
from zhike.core.text import Text
from zhike.insight.facts import RFM_CLASSES
from zhike.intake import queries as intake
from zhike.kernel.models import Scope
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES

# The names under which acts and jobs keep their details; others are shown as recorded.
DETAILS: dict[str, Promise] = {
    "accepted": _("Accepted"),
    "active": _("May sign in"),
    "added": _("Added"),
    "after": _("Became"),
    "as_of": _("As of"),
    "batch": _("Import"),
    "before": _("Was"),
    "begun": _("Begun"),
    "blueprint": _("Blueprint"),
    "cancelled": _("Cancelled"),
    "changed": _("Changed"),
    "changes": _("Changes"),
    "channel": _("Channel"),
    "checked": _("Checked"),
    "column": _("Column"),
    "columns": _("Columns"),
    "created": _("Created"),
    "current": _("Current"),
    "customer": _("Customer"),
    "customers": _("Customers"),
    "decision": _("Decision"),
    "due_on": _("Due on"),
    "effects": _("Comparisons"),
    "email": _("E-mail"),
    "ended": _("Ended"),
    "export": _("Export"),
    "failed": _("Failed"),
    "field": _("Field"),
    "fields": _("Fields"),
    "file": _("File"),
    "filter": _("Filter"),
    "findings": _("Findings"),
    "first": _("From"),
    "format": _("Format"),
    "follow_up": _("To follow up"),
    "from": _("From"),
    "given": _("Tags given"),
    "header_row": _("Heading row"),
    "held": _("Held"),
    "kept": _("Kept"),
    "kind": _("Kind"),
    "kpi": _("KPI"),
    "label": _("Label"),
    "made": _("Made"),
    "manager": _("Manager"),
    "measure": _("Measure"),
    "measures": _("Measures"),
    "members": _("Members"),
    "missed": _("Missed"),
    "moves": _("Moves"),
    "name": _("Name"),
    "not_data": _("Rows that are no records"),
    "number": _("Version"),
    "placed": _("Placed"),
    "problems": _("Problems"),
    "quarter": _("Quarter"),
    "rank": _("Rank"),
    "read": _("Read"),
    "readings": _("Readings"),
    "reason": _("Reason"),
    "reassigned": _("Reassigned"),
    "records": _("Execution records"),
    "refused": _("Refused"),
    "removed": _("Removed"),
    "result": _("Outcome"),
    "revision": _("Revision"),
    "revived": _("Taken up again"),
    "rfm": _("RFM"),
    "rights": _("Rights"),
    "role": _("Role"),
    "rows": _("Rows"),
    "rule": _("Rule"),
    "scope": _("Sees"),
    "scores": _("Scores"),
    "searched": _("Searched"),
    "second": _("To"),
    "second_factor": _("Second factor"),
    "seconds": _("Seconds"),
    "segments": _("Segments"),
    "shared": _("Shared"),
    "sheet": _("Sheet"),
    "size": _("Bytes"),
    "source": _("Source"),
    "state": _("State"),
    "success": _("Success"),
    "taken": _("Tags taken away"),
    "tasks": _("Tasks"),
    "tier": _("Tier"),
    "tiers": _("Tiers"),
    "to": _("To"),
    "to_review": _("To review"),
    "unassigned": _("Without a person"),
    "unknown_columns": _("Unknown columns"),
    "updated": _("Updated"),
    "version": _("Version"),
    "what": _("What was written"),
    "wanted": _("Due"),
    "written": _("Written"),
    "xlsx": _("Excel"),
}
VALUES: dict[str, str | Promise] = {
    **{role.key: role.label for role in ROLES.values()},
    **{scope.value: scope.label for scope in Scope},
    **{right.value: right.label for right in Right},
    "success": _("Success"),
    "follow_up": _("To follow up"),
    "failed": _("Failed"),
    "keep": _("Keep"),
    "change": _("Change"),
    "drop": _("Leave out"),
    "add": _("Add"),
    "refuse": _("Refuse"),
    "rfm": _("RFM"),
    "tiers": _("Tiers"),
}


Labels = Mapping[str, Text]


def labels() -> Labels:
    """The labels of kinds of data, RFM classes and the tiers of the blueprint in force; asked once for a whole page."""
    spec = blueprints.current_or_none()
    return {
        **{kind.key: kind.label for kind in intake.kinds()},
        **{one.key: one.label for one in RFM_CLASSES.values()},
        **{tier.key: tier.label for tier in (spec.tiers if spec else ())},
    }


def named(detail: str, known: Labels) -> str:
    """The name of a detail in the reader's language."""
    return str(DETAILS.get(detail) or known.get(detail) or detail.replace("_", " "))


def told(value: object, known: Labels) -> str:
    """A recorded value in the reader's language: roles, kinds, classes and tiers by their names."""
    if isinstance(value, dict):
        return ", ".join(f"{named(str(name), known)} {told(one, known)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(told(one, known) for one in value)
    word = VALUES.get(value) or known.get(value) if isinstance(value, str) else None
    return str(word or figures.figure(value))
