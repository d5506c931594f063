"""What a job brought, in words: its receipt's counts under their names."""

from django.utils.translation import gettext_lazy as _

from zhike.core import figures

NAMES = {
    "read": _("Read"),
    "accepted": _("Accepted"),
    "held": _("Held"),
    "refused": _("Refused"),
    "added": _("Added"),
    "changed": _("Changed"),
    "removed": _("Removed"),
    "created": _("Created"),
    "updated": _("Updated"),
    "customers": _("Customers"),
    "scores": _("Scores"),
    "moves": _("Moves"),
    "placed": _("Placed"),
    "tasks": _("Tasks"),
    "records": _("Execution records"),
    "seconds": _("Seconds"),
    "rows": _("Rows"),
    "as_of": _("As of"),
    "file": _("File"),
    "kind": _("Kind"),
}


def outcome(result: object) -> list[tuple[str, str]]:
    """The counts of a result by name; a step inside a step is named with it, details stay on their own pages."""
    return list(_flat(result, "")) if isinstance(result, dict) else []


def _flat(result: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in result.items():
        name = str(NAMES[key]) if key in NAMES else key.replace("_", " ")
        label = f"{prefix} · {name}" if prefix else name
        if isinstance(value, dict):
            found += _flat(value, label)
        elif isinstance(value, int | float | str) and value != "":
            found.append((label, figures.figure(value)))
    return found
