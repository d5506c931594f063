"""What a job brought, in words: its receipt's counts under their names."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from zhike.core import figures

NAMES = {
    "read": noop("Read"),
    "accepted": noop("Accepted"),
    "held": noop("Held"),
    "refused": noop("Refused"),
    "added": noop("Added"),
    "changed": noop("Changed"),
    "removed": noop("Removed"),
    "created": noop("Created"),
    "updated": noop("Updated"),
    "customers": noop("Customers"),
    "scores": noop("Scores"),
    "moves": noop("Moves"),
    "placed": noop("Placed"),
    "tasks": noop("Tasks"),
    "records": noop("Execution records"),
    "seconds": noop("Seconds"),
    "rows": noop("Rows"),
    "as_of": noop("As of"),
    "file": noop("File"),
    "kind": noop("Kind"),
}


def outcome(result: object) -> list[tuple[str, str]]:
    """The counts of a result by name; a step inside a step is named with it, details stay on their own pages."""
    return list(_flat(result, "")) if isinstance(result, dict) else []


def _flat(result: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in result.items():
        name = _(NAMES[key]) if key in NAMES else key.replace("_", " ")
        label = f"{prefix} · {name}" if prefix else name
        if isinstance(value, dict):
            found += _flat(value, label)
        elif isinstance(value, int | float | str) and value != "":
            found.append((label, figures.figure(value)))
    return found
