"""What a job brought, in words: its receipt's counts under their names."""

from zhike.desk.detail_words import Labels, labels, named, told

# Said elsewhere on the page, or of no use to a reader.
LEFT_OUT = {"batch", "state"}


def outcome(result: object) -> list[tuple[str, str]]:
    """The counts of a result by name; a step inside a step is named with it, details stay on their own pages."""
    return list(_flat(result, "", labels())) if isinstance(result, dict) else []


def _flat(result: dict[str, object], prefix: str, known: Labels) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in result.items():
        label = f"{prefix} · {named(key, known)}" if prefix else named(key, known)
        if isinstance(value, dict):
            found += _flat(value, label, known)
        elif isinstance(value, int | float | str) and value != "" and key not in LEFT_OUT:
            found.append((label, told(value, known)))
    return found
