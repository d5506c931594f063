"""The three columns a problem file adds to the original ones, and how a corrected row names the row it corrects."""

from uuid import UUID

from zhike.core.text import Text

# Never translated: a file downloaded in one language is recognised in the other.
ORIGIN = "知客行号"
REASONS = Text(zh="问题", en="Problem")
REMEDIES = Text(zh="建议", en="Remedy")
OURS = frozenset({ORIGIN, REASONS.zh, REASONS.en, REMEDIES.zh, REMEDIES.en})


def origin(batch: UUID, row: int) -> str:
    """What the origin column says of a row."""
    return f"{batch}#{row}"


def read(cell: str) -> tuple[UUID, int] | None:
    """The batch and row that an origin cell names, or None when it names none."""
    key, _, row = cell.strip().partition("#")
    try:
        return (UUID(key), int(row)) if row.isdigit() and len(row) < 12 else None
    except ValueError:
        return None
